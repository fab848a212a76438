"""The small commands: staff, the run by hand, Telegram invitations; right use and wrong use."""

import io

import pytest

from actions.sign_in import owner, sign_in
from commands import run_now, staff, telegram
from store.links import LinkRow
from store.outbox import OutboundRow
from store.staff import StaffRow
from tests import conversation_kit as kit
from tests import larkmead
from tests.larkmead import at


@pytest.fixture
async def school(db, policy_text):
    return await larkmead.found(db, policy_text)


class Terminal:
    def __init__(self):
        self.out, self.err = io.StringIO(), io.StringIO()


async def add_staff(db, terminal, **changed):
    given = {
        "school": "larkmead",
        "email": "kim@larkmead.example",
        "name": "Kim Lee",
        "role": "office",
        "phone": "+447700900191",
        "password": "a long enough one",
    } | changed
    return await staff.add(db, **given, out=terminal.out, err=terminal.err)


async def test_a_new_member_of_staff_can_sign_in_at_once(db, school):
    assert await add_staff(db, Terminal()) == 0
    async with db.work() as session:
        signed_in = await sign_in(
            session,
            email="kim@larkmead.example",
            person=await owner(session, email="kim@larkmead.example", password="a long enough one"),
            network_address="127.0.0.1",
            now=at(8),
        )
    assert signed_in is not None
    assert (await kit.rows(db, StaffRow))[-1].phone == "+447700900191"


@pytest.mark.parametrize("written", ["07700 900190", "+44 7700 900190", "(07700) 900-190"])
async def test_a_mobile_is_kept_in_the_form_that_texts_are_sent_to(db, school, written):
    assert await add_staff(db, Terminal(), phone=written) == 0
    assert (await kit.rows(db, StaffRow))[-1].phone == "+447700900190"


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({"phone": "01632 960123"}, 1, "landline"),
        ({"phone": "ask Jo"}, 1, "not a number. Give a mobile, such as 07700 900190"),
        ({"phone": "4.4770E+11"}, 1, "shortened"),
        ({"school": "nowhere"}, 2, "larkmead"),
        ({"role": "wizard"}, 1, "role must be one of"),
        ({"password": "short"}, 1, "at least 12"),
        ({"email": "kim"}, 1, "e-mail address"),
    ],
)
async def test_wrong_use_says_what_was_expected_and_adds_nobody(db, school, changed, status, says):
    terminal = Terminal()
    assert await add_staff(db, terminal, **changed) == status
    assert says in terminal.err.getvalue()
    assert len(await kit.rows(db, StaffRow)) == 1


async def run(db, terminal, now, **changed):
    given = {"school": "larkmead", "session": "am"} | changed
    return await run_now.run(db, **given, now=now, out=terminal.out, err=terminal.err)


@pytest.mark.mission("S0-03")
async def test_a_person_may_run_before_the_register_closes_and_is_told_what_was_done(db, school):
    await larkmead.register(db, school, {"Amy": "N", "Idris": "N", "Tom": "I"}, missing="5A")
    terminal = Terminal()
    assert await run(db, terminal, at(9, 5)) == 0
    told = terminal.out.getvalue()
    assert "2 classes, 1 messages about 1 children" in told
    assert "Held, register not in: 5A" in told
    assert "nobody we may and can reach: 1" in told
    assert "Amy" not in told
    assert len(await kit.rows(db, OutboundRow)) == 1


async def test_running_twice_by_hand_asks_nobody_twice(db, school):
    await larkmead.register(db, school, {"Amy": "N"})
    await run(db, Terminal(), at(9, 5))
    await run(db, Terminal(), at(9, 6))
    assert len(await kit.rows(db, OutboundRow)) == 1


async def test_no_run_on_a_saturday(db, school):
    terminal = Terminal()
    assert await run(db, terminal, at(9, 30, larkmead.DAY.replace(day=16))) == 1
    assert "not a school day" in terminal.err.getvalue()


@pytest.mark.parametrize("changed", [{"school": "nowhere"}, {"session": "night"}])
async def test_wrong_use_of_the_run_is_refused(db, school, changed):
    terminal = Terminal()
    assert await run(db, terminal, at(9, 30), **changed) == 2
    assert terminal.err.getvalue()


async def invite(db, terminal, **changed):
    given = {"school": "larkmead", "contact": "gwen", "bot": "larkmead_bot"} | changed
    return await telegram.invite(db, **given, now=at(8), out=terminal.out, err=terminal.err)


@pytest.mark.fault("E7")
async def test_an_invitation_joins_the_contact_once_and_only_once(db, school):
    terminal = Terminal()
    assert await invite(db, terminal) == 0
    link = terminal.out.getvalue().splitlines()[0]
    assert link.startswith("https://t.me/larkmead_bot?start=")
    payload = link.partition("start=")[2]
    assert len(payload) >= 22
    assert payload not in [row.token for row in await kit_links(db)]
    for chat in ("501", "502"):
        await kit.say(db, larkmead.telegram(chat, "", start=payload), at(8, 30))
    answers = [await kit.owed(db, chat) for chat in ("501", "502")]
    assert "You will now get messages" in answers[0][0]
    assert "used or is too old" in answers[1][0]


async def kit_links(db):
    from sqlmodel import select

    async with db.read() as session:
        return list((await session.exec(select(LinkRow))).all())


async def test_an_old_invitation_is_refused(db, school):
    terminal = Terminal()
    await invite(db, terminal)
    payload = terminal.out.getvalue().splitlines()[0].partition("start=")[2]
    later = at(8, 30, larkmead.DAY.replace(day=20))
    await kit.say(db, larkmead.telegram("501", "", start=payload), later)
    assert "too old" in (await kit.owed(db, "501"))[0]


@pytest.mark.fault("E8")
async def test_a_shared_number_of_one_s_own_joins_and_an_unknown_one_does_not(db, school):
    gwen = larkmead.CONTACTS["gwen"][1]
    await kit.say(db, larkmead.telegram("501", "", shared_phone=gwen), at(8, 30))
    await kit.say(db, larkmead.telegram("502", "", shared_phone="+447700900666"), at(8, 30))
    assert "You will now get messages" in (await kit.owed(db, "501"))[0]
    assert "do not have this number" in (await kit.owed(db, "502"))[0]
    reported = await kit.say(db, larkmead.telegram("501", "Amy has chicken pox"), at(8, 31))
    assert reported.did == ("confirm",)


async def test_a_stranger_on_telegram_is_offered_to_share_their_number(db, school):
    await kit.say(db, larkmead.telegram("777", "Amy is poorly"), at(8, 30))
    (answer,) = await kit.owed(db, "777")
    assert "press the button" in answer
    assert "Amy" not in answer


@pytest.mark.fault("A15")
async def test_a_parent_who_blocks_the_bot_is_reached_by_text_again(db, school):
    gwen = larkmead.CONTACTS["gwen"][1]
    await kit.say(db, larkmead.telegram("501", "", shared_phone=gwen), at(8, 30))
    await kit.say(db, larkmead.telegram("501", "", blocked=True), at(8, 40))
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 20))
    assert len(await kit.owed(db, gwen)) == 1


@pytest.mark.parametrize(
    ("changed", "status"), [({"bot": ""}, 2), ({"school": "x"}, 2), ({"contact": "nobody"}, 1)]
)
async def test_an_invitation_that_cannot_be_made_says_why(db, school, changed, status):
    terminal = Terminal()
    assert await invite(db, terminal, **changed) == status
    assert terminal.err.getvalue()


async def test_start_lifts_a_stop_and_the_parent_is_asked_again(db, school):
    gwen, sam = (larkmead.CONTACTS[k][1] for k in ("gwen", "sam"))
    await kit.say(db, larkmead.text(gwen, "STOP"), at(8))
    started = await kit.say(db, larkmead.text(gwen, "START"), at(8, 1))
    assert started.did == ("no_reply",)
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 20))
    assert any("not in school" in t for t in await kit.owed(db, gwen))
    assert await kit.owed(db, sam) == []


@pytest.mark.feature("F60")
async def test_after_stop_the_next_contact_is_asked_and_the_office_is_told(db, school):
    gwen, sam = (larkmead.CONTACTS[k][1] for k in ("gwen", "sam"))
    await kit.say(db, larkmead.text(gwen, "STOP"), at(8))
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 20))
    assert len(await kit.owed(db, sam)) == 1
    assert "opted_out" in [t.kind for t in await kit.tasks(db)]
