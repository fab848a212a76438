"""The benchmark's rows: each has the contract's fields and figures above nothing."""

import io
import json
import os

import pytest

from bench.children import environment
from bench.rows import Row, measured, write_table
from bench.run import MEASURES, run

FIELDS = {"name", "unit", "ours", "baseline_name", "baseline", "ratio", "better", "detail"}
WITHOUT_A_SERVER = [group for group in MEASURES if group != ("send.postgresql",)]


def _play(names, folder, **more):
    file, out = folder / "rows.json", io.StringIO()
    status = run(names, file, out, rounds=1, small=True, **more)
    return status, json.loads(file.read_text()) if file.exists() else None, out.getvalue()


@pytest.mark.parametrize("group", WITHOUT_A_SERVER, ids=lambda group: group[0])
def test_each_row_is_measured_and_written(group, tmp_path):
    status, rows, table = _play([group[0]], tmp_path)
    assert status == 0, table
    assert {row["name"] for row in rows} == set(group)
    for row in rows:
        assert set(row) == FIELDS
        assert row["better"] in {"higher", "lower"}
        assert min(row["ours"], row["baseline"], row["ratio"]) > 0
        assert row["name"] in table


def test_sending_is_measured_on_a_server_too(tmp_path, postgresql):
    status, rows, _ = _play(["send.postgresql"], tmp_path, postgresql=postgresql)
    assert (status, [row["name"] for row in rows]) == (0, ["send.postgresql"])


def test_without_a_server_its_row_is_left_out_with_a_notice(tmp_path):
    status, rows, table = _play(["send.postgresql"], tmp_path)
    assert (status, rows) == (0, [])
    assert "send.postgresql was not measured" in table


def test_an_unknown_row_measures_nothing_and_names_those_there_are(tmp_path):
    status, rows, said = _play(["send.sqlite", "juggle"], tmp_path)
    assert (status, rows) == (2, None)
    assert "juggle" in said
    assert "morning.history" in said


def test_children_do_not_see_the_settings_of_an_installation(monkeypatch):
    monkeypatch.setenv("FIRSTDAY_DATABASE", "sqlite:////nowhere/live.sqlite3")
    kept = environment({"FIRSTDAY_PORT": "0"})
    assert kept.keys() - os.environ.keys() == {"FIRSTDAY_PORT"}
    assert "FIRSTDAY_DATABASE" not in kept


def test_a_row_is_the_medians_of_its_rounds():
    row = measured(
        [(10.0, 40.0), (30.0, 20.0), (20.0, 50.0)],
        name="send",
        unit="messages/s",
        baseline_name="plain",
        better="higher",
    )
    assert (row.ours, row.baseline, row.ratio) == (20.0, 40.0, 0.5)


def test_the_table_has_a_line_for_each_row():
    out = io.StringIO()
    row = Row(
        name="send",
        unit="messages/s",
        ours=1.0,
        baseline_name="plain",
        baseline=4.0,
        better="higher",
    )
    write_table([row], out)
    head, line = out.getvalue().splitlines()
    assert head.split() == ["name", "unit", "ours", "baseline", "ratio", "better"]
    assert line.split() == ["send", "messages/s", "1", "4", "plain", "0.25", "higher"]
