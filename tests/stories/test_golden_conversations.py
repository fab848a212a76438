"""The golden conversations, played through the real flows and compared with what is expected."""

import io
import json
from pathlib import Path

import pytest

from commands import replay

FILE = Path(__file__).parents[1] / "transcripts" / "absence.jsonl"
DIALOGUES = [json.loads(line) for line in FILE.read_text().splitlines()]


def holds(found: dict, expected: dict) -> bool:
    """Whether every expected field stands in what was found; codes by the first one."""
    for name, value in expected.items():
        if name == "suggested_codes":
            if found[name][:1] != value[:1]:
                return False
        elif found[name] != value:
            return False
    return True


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda d: d["id"])
async def test_the_conversation_goes_as_it_should(dialogue):
    expected = dialogue["expected"]
    answer = await replay.play(dialogue)
    assert [turn["did"] for turn in answer["turns"]] == expected["did"]
    final = answer["final"]
    if "langs" in expected:
        assert [t["replies"][0]["lang"] for t in answer["turns"]] == expected["langs"]
    if "reports" in expected:
        assert len(final["reports"]) == len(expected["reports"])
        for found, wanted in zip(final["reports"], expected["reports"], strict=True):
            assert holds(found, wanted), found
    if "flags" in expected:
        assert set(expected["flags"]) <= set(final["flags"])
    if "contact_state" in expected:
        assert final["contact_state"] == expected["contact_state"]


def turn(**fields) -> str:
    return json.dumps({**DIALOGUES[0], "turns": [{"n": 1, "text": "ill", **fields}]})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{}", "'opening'"),
        ("not json", "Expecting value"),
        ("[]", "not a JSON object"),
        ('{"id": 7, "school": {"calendar": {"spring": "soon"}}}', "line 1"),
        (json.dumps({**DIALOGUES[0], "channel": "pigeon"}), "channel"),
        (json.dumps({**DIALOGUES[0], "now": "today"}), "'now'"),
        (json.dumps({**DIALOGUES[0], "turns": [{"n": 1, "after": "soon"}]}), "'after'"),
        (json.dumps({**DIALOGUES[0], "children": [{}]}), "'first'"),
        (json.dumps({**DIALOGUES[0], "now": "9999-12-31T23:59"}), "'now'"),
        (json.dumps({**DIALOGUES[0], "turns": [5]}), "'turns'"),
        (turn(after="999999999999d"), "'after'"),
        (turn(after="9" * 5000 + "s"), "'after'"),
        (turn(after="367d"), "'after'"),
        (turn(attachments="photo"), "'attachments'"),
        (turn(attachments=[5]), "'attachments'"),
        (json.dumps({**DIALOGUES[0], "opening": {"type": "absence_text", "at": "25:00"}}), "hour"),
    ],
)
async def test_a_malformed_dialogue_gives_one_error_line_and_the_run_goes_on(line, says):
    out = io.StringIO()
    good = json.dumps(DIALOGUES[0])
    assert await replay.run([line, good], out) == 1
    bad, fine = [json.loads(text) for text in out.getvalue().splitlines()]
    assert says in bad["error"] or "school" in bad["error"]
    assert fine["id"] == DIALOGUES[0]["id"]


def opened(now: str, at: str, text: str) -> dict:
    return {
        "id": "clock",
        "channel": "sms",
        "now": now,
        "school": {},
        "children": [{"first": "Amy"}],
        "contact": {"language": "en"},
        "opening": {"type": "absence_text", "at": at},
        "turns": [{"n": 1, "text": text, "after": "1m"}],
    }


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2027-06-15T23:30", "23:30"),
        ("2027-06-15T00:30", "00:30"),
        ("2027-06-15T09:20", "09:20"),
        ("2027-01-12T09:20", "09:20"),
    ],
)
async def test_the_opening_is_at_the_clock_of_the_school(now, at):
    answer = await replay.play(opened(now, at, "Amy has chicken pox"))
    assert [r["dates"] for r in answer["final"]["reports"]] == [[now[:10]]]


async def test_both_halves_of_a_day_are_the_whole_day():
    said = "Amy has a dentist this morning and a hospital appointment this afternoon"
    answer = await replay.play(opened("2027-01-12T08:30", "08:30", said))
    assert [r["sessions"] for r in answer["final"]["reports"]] == ["AM+PM"]


async def test_half_a_letter_in_a_text_is_left_out():
    (answer,) = (await replay.play(opened("2027-01-12T08:30", "08:30", "\ud800ill")))["turns"]
    assert answer["replies"]
