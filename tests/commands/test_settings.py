"""The settings: what a process would fail on later is refused at once, in one line, by its name."""

import io
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from commands.cli import build
from commands.outside import Outside
from commands.settings import SettingsError, settings_from

TWILIO = {"TWILIO_ACCOUNT": "AC1", "TWILIO_TOKEN": "t0"}
SECRET = "pa55word"


def read(**values):
    return settings_from({f"FIRSTDAY_{name}": value for name, value in values.items()})


@pytest.mark.parametrize(
    "values",
    [
        {"SMTP": "smtp://mail.example"},
        {"SMTP": "smtp://a:b%40c@mail.example:587"},
        {"SMTP": "smtp://127.0.0.1:2525?starttls=off"},
        {"IMAP": "imaps://a%40b.example:c@mail.example/Absence"},
        {"IMAP": "imap://a:b@127.0.0.1:1143/INBOX"},
        {"IMAP": "imap://a:b@[::1]:1143"},
        {"PORT": "0"},
        {"PORT": "65535"},
        {"PUBLIC_URL": "https://firstday.school.example/absence"},
        {"DATABASE": "sqlite:////var/lib/firstday.sqlite3"},
        {"DATABASE": "postgresql://user:p%40ss@host:5432/name"},
        {"DATABASE": "postgresql:///name?host=/run/postgresql"},
        {"FRAME_ANCESTORS": "'self' https://demo.example:8443"},
        TWILIO,
        TWILIO | {"TWILIO_TOKEN": "t0,t1", "TWILIO_URL": "http://127.0.0.1:9000"},
        {"TELEGRAM_TOKEN": "7000000001:AAbb-cc_d", "TELEGRAM_SECRET": "s3cret_-"},
    ],
)
def test_right_settings_are_taken(values):
    read(**values)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"SMTP": "mail.example"}, "FIRSTDAY_SMTP must look like smtp://user:password@host:587"),
        ({"SMTP": "imaps://a:b@mail.example"}, "FIRSTDAY_SMTP must look like smtp://"),
        ({"SMTP": f"smtp://a:{SECRET}#1@mail.example"}, "FIRSTDAY_SMTP .* as %23"),
        ({"SMTP": f"smtp://a:{SECRET}@mail.example:99999"}, "FIRSTDAY_SMTP must look"),
        ({"SMTP": "smtp://[::1"}, "FIRSTDAY_SMTP must look"),
        ({"SMTP": "smtp://a@mail.example"}, "FIRSTDAY_SMTP must look"),
        ({"SMTP": "smtp://127.0.0.1?starttls=of"}, "FIRSTDAY_SMTP must look"),
        ({"SMTP": f"smtp://a:{SECRET}@mail.example?starttls=off"}, "FIRSTDAY_SMTP must be encry"),
        ({"IMAP": "mail.example"}, "FIRSTDAY_IMAP must look like imaps://user:password@host:993/"),
        ({"IMAP": "smtp://a:b@mail.example"}, "FIRSTDAY_IMAP must look like imaps://"),
        ({"IMAP": "imaps://mail.example"}, "FIRSTDAY_IMAP must look like imaps://"),
        ({"IMAP": f"imap://a:{SECRET}@mail.example"}, "FIRSTDAY_IMAP must be encrypted"),
        ({"IMAP_SECONDS": "0"}, "FIRSTDAY_IMAP_SECONDS must be more than 0"),
        ({"TICK_SECONDS": "nan"}, "FIRSTDAY_TICK_SECONDS must be more than 0"),
        ({"PORT": "65536"}, "FIRSTDAY_PORT must be from 0 to 65535"),
        ({"PORT": "-1"}, "FIRSTDAY_PORT must be from 0 to 65535"),
        ({"HOST": ""}, "FIRSTDAY_HOST must be"),
        ({"PUBLIC_URL": "firstday.school.example"}, "FIRSTDAY_PUBLIC_URL must look like https"),
        ({"PUBLIC_URL": "ftp://school.example"}, "FIRSTDAY_PUBLIC_URL must look like https"),
        ({"PUBLIC_URL": ""}, "FIRSTDAY_PUBLIC_URL must look like https"),
        ({"TWILIO_URL": "localhost:9000"}, "FIRSTDAY_TWILIO_URL must look"),
        ({"TELEGRAM_URL": "http://[oops"}, "FIRSTDAY_TELEGRAM_URL must look"),
        ({"TWILIO_ACCOUNT": "AC1"}, "FIRSTDAY_TWILIO_TOKEN is missing"),
        ({"TWILIO_TOKEN": SECRET}, "FIRSTDAY_TWILIO_ACCOUNT is missing"),
        (TWILIO | {"TWILIO_TOKEN": f"{SECRET},"}, "FIRSTDAY_TWILIO_TOKEN has a comma too many"),
        ({"TELEGRAM_TOKEN": SECRET}, "FIRSTDAY_TELEGRAM_TOKEN must look like"),
        ({"TELEGRAM_SECRET": SECRET}, "FIRSTDAY_TELEGRAM_TOKEN is missing"),
        (
            {"TELEGRAM_TOKEN": "7:AA", "TELEGRAM_SECRET": f"{SECRET} é"},
            "FIRSTDAY_TELEGRAM_SECRET must be",
        ),
        ({"DATABASE": f"mysql://a:{SECRET}@host/name"}, "FIRSTDAY_DATABASE must look like sqlite"),
        ({"DATABASE": "firstday.sqlite3"}, "FIRSTDAY_DATABASE must look"),
        ({"DATABASE": "sqlite://firstday.sqlite3"}, "FIRSTDAY_DATABASE must look"),
        ({"DATABASE": "sqlite://"}, "FIRSTDAY_DATABASE must look"),
        ({"DATABASE": f"postgresql://a:{SECRET}@host:port/x"}, "FIRSTDAY_DATABASE must look"),
        ({"FRAME_ANCESTORS": "'none'; script-src *"}, "FIRSTDAY_FRAME_ANCESTORS must be"),
        ({"FRAME_ANCESTORS": ""}, "FIRSTDAY_FRAME_ANCESTORS must be"),
        ({"MAIL_SECRET": f"{SECRET}\n"}, "FIRSTDAY_MAIL_SECRET holds a character"),
        ({"MAIL_SECRET": f"{SECRET}\udcff"}, "FIRSTDAY_MAIL_SECRET holds a character"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy_and_no_secret_is_told(values, says):
    with pytest.raises(SettingsError, match=says) as wrong:
        read(**values)
    assert SECRET not in str(wrong.value)


def outside_with(database) -> Outside:
    return Outside(
        lambda: datetime(2027, 1, 12, 9, 30, tzinfo=UTC),
        lambda: date(2027, 1, 12),
        {"FIRSTDAY_DATABASE": f"sqlite:///{database}"},
        io.StringIO(),
        io.StringIO(),
    )


@pytest.mark.parametrize("command", [["school", "list"], ["serve"]])
def test_a_database_file_that_cannot_be_opened_ends_a_command_with_one_line(command, tmp_path):
    other = tmp_path / "letter.txt"
    other.write_text("Dear parents, " * 100)
    for path in (tmp_path / "nowhere" / "x.sqlite3", tmp_path, other):
        outside = outside_with(path)
        assert CliRunner().invoke(build(outside), command).exit_code == 2
        said = outside.err.getvalue()
        assert said.startswith(f"firstday: FIRSTDAY_DATABASE: {path}: ")
        assert said.count("\n") == 1


def test_a_database_file_that_another_process_writes_to_can_be_opened(tmp_path):
    path = tmp_path / "x.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert outside_with(path).settings().database.endswith("x.sqlite3")
