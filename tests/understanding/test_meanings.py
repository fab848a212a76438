"""What single messages mean, rule by rule of the labelling guide."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.understanding.meaning import Kind
from conversations.understanding.understand import understand

TUESDAY = date(2027, 1, 12)
NATIONAL_CODES = frozenset(
    [
        "/",
        "\\",
        "L",
        "K",
        "V",
        "P",
        "W",
        "B",
        "D",
        "C1",
        "M",
        "J1",
        "S",
        "X",
        "C2",
        "C",
        "T",
        "R",
        "I",
        "E",
        "Q",
        "Y1",
        "Y2",
        "Y3",
        "Y4",
        "Y5",
        "Y6",
        "Y7",
        "G",
        "N",
        "O",
        "U",
        "Z",
        "#",
    ]
)


def read(text, *children, lang=None):
    return understand(text, lang=lang, children=children, today=TUESDAY)


@pytest.mark.mission("S3-05")
@pytest.mark.parametrize(
    "text", ["Throat infection", "she has a throat infection", "THROAT INFECTION"]
)
def test_a_throat_infection_is_complete(text):
    meaning = read(text)
    assert meaning.kind is Kind.REASON
    assert meaning.detailed is True
    assert meaning.codes[0] == "I"


@pytest.mark.mission("S3-06")
@pytest.mark.parametrize(
    "text", ["been sick", "He's been sick", "she keeps being sick", "sick twice"]
)
def test_been_sick_is_complete(text):
    assert read(text).detailed is True


@pytest.mark.mission("S3-07")
@pytest.mark.parametrize(
    "text", ["unwell", "poorly", "Poorly", "she is sick", "off sick", "due to sickness", "not well"]
)
def test_only_unwell_or_poorly_is_vague(text):
    meaning = read(text)
    assert meaning.kind is Kind.VAGUE
    assert meaning.detailed is False
    assert meaning.codes == ("I", "N")


@pytest.mark.mission("S3-08")
@pytest.mark.parametrize("text", ["poorley", "unwel", "źle się czuje", "zle sie czuje", "chora"])
def test_misspelt_and_polish_words_for_unwell_are_vague_too(text):
    assert read(text).kind is Kind.VAGUE


def test_a_vague_word_followed_by_a_symptom_is_detailed():
    assert read("ill with chicken pox").detailed is True


def test_what_is_denied_does_not_count():
    meaning = read("not poorly, he has the dentist")
    assert meaning.codes[0] == "M"
    assert meaning.kind is Kind.REASON


def test_the_illness_of_a_parent_or_sibling_is_not_this_childs():
    assert read("I have flu so can't bring him").codes[0] == "O"
    assert read("his brother has chickenpox").codes[0] == "O"
    assert read("my son has flu").codes[0] == "I"


def test_a_doctors_word_does_not_make_unwell_detailed():
    assert read("poorly, doctor says rest, on antibiotics").detailed is False


def test_stop_inside_a_sentence_is_not_opting_out():
    assert read("won't stop being sick").kind is Kind.REASON
    assert read("STOP").kind is Kind.OPT_OUT


def test_safety_wins_over_vagueness():
    meaning = read("poorly, mum's boyfriend hit him")
    assert meaning.safeguarding
    assert meaning.kind is Kind.REASON


def test_being_in_class_and_having_to_be_there_are_told_apart():
    assert read("she is in class").kind is Kind.IN_SCHOOL
    doubt = read("she should be in class")
    assert doubt.kind is Kind.SAFEGUARDING_ONLY
    assert doubt.safeguarding


@pytest.mark.parametrize(
    "text",
    [
        "we died laughing at the spots, chickenpox",
        "this cough is killing me",
        "he had his flu shot and has a fever",
        "can't beat this fever",
        "her phone died",
    ],
)
def test_figures_of_speech_raise_no_alert(text):
    assert not read(text).safeguarding


def test_a_name_that_is_a_word_needs_evidence():
    assert read("will be off, headache", "Will", "Can").children == ()
    assert read("Will is ill", "Will", "Can").children == ("Will",)
    assert read("I hope she is better soon", "Hope").children == ()


def test_inflected_short_and_misspelt_names_are_found():
    assert read("Zosi nie będzie", "Zofia").children == ("Zofia",)
    assert read("Kubę boli głowa", "Jakub").children == ("Jakub",)
    assert read("Olivier is vomiting", "Oliver").children == ("Oliver",)


def test_a_sibling_who_is_in_school_is_not_absent():
    assert read("Zac is poorly, Mia will be in as normal", "Zac", "Mia").children == ("Zac",)


def test_the_only_child_on_record_is_never_filled_in():
    assert read("poorly today", "Amy").children == ()


def test_an_announced_holiday_is_a_request_and_a_present_one_a_reason():
    assert read("we fly to Spain next Friday").kind is Kind.LEAVE_REQUEST
    assert read("we're on holiday, back Monday").kind is Kind.REASON


def test_mixed_languages_keep_their_safety_words():
    assert read("Zosia nie chce iść do szkoły").safeguarding
    assert read("won't go to school, crying", lang="pl").safeguarding


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(
                [
                    "he",
                    "she",
                    "is",
                    "not",
                    "been",
                    "sick",
                    "poorly",
                    "Will",
                    "Amy",
                    "dentist",
                    "at",
                    "10",
                    "back",
                    "monday",
                    "14/6",
                    "in",
                    "school",
                    "?",
                    ".",
                    ",",
                    "stop",
                    "nie",
                    "chora",
                    "ma",
                    "jutro",
                    "do",
                    "3",
                    "days",
                    "²",
                    "٣",
                ]
            ),
            max_size=25,
        ).map(" ".join),
    ),
    st.lists(
        st.one_of(st.sampled_from(["Amy", "Will", "Zofia", ""]), st.text(max_size=8)), max_size=4
    ),
    st.one_of(st.none(), st.sampled_from(["en", "pl", "pl-PL", "xx", ""])),
)
def test_any_text_at_all_gets_a_lawful_answer(text, children, lang):
    meaning = understand(text, lang=lang, children=children, today=TUESDAY)
    assert all(0 <= e.start < e.end <= len(text) for e in meaning.evidence)
    assert set(meaning.children) <= set(children)
    assert len(meaning.codes) <= 3
    assert set(meaning.codes) <= NATIONAL_CODES
    assert 0 <= meaning.confidence <= 1
    assert (meaning.detailed is True) == (meaning.kind is Kind.REASON)
