"""How often understanding is right on our own labelled messages, language by language.

A third of the messages (by a hash of the id) is held out: nothing is tuned on it.
"""

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from conversations.understanding.understand import understand

DATA = Path(__file__).parent.parent / "data" / "understanding"
LANGUAGES = sorted(file.stem for file in DATA.glob("*.jsonl"))
# The least share of right answers in either part.
FLOORS = {
    "lang": 0.97,
    "kind": 0.90,
    "detailed": 0.90,
    "code": 0.90,
    "safeguarding": 0.97,
    "absent": 0.98,
    "when": 0.90,
}


def split(row_id):
    digest = hashlib.sha256(f"firstday-{row_id}".encode()).hexdigest()
    return "test" if int(digest, 16) % 3 == 0 else "train"


def rows(lang, part):
    lines = (DATA / f"{lang}.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if split(row["id"]) == part]


def answer(row):
    meaning = understand(
        row["text"], children=row["children"], today=date.fromisoformat(row["today"])
    )
    return {
        "lang": meaning.lang,
        "kind": meaning.kind.value,
        "detailed": meaning.detailed,
        "code": list(meaning.codes[:1]),
        "safeguarding": meaning.safeguarding,
        "absent": list(meaning.children),
        "when": meaning.when,
    }


def wanted(row):
    return {**{name: row[name] for name in FLOORS if name != "code"}, "code": row["codes"][:1]}


@pytest.mark.parametrize("part", ["train", "test"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_understanding_reaches_its_floors(lang, part):
    pairs = [(answer(row), wanted(row)) for row in rows(lang, part)]
    reached = {
        name: sum(got[name] == want[name] for got, want in pairs) / len(pairs) for name in FLOORS
    }
    print(lang, part, len(pairs), {name: round(share, 3) for name, share in reached.items()})
    short = {name: share for name, share in reached.items() if share < FLOORS[name]}
    assert not short


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_id_is_there_once(lang):
    ids = [row["id"] for part in ("train", "test") for row in rows(lang, part)]
    assert len(ids) == len(set(ids))


def test_there_are_enough_messages():
    assert sum(len(rows("en", part)) for part in ("train", "test")) >= 150
    assert sum(len(rows("pl", part)) for part in ("train", "test")) >= 100
