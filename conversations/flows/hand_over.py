"""What is not an absence reason goes to a person, and the parent is told so in one sentence."""

from __future__ import annotations

from conversations.effects import Act, AskOffice, Need, WakeAt
from conversations.heard import Facts, Said
from conversations.talk import Stage, Talk
from conversations.turn import Turn, say
from conversations.understanding.meaning import Kind

_TO_OFFICE = {
    Kind.LEAVE_REQUEST: (Need.LEAVE, "leave_to_office"),
    Kind.QUESTION: (Need.QUESTION, "question_to_office"),
    Kind.NOT_REASON: (Need.MESSAGE, "message_to_office"),
}


def by_kind(talk: Talk, said: Said, facts: Facts) -> Turn:
    """Answer what is neither a reason nor a danger."""
    kind = said.meaning.kind
    if kind is Kind.THANKS:  # a thank-you is not answered, so that nobody thanks for ever
        return Turn(talk, (), (Act.NO_REPLY,))
    if kind is Kind.ABUSE:  # a person decides what to answer
        return Turn(talk, (_ask(talk, facts, Need.MESSAGE),), (Act.HANDOVER, Act.NO_REPLY))
    need, sentence = _TO_OFFICE.get(kind, (Need.MESSAGE, "message_to_office"))
    acts = (Act.ANSWER, Act.HANDOVER) if kind is Kind.QUESTION else (Act.HANDOVER,)
    effects = (say(sentence, facts), _ask(talk, facts, need))
    if kind is Kind.QUESTION:  # a question is no answer: whoever is missing still is
        return Turn(talk, effects, acts)
    return Turn(talk.heard_about(talk.about), (*effects, WakeAt(None)), acts)


def to_the_person(talk: Talk, said: Said, facts: Facts) -> Turn:
    """A person has this talk today: pass on what is said, and ask nothing."""
    if said.meaning.kind is Kind.THANKS:
        return Turn(talk, (), (Act.NO_REPLY,))
    effects = (_ask(talk, facts, Need.MESSAGE), say("message_to_office", facts))
    return Turn(talk.waiting(Stage.WITH_PERSON), effects, (Act.HANDOVER,))


def _ask(talk: Talk, facts: Facts, need: Need) -> AskOffice:
    children = talk.about or tuple(child.id for child in facts.children[:1])
    return AskOffice(need, children if len(facts.children) == 1 or talk.about else ())
