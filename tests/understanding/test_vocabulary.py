"""Every language folder can be read, and the programs name no language."""

from pathlib import Path

import pytest

from conversations.understanding.meaning import Kind
from conversations.understanding.phrases import Concept, PhraseError, Words, compile_phrase
from conversations.understanding.terms import REASONS
from conversations.understanding.vocabulary import languages, load

ROOM = Path(__file__).parent.parent.parent / "conversations" / "understanding"
CONCEPT = Concept("vague", "test")


@pytest.mark.parametrize("lang", languages())
def test_every_vocabulary_loads(lang):
    vocabulary = load(lang)
    assert vocabulary.common
    assert len(vocabulary.months) >= 12


@pytest.mark.parametrize("lang", languages())
def test_every_reason_suggests_a_code(lang):
    for phrases in load(lang).matcher.concepts():
        if phrases.family in REASONS or phrases.family == "vague":
            assert phrases.codes, f"{lang}: [{phrases.family}.{phrases.name}] suggests no code"


@pytest.mark.parametrize("lang", languages())
def test_every_kind_is_a_kind(lang):
    for concept in load(lang).matcher.concepts():
        if concept.family == "kind":
            assert Kind(concept.value)


def test_no_program_lists_languages():
    for file in ROOM.glob("*.py"):
        assert '"pl"' not in file.read_text("utf-8")


@pytest.mark.parametrize("written", ["", "~ sick", "(very) sick", "{nobody} sick", "|sick"])
def test_a_phrase_that_cannot_be_read_is_refused(written):
    with pytest.raises(PhraseError):
        compile_phrase(written, CONCEPT, Words({}, frozenset(), {}, {}))
