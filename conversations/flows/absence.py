"""The absence flow: which child, why, for how long, and a line that reads it back.

A detailed reason is taken at once; a vague one is asked about at most as often as the policy
says, in other words each time, and then goes to a person as it is (labelling guide 27; S3-05 to
S3-10).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from conversations.effects import Act, AskOffice, Effect, Need, RecordReport, Say, WakeAt
from conversations.heard import Child, Facts, Said, SchoolAsked
from conversations.record import days_of, quoted, record
from conversations.reference import reference
from conversations.talk import Pending, Stage, Talk
from conversations.turn import Turn, say
from conversations.understanding.dates import Days
from conversations.understanding.meaning import Meaning

_WHICH_CHILD_QUESTIONS = 2


def school_asked(talk: Talk, asked: SchoolAsked, facts: Facts) -> Turn:
    """The first-day run asks: say so, and wait for the reason."""
    about = tuple(dict.fromkeys((*talk.about, *asked.pupils)))
    children = tuple(c for c in facts.children if c.id in asked.pupils)
    if not children:  # contact was forbidden in the same minute
        return Turn(talk)
    sentence = f"alert_{asked.session.lower()}"
    stage = talk.stage if talk.stage is Stage.WITH_PERSON else Stage.REASON
    unanswered = tuple(dict.fromkeys((*talk.unanswered, *asked.pupils)))
    then = replace(
        talk, stage=stage, about=about, unanswered=unanswered, session=str(asked.session)
    )
    return Turn(then, (say(sentence, facts, children), _wake(facts)))


def ask_for_words(talk: Talk, facts: Facts) -> Turn:
    """A picture or a voice note alone: ask for words, once in the terms of a vague answer."""
    children = _about(talk, facts) or facts.children
    if not children:  # somebody on record who may not be told about any child
        effects = (say("message_to_office", facts), AskOffice(Need.MESSAGE))
        return Turn(talk, effects, (Act.HANDOVER,))
    return Turn(talk, (say("ask_text", facts, children), _wake(facts)), (Act.ASK_TEXT,))


def told(talk: Talk, said: Said, facts: Facts) -> Turn:
    """Take a reason, vague or detailed, for the child or children it is about."""
    meaning, text = said.meaning, said.text
    if talk.pending and not (meaning.detailed and not meaning.children):
        meaning, text = _joined(talk.pending, meaning, text)
    children = _which(talk, meaning, facts)
    if not children:
        return _ask_which_child(talk, Pending(text, meaning), facts)
    talk = replace(talk, pending=None)
    if _is_repeat(talk, said, children):
        ref = reference(children[0].id, facts.today)
        return Turn(talk, (say("have_it", facts, children, ref=ref),), (Act.NO_DUPLICATE,))
    if meaning.detailed:
        return _take(talk, meaning, text, children, facts)
    return _ask_detail(talk, meaning, text, children, facts)


def _joined(pending: Pending, meaning: Meaning, text: str) -> tuple[Meaning, str]:
    """Put the name that came now to the reason that came before."""
    together = f"{pending.text}\n{text}"
    if meaning.detailed:
        return meaning, text
    return replace(pending.meaning, children=meaning.children), together


def _which(talk: Talk, meaning: Meaning, facts: Facts) -> tuple[Child, ...]:
    """The children named; else the one we asked about; else the only one on record."""
    named = facts.named(meaning.children)
    if named:
        return named
    asked_about = _about(talk, facts)
    if talk.stage is Stage.DETAIL or len(asked_about) == 1:
        return asked_about
    return facts.children if len(facts.children) == 1 else ()


def _about(talk: Talk, facts: Facts) -> tuple[Child, ...]:
    return tuple(c for c in facts.children if c.id in talk.about)


def _is_repeat(talk: Talk, said: Said, children: tuple[Child, ...]) -> bool:
    same = _plain(said.text) == talk.last and bool(talk.last)
    same = same and talk.stage is Stage.IDLE  # the same vague word again is an answer to answer
    return same and all(child.id in talk.recorded for child in children)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _ask_which_child(talk: Talk, pending: Pending, facts: Facts) -> Turn:
    choices = _about(talk, facts) or facts.children
    if not choices or talk.asked_which >= _WHICH_CHILD_QUESTIONS:
        done = replace(talk, stage=Stage.IDLE, pending=None)
        effects = (say("which_child_close", facts), AskOffice(Need.MESSAGE), WakeAt(None))
        return Turn(done, effects, (Act.HANDOVER,))
    sentence = "ask_which_child_again" if talk.asked_which else "ask_which_child"
    waiting = replace(
        talk, stage=Stage.WHICH_CHILD, pending=pending, asked_which=talk.asked_which + 1
    )
    return Turn(waiting, (say(sentence, facts, choices), _wake(facts)), (Act.ASK_WHICH_CHILD,))


def _ask_detail(
    talk: Talk, meaning: Meaning, text: str, children: tuple[Child, ...], facts: Facts
) -> Turn:
    """Ask once more, kindly and in other words; after the last time a person takes over."""
    ids = tuple(c.id for c in children)
    recorded = tuple(dict.fromkeys((*talk.recorded, *ids)))
    then = replace(talk, about=ids, recorded=recorded, last=_plain(text)).heard_about(ids)
    if talk.asked >= facts.policy.vague_questions:
        effects: tuple[Effect, ...] = (
            *_records(talk, children, meaning, text, facts, "reason_insufficient"),
            say("vague_close", facts, children),
            AskOffice(Need.CALL, ids, note="two answers, still no reason"),
            WakeAt(None),
        )
        return Turn(then.waiting(Stage.IDLE), effects, (Act.HANDOVER,))
    asked = talk.asked + 1
    sentence = "ask_detail_1" if asked == 1 else "ask_detail_2"
    effects = (
        *_records(replace(talk, asked=asked), children, meaning, text, facts, "asking"),
        say(sentence, facts, children),
        _wake(facts),
    )
    return Turn(replace(then, stage=Stage.DETAIL, asked=asked), effects, (Act.ASK_DETAIL,))


def _take(
    talk: Talk, meaning: Meaning, text: str, children: tuple[Child, ...], facts: Facts
) -> Turn:
    """The reason is clear: record it and read it back in one line."""
    ids = tuple(c.id for c in children)
    is_update = talk.stage is Stage.IDLE and all(n in talk.recorded for n in ids)
    rest = tuple(n for n in talk.about if n not in ids and n not in talk.recorded)
    then = replace(
        talk,
        stage=Stage.REASON if rest else Stage.IDLE,
        about=rest or ids,
        recorded=tuple(dict.fromkeys((*talk.recorded, *ids))),
        last=_plain(text),
        asked=0,
    ).heard_about(ids)
    records = _records(talk, children, meaning, text, facts, "awaiting_staff_confirmation")
    ref = reference(children[0].id, facts.today)
    answer = _read_back(talk, meaning, text, children, facts)
    if is_update:
        answer = say("update", facts, children, ref=ref)
    wake = _wake(facts) if rest else WakeAt(None)
    act = Act.CONFIRM_UPDATE if is_update else Act.CONFIRM
    return Turn(then, (*records, answer, wake), (act,))


def _records(
    talk: Talk,
    children: tuple[Child, ...],
    meaning: Meaning,
    text: str,
    facts: Facts,
    status: str,
) -> tuple[RecordReport, ...]:
    return tuple(
        record(
            child,
            meaning,
            text,
            facts,
            status=status,
            asked=talk.asked,
            asked_today=child.id in talk.about,
        )
        for child in children
    )


def _read_back(
    talk: Talk, meaning: Meaning, text: str, children: tuple[Child, ...], facts: Facts
) -> Say:
    reason = quoted(meaning, text)
    days = days_of(meaning, facts, asked_today=children[0].id in talk.about)
    is_part = days.sessions != "AM+PM" or meaning.codes[:1] == ("M",)
    ref = reference(children[0].id, facts.today)
    return _days_sentence(days, facts, children, reason=reason, ref=ref, is_part_of_a_day=is_part)


def _days_sentence(
    days: Days,
    facts: Facts,
    children: tuple[Child, ...],
    *,
    reason: str,
    ref: str,
    is_part_of_a_day: bool,
) -> Say:
    if days.late is not None:
        return say("read_back_late", facts, children, reason=reason, ref=ref)
    if days.expected_return:
        return say(
            "read_back_until", facts, children, reason=reason, ref=ref, back=days.expected_return
        )
    dates = days.dates
    if is_part_of_a_day and dates == (facts.today,):
        return say("read_back_part", facts, children, reason=reason, ref=ref)
    if not dates or dates == (facts.today,):
        return say("read_back_today", facts, children, reason=reason, ref=ref)
    if len(dates) == 1:
        return say("read_back_day", facts, children, reason=reason, ref=ref, first=dates[0])
    return say(
        "read_back_days",
        facts,
        children,
        reason=reason,
        ref=ref,
        first=dates[0],
        last=dates[-1],
    )


def _wake(facts: Facts) -> Effect:
    return WakeAt(facts.now + timedelta(minutes=facts.policy.next_contact_minutes))
