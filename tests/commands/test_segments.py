"""The format of ``firstday segments`` is kept to the letter."""

import io
import json

from commands.segments import run


def answers(*lines):
    out = io.StringIO()
    status = run(lines, out)
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_line_is_counted():
    status, rows = answers('{"id": "a", "text": "Amy €"}', '{"id": "b", "text": "Zosia będzie"}')
    assert status == 0
    assert rows == [
        {"id": "a", "encoding": "GSM-7", "characters": 6, "segments": 1},
        {"id": "b", "encoding": "UCS-2", "characters": 12, "segments": 1},
    ]


def test_a_bad_line_is_answered_with_an_error_and_the_run_goes_on():
    status, rows = answers('{"id": "a"}', "[]", '{"id": "b", "text": ""}')
    assert status == 1
    assert "text" in rows[0]["error"]
    assert "error" in rows[1]
    assert rows[2]["segments"] == 1


def test_half_a_letter_does_not_stop_the_run():
    status, rows = answers('{"id": "a", "text": "\\ud83d"}')
    assert status == 0
    assert rows[0]["encoding"] == "UCS-2"
