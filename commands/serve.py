"""Run one process of the service: all of it, or the web, the worker or the clock alone."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Self, TextIO

import uvicorn

from commands.service import Part, Service
from commands.settings import Settings, SettingsError
from store.upgrade import upgrade

GRACE_SECONDS = 15


async def serve(settings: Settings, clock: Callable[[], datetime], parts: Part, out: TextIO) -> int:
    """Run until a signal asks to stop, then let every loop end its round.

    Returns:
        The exit status.
    """
    stopped = stop_signal()
    service = Service(settings, clock, parts)
    await upgrade(service.db)
    async with contextlib.AsyncExitStack() as stack:
        where = ""
        if Part.WEB in parts:
            where = f": {(await stack.enter_async_context(Web(service))).url}"
        await service.start()
        gc.freeze()  # what was loaded stays; nobody need look through it for garbage again
        out.write(f"Firstday is ready{where}\n")
        out.flush()
        await stopped.wait()
    await service.stop()
    return 0


def stop_signal() -> asyncio.Event:
    """Give an event that Ctrl+C or the system's request to stop sets."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    return stopped


class Web:
    """The web server of one service, started and stopped inside a running event loop."""

    def __init__(self, service: Service) -> None:
        settings = service.settings
        config = uvicorn.Config(
            service.web(),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the pages are, on this computer."""
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        listener = _listener(self._server.config.host, self._server.config.port)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise RuntimeError("the web server did not start")
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        if self._task is not None:
            await self._task


def _listener(host: str, port: int) -> socket.socket:
    """Listen where the settings say.

    Raises:
        SettingsError: the address is not this computer's, or the port is taken.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Named TCP, since a socket of protocol 0 is taken for none and answers 40 ms late.
        listener = socket.socket(found[0], found[1], socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(found[4])
    except OSError as wrong:
        raise SettingsError(
            f"cannot listen on {host} port {port} ({wrong.strerror}): "
            "change FIRSTDAY_HOST or FIRSTDAY_PORT, or end what uses the port"
        ) from wrong
    return listener


class _Server(uvicorn.Server):
    """A server that leaves the signals to us: its own way ends the process before the loops do."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
