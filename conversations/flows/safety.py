"""A child may be at risk: a person is told at once, and nothing more is asked automatically.

Sources: labelling guide 20, 21, 24-26; codes.md section 9 rules 5 and 6; S3-48.
"""

from __future__ import annotations

from conversations.effects import Act, AskOffice, Effect, Need, WakeAt
from conversations.heard import Child, Facts, Said
from conversations.record import record
from conversations.talk import Stage, Talk
from conversations.turn import Turn, say
from conversations.understanding.meaning import Kind


def escalate(talk: Talk, said: Said, facts: Facts) -> Turn:
    """Alert the safeguarding lead, answer in one careful sentence, ask nothing."""
    children = _children(talk, said, facts)
    where_is_the_child = said.meaning.kind is Kind.SAFEGUARDING_ONLY and children
    sentence = "checking" if where_is_the_child else "person_will_ring"
    reports: tuple[Effect, ...] = tuple(
        record(child, said.meaning, said.text, facts, status="escalated_safeguarding")
        for child in children
    )
    ids = tuple(child.id for child in children)
    effects = (
        AskOffice(Need.SAFEGUARDING, ids),
        *reports,
        say(sentence, facts, children),
        WakeAt(None),
    )
    then = talk.heard_about(ids).waiting(Stage.WITH_PERSON)
    return Turn(then, effects, (Act.ESCALATE,))


def check_register(talk: Talk, said: Said, facts: Facts) -> Turn:
    """The parent states that the child is in school: ask the class at once."""
    children = _children(talk, said, facts)
    ids = tuple(child.id for child in children)
    told = children or facts.children
    answer = say("check_register", facts, told) if told else say("message_to_office", facts)
    effects = (AskOffice(Need.CHECK_REGISTER, ids), answer, WakeAt(None))
    then = talk.heard_about(ids).waiting(Stage.WITH_PERSON)
    return Turn(then, effects, (Act.CHECK_REGISTER,))


def _children(talk: Talk, said: Said, facts: Facts) -> tuple[Child, ...]:
    named = facts.named(said.meaning.children)
    asked_about = tuple(c for c in facts.children if c.id in talk.about)
    if named or asked_about:
        return named or asked_about
    return facts.children if len(facts.children) == 1 else ()
