"""The format of ``firstday understand`` is kept to the letter."""

import io
import json
from datetime import date

import pytest

from commands.understand import run

TUESDAY = date(2027, 1, 12)
FIELDS = [
    "id",
    "lang",
    "kind",
    "also",
    "detailed",
    "codes",
    "safeguarding",
    "children",
    "when",
    "evidence",
    "confidence",
]


def answers(*lines, **options):
    out = io.StringIO()
    status = run(lines, out, today=TUESDAY, **options)
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


def line(**fields):
    return json.dumps({"id": "1", "text": "been sick, back Thursday", **fields})


def test_an_answer_has_the_fields_of_the_contract_in_order():
    status, [answer] = answers(line())
    assert status == 0
    assert list(answer) == FIELDS
    assert answer["kind"] == "reason"
    assert answer["codes"] == ["I"]
    assert answer["when"] == "return:thursday"
    start, end, what = answer["evidence"][0]
    assert "been sick, back Thursday"[start:end] == "been sick"
    assert isinstance(what, str)


def test_optional_fields_are_used():
    status, [answer] = answers(
        line(text="Kuba chory", channel="sms", lang="pl", children=["Jakub"], today="2027-02-01")
    )
    assert status == 0
    assert answer["lang"] == "pl"
    assert answer["children"] == ["Jakub"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"channel": "fax"}, "channel"),
        ({"channel": 3}, "channel"),
        ({"lang": ["en"]}, "lang"),
        ({"children": "Amy"}, "children"),
        ({"children": [1]}, "children"),
        ({"today": "tomorrow"}, "today"),
        ({"today": 7}, "today"),
        ({"text": None}, "text"),
    ],
)
def test_a_wrong_field_is_named_and_the_run_goes_on(fields, named):
    status, [first, second] = answers(line(**fields), line(id="2"))
    assert status == 1
    assert named in first["error"]
    assert first["id"] == "1"
    assert second["id"] == "2"


def test_a_line_that_is_not_json_gives_an_error_line():
    status, [answer] = answers("{oops")
    assert status == 1
    assert answer["id"] is None
    assert "line 1" in answer["error"]


def test_an_explanation_is_plain_words():
    _, [answer] = answers(line(), explain=True)
    assert answer["explain"][0] == "The message gives a reason that staff can code."
    assert any("been sick" in sentence for sentence in answer["explain"])


def test_empty_text_is_answered():
    status, [answer] = answers(line(text=""))
    assert status == 0
    assert answer["kind"] == "vague"
