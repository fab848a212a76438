"""What holds for the whole tree: settings are documented, commands in the docs exist, and so on."""

import logging
import re
import shlex
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands.cli import build
from commands.outside import Outside
from commands.settings import PREFIX, Settings, SettingsError, mail_server, settings_from

HOUSE = Path(__file__).parents[2]
ROOMS = [
    "actions",
    "bot",
    "commands",
    "conversations",
    "mis",
    "notifier",
    "office",
    "school",
    "simulator",
    "store",
    "bench",
]
SOURCES = [p for room in ROOMS for p in (HOUSE / room).rglob("*.py") if "versions" not in p.parts]
DOCS = [HOUSE / "README.md", *sorted((HOUSE / "docs").glob("*.md"))]


def test_every_setting_is_documented_with_its_default():
    text = (HOUSE / "docs" / "settings.md").read_text()
    named = set(re.findall(r"`(FIRSTDAY_[A-Z_]+)`", text))
    assert named == {PREFIX + f.name.upper() for f in fields(Settings)}


def test_an_unknown_setting_is_an_error_that_names_it():
    with pytest.raises(SettingsError, match="FIRSTDAY_DATABSE is not a setting"):
        settings_from({"FIRSTDAY_DATABSE": "x"})


def test_a_setting_of_the_wrong_kind_is_an_error_that_names_it():
    with pytest.raises(SettingsError, match="FIRSTDAY_PORT must be a number"):
        settings_from({"FIRSTDAY_PORT": "eighty"})


def test_no_part_of_the_tree_needs_a_name_that_looks_like_a_setting_and_is_none():
    known = {PREFIX + f.name.upper() for f in fields(Settings)}
    files = [HOUSE / "Makefile", HOUSE / ".ci" / "prepare", HOUSE / "Procfile"]
    files += (HOUSE / "tests" / "office").glob("*.py")
    for path in files:
        named = set(re.findall(rf"{PREFIX}[A-Z_]+", path.read_text()))
        assert named <= known, (path, named - known)


def test_a_mail_server_is_encrypted_unless_it_says_otherwise():
    assert mail_server("SMTP", "smtp://a:b%40c@mail.example:587").secure
    assert mail_server("SMTP", "smtp://a:b%40c@mail.example:587").password == "b@c"
    assert not mail_server("SMTP", "smtp://127.0.0.1:25?starttls=off").secure
    with pytest.raises(SettingsError):
        mail_server("SMTP", "mail.example")


def cli():
    outside = Outside(
        lambda: datetime.now(UTC), lambda: datetime.now(UTC).date(), {}, _Silent(), _Silent()
    )
    return build(outside)


class _Silent:
    def write(self, _text):
        return None


def commands_in(text):
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith("firstday ")]


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_commands_in_the_docs_exist_with_their_options(path):
    for words in commands_in(path.read_text()):
        names = [w for w in words[1:] if re.fullmatch(r"[a-z-]+", w) and not w.startswith("-")][:2]
        shown = CliRunner().invoke(cli(), [*names[:2], "--help"])
        if shown.exit_code:
            shown = CliRunner().invoke(cli(), [names[0], "--help"])
        assert shown.exit_code == 0, words
        plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.output)
        for option in (w for w in words if w.startswith("--")):
            assert option in plain, (words, option)


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_links_in_the_docs_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_no_file_names_a_real_phone_number():
    allowed = re.compile(
        r"\+?44 ?7700 ?900|07700 ?900|447700900|01632 ?960|1632960|\+?1500555|\+?1415867"
    )
    number = re.compile(r"(?<![\d.:\w])(?:\+44|0)[127]\d{3} ?\d{3} ?\d{3}(?!\d)")
    for path in [*SOURCES, *(HOUSE / "tests").rglob("*.py"), *DOCS]:
        for found in number.findall(path.read_text()):
            assert allowed.search(found), (path, found)


async def test_nothing_personal_is_logged_on_a_whole_morning(caplog, tmp_path):
    import io

    from commands.demo_morning import Morning
    from commands.demo_world import DemoWorld

    caplog.set_level(logging.DEBUG)
    for outside in ("asyncio", "sqlalchemy", "aiosqlite", "mail.log", "tzlocal"):
        logging.getLogger(outside).setLevel(logging.WARNING)
    async with DemoWorld(lambda: datetime.now(UTC), out=io.StringIO()) as world:
        await Morning(world, io.StringIO()).play()
        secrets = [world.service.settings.twilio_token, world.service.settings.telegram_token]
    canaries = [
        "Noah",
        "Zofia",
        "Jakub",
        "Rosie",
        "Tyler",
        "Layla",
        "Hartnell",
        "Wisniewska",
        "Dunmore",
        "+44770090",
        "447700900",
        "example.org",
        "throat",
        "wymiotowali",
        "dropped",
        *secrets,
    ]
    assert caplog.records
    for record in caplog.records:
        line = record.getMessage()
        assert not [c for c in canaries if c in line], (record.name, line)
