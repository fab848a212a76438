"""Every sentence in every language: its words fit, its tone is kept, its length is known."""

import re
import string
from datetime import date

import pytest

from conversations.wording import SENTENCES, SHARE_NUMBER, SUBJECT
from notifier import catalogues
from notifier.render import render
from school.text import segments, to_gsm

FOREIGN = [lang for lang in catalogues.languages() if lang != "en"]
EVERY = [t for s in SENTENCES.values() for t in (s.one, s.many) if t] + [SUBJECT, SHARE_NUMBER]
FORBIDDEN = re.compile(
    r"authori[sz]ed|unauthori[sz]ed|fine|penalty|court|must|prove|truan|excuse", re.IGNORECASE
)


def words_of(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", FOREIGN)
def test_every_sentence_is_translated_and_its_words_fit(language):
    for sentence in EVERY:
        foreign = catalogues.translate(sentence, language)
        assert foreign, f"{language} lacks: {sentence}"
        assert words_of(foreign) == words_of(sentence), sentence


@pytest.mark.parametrize("language", FOREIGN)
def test_no_catalogue_holds_a_sentence_that_nobody_says(language):
    said = {m.id for m in catalogues.catalogue(language) if m.id}
    assert said <= set(EVERY)


@pytest.mark.mission("S0-11")
@pytest.mark.parametrize("sentence", EVERY)
def test_no_sentence_threatens_doubts_or_decides(sentence):
    assert not FORBIDDEN.search(sentence)


def test_the_first_alert_is_one_part_even_with_long_names():
    words = {"school": "S" * 30, "children": ["C" * 12], "office": "01632 960123"}
    counted = segments(render("alert_am", words, "en"))
    assert (counted.encoding, counted.segments) == ("GSM-7", 1)


@pytest.mark.parametrize("sentence", EVERY)
def test_english_sentences_cost_no_more_than_the_plain_alphabet(sentence):
    assert segments(to_gsm(sentence)).encoding == "GSM-7"


def test_a_message_that_may_be_read_on_a_lock_screen_names_no_surname_class_or_reason():
    assert words_of(SENTENCES["alert_am"].one) == {"school", "children", "office"}
    assert words_of(SENTENCES["staff_attention"].one) == {"school"}


def test_dates_and_names_are_written_in_the_reader_s_language():
    words = {
        "school": "L",
        "office": "1",
        "children": ["Amy", "Ben"],
        "reason": '"x"',
        "ref": "R",
        "back": {"date": date(2027, 1, 14).isoformat()},
    }
    assert "Amy and Ben" in render("read_back_until", words, "en")
    assert "Thursday 14 January" in render("read_back_until", words, "en")
    polish = render("read_back_until", words, "pl")
    assert "Amy i Ben" in polish
    assert "czwartek 14 stycznia" in polish


def test_an_unknown_language_is_spoken_to_in_english():
    words = {"school": "L", "office": "1", "children": ["Amy"]}
    assert render("alert_am", words, "xx") == render("alert_am", words, "en")
