"""Serves the look-alikes' HTTP inside a running event loop."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from simulator.http_faults import Line

HOST = "127.0.0.1"
START_SECONDS = 10.0


class _Server(uvicorn.Server):
    """Leaves the signals to whoever owns the process, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.leaving = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        # Without a Date header there is nothing to do every second, so closing need not wait.
        await self.on_tick(0)
        await self.leaving.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()


class WebServer:
    """One HTTP server on loopback; port 0 picks a free one."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def open(self, app: ASGIApp) -> None:
        """Listen and serve.

        Raises:
            OSError: the port is taken.
        """
        listener = _listen(self.port)
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=Line,
            ws="none",
            lifespan="off",
            access_log=False,
            date_header=False,
            log_config=None,
            log_level=logging.WARNING,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=75,  # as the real providers do: idle lines are not cut under us
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        async with asyncio.timeout(START_SECONDS):
            await self._server.listening.wait()

    async def close(self) -> None:
        """Finish the answers under way and stop listening."""
        if self._server is not None and self._serving is not None:
            self._server.leaving.set()
            await self._serving


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio turns Nagle's algorithm off; without, each answer in two
    # writes waits 40 ms for the client's acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener
