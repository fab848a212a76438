"""What must hold for every talk, whatever is said, in whatever order."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.effects import Act, AskOffice, Need, RecordReport, Say
from conversations.heard import Child, Facts, Said, SchoolAsked, WentQuiet
from conversations.take_turn import take_turn
from conversations.talk import Pending, Stage, Talk, dump, load
from conversations.understanding.meaning import Evidence, Kind, Meaning
from conversations.wording import SENTENCES
from school.calendar import Calendar
from school.people import Channel, Session
from tests.school.test_first_day_plan import POLICY

DAY = date(2027, 1, 12)
AMY, BEN = Child(1, "Amy"), Child(2, "Ben")
FACTS = Facts(
    school="Larkmead Primary",
    office="01632 960123",
    channel=Channel.SMS,
    policy=POLICY,
    calendar=Calendar(),
    now=datetime(2027, 1, 12, 9, 30, tzinfo=ZoneInfo("Europe/London")),
    children=(AMY, BEN),
    languages=("en", "pl"),
)

meanings = st.builds(
    Meaning,
    lang=st.sampled_from(["en", "pl", "so"]),
    kind=st.sampled_from(Kind),
    detailed=st.sampled_from([True, False, None]),
    codes=st.lists(st.sampled_from(["I", "M", "O", "N"]), max_size=3).map(tuple),
    safeguarding=st.booleans(),
    children=st.sampled_from([(), ("Amy",), ("Ben",), ("Amy", "Ben"), ("Zed",)]),
    when=st.sampled_from(
        [None, "today", "today+tomorrow", "return:thursday", "today:late", "junk"]
    ),
    evidence=st.just((Evidence(0, 2, "code:I"),)),
    confidence=st.floats(0, 1),
).map(lambda m: replace(m, detailed={Kind.REASON: True, Kind.VAGUE: False}.get(m.kind)))
events = st.one_of(
    st.builds(Said, meanings, st.text(max_size=200), st.sampled_from([(), ("photo",)])),
    st.just(WentQuiet()),
    st.builds(SchoolAsked, st.sampled_from([(1,), (1, 2)]), st.just(DAY), st.just(Session.AM)),
)
facts = st.sampled_from(
    [
        FACTS,
        replace(FACTS, children=(AMY,)),
        replace(FACTS, children=()),
        replace(FACTS, known=False, children=()),
    ]
)


@settings(max_examples=500)
@given(st.lists(events, max_size=12), facts)
def test_every_talk_goes_on_asks_little_and_says_only_sentences_we_have(heard, seen):
    talk, questions = None, 0
    for event in heard:
        turn = take_turn(talk, event, seen)
        said = [e for e in turn.effects if isinstance(e, Say)]
        assert len(said) <= 1
        assert all(s.sentence in SENTENCES for s in said)
        for s in said:
            SENTENCES[s.sentence].one.format_map(dict.fromkeys(s.words, "x"))
            names_children = "{children}" in SENTENCES[s.sentence].one
            assert s.words["children"] or not names_children, s.sentence
        if isinstance(event, Said):
            assert turn.did, "no turn is silent about what it did"
            assert bool(said) != (Act.NO_REPLY in turn.did) or (
                not said and turn.did == (Act.OPT_OUT,)
            )
        questions = questions + 1 if Act.ASK_DETAIL in turn.did else questions
        if Act.CONFIRM in turn.did:
            questions = 0
        assert questions <= POLICY.vague_questions
        reports = [e.child for e in turn.effects if isinstance(e, RecordReport)]
        assert len(reports) == len(set(reports))
        talk = load(dump(turn.talk))
        assert talk == turn.talk, "the memory keeps all of a talk"


@given(meanings, st.text(max_size=100))
def test_safety_always_reaches_a_person_and_is_never_answered_with_a_question(meaning, text):
    meaning = replace(meaning, safeguarding=True)
    for seen in (FACTS, replace(FACTS, known=False, children=())):
        turn = take_turn(None, Said(meaning, text), seen)
        needs = {e.need for e in turn.effects if isinstance(e, AskOffice)}
        assert Need.SAFEGUARDING in needs
        assert Act.ASK_DETAIL not in turn.did
        assert Act.ASK_WHICH_CHILD not in turn.did


@given(meanings, st.text(max_size=100))
def test_an_unknown_sender_never_reads_a_child_s_name(meaning, text):
    stranger = replace(FACTS, known=False, children=())
    turn = take_turn(None, Said(meaning, text), stranger)
    for effect in turn.effects:
        assert not isinstance(effect, RecordReport)
        if isinstance(effect, Say):
            assert effect.words["children"] == ()


@given(st.text())
def test_a_saved_talk_that_is_not_known_loads_as_none_and_never_as_a_crash(text):
    assert load(text) is None


def test_a_saved_talk_of_another_form_loads_as_none():
    assert load(dump(Talk()).replace('"form": 1', '"form": 99')) is None


def test_what_was_about_yesterday_is_over_today():
    yesterday = Talk(stage=Stage.DETAIL, about=(1,), day=date(2027, 1, 11), asked=2, lang="pl")
    turn = take_turn(
        yesterday,
        Said(Meaning("en", Kind.VAGUE, detailed=False, children=("Amy",)), "poorly"),
        FACTS,
    )
    assert turn.did == (Act.ASK_DETAIL,)
    assert (turn.talk.asked, turn.talk.lang) == (1, "pl")


def test_a_pending_message_survives_being_saved():
    pending = Pending(
        "been sick",
        Meaning("en", Kind.REASON, detailed=True, codes=("I",), evidence=(Evidence(0, 9, "x"),)),
    )
    talk = Talk(stage=Stage.WHICH_CHILD, pending=pending)
    assert load(dump(talk)) == talk


def test_the_language_just_written_is_gone_on_in_when_we_have_it():
    meaning = Meaning("pl", Kind.REASON, detailed=True, children=("Amy",), confidence=0.9)
    turn = take_turn(None, Said(meaning, "Amy ma gorączkę"), FACTS)
    assert turn.did == (Act.SWITCH_LANGUAGE, Act.CONFIRM)
    assert turn.talk.lang == "pl"
    short = take_turn(None, Said(meaning, "tak"), FACTS)
    assert short.talk.lang == ""


def test_the_provider_s_own_stop_is_not_answered_a_second_time():
    stop = Said(Meaning("en", Kind.OPT_OUT), "STOP")
    assert take_turn(None, stop, replace(FACTS, provider_stops=True)).did == (Act.OPT_OUT,)
    effects = take_turn(None, stop, replace(FACTS, provider_stops=True)).effects
    assert not any(isinstance(e, Say) for e in effects)
