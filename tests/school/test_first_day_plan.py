"""Who is asked, by what, and who is left out: the plan of a run, without a database."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school.first_day import Absence, LeftOut, is_due, plan
from school.people import Channel, Contact, Pupil, Session
from school.policy import Policy

POLICY = Policy(
    name="x",
    am_opens=time(8, 50),
    am_closes=time(9, 20),
    pm_opens=time(13, 15),
    pm_closes=time(13, 30),
)
LONDON = ZoneInfo("Europe/London")


def contact(n, *, order=1, no_contact=False, channels=(Channel.SMS,), preferred=None):
    return Contact(
        id=n,
        name=f"C{n}",
        order=order,
        relationship="parent",
        language="en",
        no_contact=no_contact,
        addresses=tuple((c, f"{c}-{n}") for c in channels),
        preferred=preferred,
    )


def pupil(n, *contacts):
    return Pupil(id=n, first=f"P{n}", last="X", class_id=1, class_name="3A", contacts=contacts)


@pytest.mark.mission("S3-02")
@pytest.mark.parametrize(
    ("clock", "due"),
    [("09:00", False), ("09:19", False), ("09:20", True), ("11:59", True), ("12:00", False)],
)
def test_the_run_waits_for_the_register_to_close_and_stops_at_the_limit(clock, due):
    hour, minute = map(int, clock.split(":"))
    assert is_due(POLICY, Session.AM, datetime(2027, 1, 12, hour, minute, tzinfo=LONDON)) is due


@pytest.mark.mission("S3-02")
def test_summer_time_moves_the_run_with_the_school_s_own_clock():
    at_0825_utc = datetime(2027, 6, 8, 8, 25, tzinfo=ZoneInfo("UTC"))
    assert is_due(POLICY, Session.AM, at_0825_utc.astimezone(LONDON))


def test_a_contact_with_a_no_contact_order_is_passed_over():
    made = plan([Absence(pupil(1, contact(1, no_contact=True), contact(2, order=2)), "N")], POLICY)
    assert [a.contact.id for a in made.asks] == [2]


def test_a_contact_without_any_address_is_passed_over():
    made = plan([Absence(pupil(1, contact(1, channels=()), contact(2, order=2)), "N")], POLICY)
    assert [a.contact.id for a in made.asks] == [2]


@pytest.mark.feature("F65")
def test_the_channel_a_parent_chose_comes_before_the_school_s_order():
    both = (Channel.SMS, Channel.EMAIL)
    chosen = plan(
        [Absence(pupil(1, contact(1, channels=both, preferred=Channel.EMAIL)), "N")], POLICY
    )
    usual = plan([Absence(pupil(1, contact(1, channels=both)), "N")], POLICY)
    assert (chosen.asks[0].channel, usual.asks[0].channel) == (Channel.EMAIL, Channel.SMS)


@pytest.mark.parametrize(
    ("absence", "why"),
    [
        (Absence(pupil(1, contact(1)), "I"), LeftOut.EXPLAINED),
        (Absence(pupil(1, contact(1)), "N", reported=True), LeftOut.REPORTED),
        (Absence(pupil(1, contact(1)), "N", asked=frozenset({1})), LeftOut.ASKED),
        (Absence(pupil(1), "N"), LeftOut.NO_CONTACT),
    ],
)
def test_a_child_is_left_out_for_a_reason_that_is_kept(absence, why):
    made = plan([absence], POLICY)
    assert made.asks == ()
    assert [reason for _, reason in made.left_out] == [why]


contacts = st.lists(
    st.builds(
        contact,
        st.integers(1, 6),
        order=st.integers(1, 4),
        no_contact=st.booleans(),
        channels=st.sets(st.sampled_from([Channel.SMS, Channel.EMAIL, Channel.TELEGRAM])).map(
            tuple
        ),
    ),
    max_size=4,
    unique_by=lambda c: c.id,
)
absences = st.lists(
    st.builds(
        lambda n, cs, code, reported: Absence(pupil(n, *cs), code, reported),
        st.integers(1, 50),
        contacts,
        st.sampled_from(["N", "I", "M"]),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda a: a.pupil.id,
)


@given(absences)
def test_every_child_is_asked_about_once_or_left_out_for_a_reason(given_absences):
    made = plan(given_absences, POLICY)
    asked = [p.id for ask in made.asks for p in ask.pupils]
    left = [p.id for p, _ in made.left_out]
    assert sorted(asked + left) == sorted(a.pupil.id for a in given_absences)
    assert len({ask.contact.id for ask in made.asks}) == len(made.asks)
    unexplained = {a.pupil.id for a in given_absences if a.code == "N" and not a.reported}
    assert set(asked) <= unexplained
    for ask in made.asks:
        for child in ask.pupils:
            assert not next(c for c in child.contacts if c.id == ask.contact.id).no_contact
