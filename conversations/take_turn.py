"""One turn of a talk: state and what was heard give state and effects. Pure.

Order: an unknown sender learns nothing; stop and wrong number are heard before any flow; safety
comes before everything that could ask a question.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from conversations.effects import Act, AskOffice, Effect, Need, StopAddress, WakeAt
from conversations.flows import absence, hand_over, safety, silence
from conversations.flows.silence import next_contact
from conversations.heard import Facts, Heard, Said, SchoolAsked, WentQuiet
from conversations.talk import Stage, Talk
from conversations.turn import Turn, say
from conversations.understanding.meaning import Kind
from school.people import Channel

_SURE = 0.6
_ENOUGH_WORDS = 2


def take_turn(talk: Talk | None, heard: Heard, facts: Facts) -> Turn:
    """Hear something and decide what to do.

    Args:
        talk: the state of the talk with this address; None for a new one.
        heard: words, silence, or the school's own question.
        facts: the snapshot to decide on.
    """
    now = (talk or Talk()).on(facts.today)
    match heard:
        case SchoolAsked():
            return absence.school_asked(now, heard, facts)
        case WentQuiet():
            return silence.went_quiet(now, facts)
        case Said():
            return _said(now, heard, facts)
        case _:
            assert_never(heard)


def _said(talk: Talk, said: Said, facts: Facts) -> Turn:
    if said.meaning.kind in {Kind.OPT_OUT, Kind.WRONG_NUMBER} and not said.meaning.safeguarding:
        return _stop(talk, said, facts)
    if not facts.known:
        return _stranger(talk, said, facts)
    if talk.stage is Stage.STRANGER:  # on record since: by a shared number, or an import
        talk = talk.waiting(Stage.IDLE)
    spoken, switched = _in_their_language(talk, said, facts)
    turn = _answer(spoken, said, facts)
    if switched and Act.NO_REPLY not in turn.did:
        return replace(turn, did=(Act.SWITCH_LANGUAGE, *turn.did))
    return turn


def _answer(talk: Talk, said: Said, facts: Facts) -> Turn:
    kind = said.meaning.kind
    if said.meaning.safeguarding or kind is Kind.SAFEGUARDING_ONLY:
        return safety.escalate(talk, said, facts)
    if talk.stage is Stage.WITH_PERSON:
        return hand_over.to_the_person(talk, said, facts)
    if said.attachments and not said.text.strip():
        return absence.ask_for_words(talk, facts)
    if kind is Kind.IN_SCHOOL:
        return safety.check_register(talk, said, facts)
    if kind in {Kind.REASON, Kind.VAGUE} or _answers_which_child(talk, said):
        return absence.told(talk, said, facts)
    return hand_over.by_kind(talk, said, facts)


def _answers_which_child(talk: Talk, said: Said) -> bool:
    return talk.stage is Stage.WHICH_CHILD and bool(said.meaning.children)


def _stop(talk: Talk, said: Said, facts: Facts) -> Turn:
    """Stop this channel alone; the office is told (labelling guide 30)."""
    children = tuple(child.id for child in facts.children)
    after = replace(talk.waiting(Stage.IDLE), unanswered=())
    ask_another: tuple[Effect, ...] = (*next_contact(talk, facts), WakeAt(None))
    if said.meaning.kind is Kind.WRONG_NUMBER:
        effects = (
            say("wrong_number", facts),
            StopAddress("wrong number"),
            AskOffice(Need.WRONG_NUMBER, children),
            *ask_another,
        )
        return Turn(after, effects, (Act.WRONG_NUMBER,))
    stop = (StopAddress("opted out"), AskOffice(Need.OPTED_OUT, children), *ask_another)
    if facts.provider_stops:  # the provider has answered already and lets nothing more through
        return Turn(after, stop, (Act.OPT_OUT,))
    return Turn(after, (say("opted_out", facts), *stop), (Act.OPT_OUT,))


def _stranger(talk: Talk, said: Said, facts: Facts) -> Turn:
    """An address that is not on record: one neutral answer a day, and a person looks (S3, D16)."""
    effects = [AskOffice(Need.UNKNOWN_SENDER)]
    acts = [Act.VERIFY_IDENTITY]
    if said.meaning.safeguarding:
        effects = [AskOffice(Need.SAFEGUARDING, note="from a number that is not on record")]
        acts.append(Act.ESCALATE)
    if talk.stage is Stage.STRANGER:
        return Turn(talk, tuple(effects), (*acts, Act.NO_REPLY))
    # Only Telegram lets a person prove their own number.
    sentence = "share_number" if facts.channel is Channel.TELEGRAM else "unknown_sender"
    answer = say(sentence, facts)
    return Turn(talk.waiting(Stage.STRANGER), (answer, *effects), tuple(acts))


def _in_their_language(talk: Talk, said: Said, facts: Facts) -> tuple[Talk, bool]:
    """Go on in the language just written, where we have it and are sure enough."""
    lang = said.meaning.lang
    current = talk.lang or facts.language
    enough = len(said.text.split()) >= _ENOUGH_WORDS and said.meaning.confidence >= _SURE
    if lang == current or lang not in facts.languages or not enough:
        return talk, False
    return replace(talk, lang=lang), True
