"""Nobody answered: the next contact is asked, or a person takes over (S3-12, S3-09)."""

from __future__ import annotations

from dataclasses import replace

from conversations.effects import AskNextContact, AskOffice, Effect, Need, WakeAt
from conversations.heard import Facts
from conversations.talk import Stage, Talk
from conversations.turn import Turn


def went_quiet(talk: Talk, facts: Facts) -> Turn:
    """Decide what follows from silence; the question stays open for a late answer."""
    effects: list[Effect] = list(next_contact(talk, facts))
    if talk.stage is Stage.DETAIL:
        effects.append(AskOffice(Need.CALL, talk.about, note="asked what is wrong, no answer yet"))
    if talk.stage is Stage.WHICH_CHILD:
        effects.append(AskOffice(Need.MESSAGE, note="asked which child, no answer yet"))
    return Turn(replace(talk, unanswered=()), (*effects, WakeAt(None)))


def next_contact(talk: Talk, facts: Facts) -> tuple[AskNextContact, ...]:
    """Ask somebody else about the children nobody at this address has answered for.

    Whatever else the talk is about, even when a person has it: a child who is missing now must
    not wait for an older matter.
    """
    silent = talk.unanswered
    return (AskNextContact(silent, facts.today, talk.session),) if silent else ()
