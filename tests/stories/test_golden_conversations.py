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
    ],
)
async def test_a_malformed_dialogue_gives_one_error_line_and_the_run_goes_on(line, says):
    out = io.StringIO()
    good = json.dumps(DIALOGUES[0])
    assert await replay.run([line, good], out) == 1
    bad, fine = [json.loads(text) for text in out.getvalue().splitlines()]
    assert says in bad["error"] or "school" in bad["error"]
    assert fine["id"] == DIALOGUES[0]["id"]
