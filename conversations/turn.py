"""The outcome of one turn: the talk as it now stands, what is to be done, what the answer did."""

from __future__ import annotations

from dataclasses import dataclass

from conversations.effects import Act, Effect, Say, Word
from conversations.heard import Child, Facts
from conversations.talk import Talk


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of hearing something."""

    talk: Talk
    effects: tuple[Effect, ...] = ()
    did: tuple[Act, ...] = ()


def say(sentence: str, facts: Facts, children: tuple[Child, ...] = (), **words: Word) -> Say:
    """Say a sentence with the words that nearly every sentence has."""
    always: dict[str, Word] = {
        "school": facts.school,
        "office": facts.office,
        "children": tuple(child.first for child in children),
    }
    return Say(sentence, {**always, **words})
