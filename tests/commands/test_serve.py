"""The processes as the system starts and stops them: real processes, real signals."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).parent / "firstday"


async def start(part, tmp_path, **settings):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FIRSTDAY_")}
    environment |= {
        "FIRSTDAY_PORT": "0",
        "FIRSTDAY_DATABASE": f"sqlite:///{tmp_path / 'x.sqlite3'}",
        **settings,
    }
    return await asyncio.create_subprocess_exec(
        COMMAND,
        part,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@pytest.mark.fault("B7")
@pytest.mark.parametrize("part", ["serve", "web", "worker", "clock"])
async def test_a_process_says_that_it_is_ready_and_ends_in_order_when_asked(part, tmp_path):
    process = await start(part, tmp_path)
    async with asyncio.timeout(60):
        ready = await process.stdout.readline()
        assert ready.startswith(b"Firstday is ready")
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in errors


async def test_the_library_of_a_channel_that_is_not_set_up_is_never_loaded():
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import sys, commands.service;"
        "sys.exit(bool({'aiogram', 'twilio.rest', 'aiosmtplib', 'alembic'} & set(sys.modules)))",
    )
    assert await process.wait() == 0


async def test_a_wrong_setting_ends_the_start_and_names_itself(tmp_path):
    process = await start("serve", tmp_path, FIRSTDAY_PROT="8000")
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert b"FIRSTDAY_PROT is not a setting" in errors


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
async def test_an_address_that_cannot_be_listened_on_is_one_clear_line(tmp_path, host):
    process = await start("serve", tmp_path, FIRSTDAY_HOST=host)
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert b"cannot listen on" in errors
    assert b"Traceback" not in errors


async def test_a_port_that_is_taken_is_one_clear_line(tmp_path):
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        process = await start("web", tmp_path, FIRSTDAY_PORT=str(port))
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert b"cannot listen on" in errors
