"""Segments as the provider bills them, plain letters, and texts that can be stored."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school.graphemes import graphemes
from school.text import GSM_BASIC, GSM_EXTENSION, clean, segments, to_gsm

ORACLE = Path(__file__).parent.parent / "data" / "segments.jsonl"
ROWS = [json.loads(line) for line in ORACLE.read_text("utf-8").splitlines()]
any_text = st.text(st.characters(), max_size=400)


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_count_equals_the_providers(row):
    counted = segments(row["text"])
    assert (counted.encoding, counted.characters, counted.segments) == (
        row["encoding"],
        row["characters"],
        row["segments"],
    )


@given(any_text)
def test_every_text_has_at_least_one_segment(text):
    assert segments(text).segments >= 1


@given(any_text)
def test_the_clusters_of_a_text_are_the_text(text):
    assert "".join(graphemes(text)) == text


@given(st.text(st.sampled_from(sorted(GSM_BASIC | GSM_EXTENSION)), max_size=400))
def test_plain_letters_stay_plain(text):
    assert segments(text).encoding == "GSM-7"


@given(any_text)
def test_tidying_twice_changes_nothing_more(text):
    assert to_gsm(to_gsm(text)) == to_gsm(text)


def test_tidying_keeps_the_meaning():
    assert to_gsm("It’s “fine” – really…\u00a0OK\tyes") == 'It\'s "fine" - really... OK yes'
    assert to_gsm("Łucja, José, 👍, عربي") == "Łucja, José, 👍, عربي"
    assert segments(to_gsm("Amy’s marked absent – why?")).encoding == "GSM-7"


@given(any_text)
def test_a_cleaned_text_can_be_stored(text):
    stored = clean(text)
    assert "\x00" not in stored
    assert "\r" not in stored
    stored.encode("utf-8")
    assert clean(stored) == stored


def test_cleaning_joins_halves_that_belong_together():
    assert clean("\ud83d\udc4d a\ud83db\x00c\r\nd") == "👍 abc\nd"


def test_half_a_letter_and_nothing_at_all_are_counted():
    assert segments("").segments == 1
    assert segments("\ud83d").encoding == "UCS-2"


def test_a_very_long_cluster_is_counted_quickly():
    assert segments("a" + "\u0301" * 20_000).segments >= 1
