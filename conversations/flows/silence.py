"""Nobody answered: the next contact is asked, or a person takes over (S3-12, S3-09)."""

from __future__ import annotations

from conversations.effects import AskNextContact, AskOffice, Need, WakeAt
from conversations.heard import Facts
from conversations.talk import Stage, Talk
from conversations.turn import Turn


def went_quiet(talk: Talk, facts: Facts) -> Turn:
    """Decide what follows from silence; the question stays open for a late answer."""
    sleep = WakeAt(None)
    match talk.stage:
        case Stage.REASON:
            silent = tuple(n for n in talk.about if n not in talk.recorded)
            ask = (AskNextContact(silent, facts.today, talk.session),) if silent else ()
            return Turn(talk, (*ask, sleep))
        case Stage.DETAIL:
            call = AskOffice(Need.CALL, talk.about, note="asked what is wrong, no answer yet")
            return Turn(talk, (call, sleep))
        case Stage.WHICH_CHILD:
            look = AskOffice(Need.MESSAGE, note="asked which child, no answer yet")
            return Turn(talk, (look, sleep))
        case Stage.IDLE | Stage.WITH_PERSON:
            return Turn(talk, (sleep,))
