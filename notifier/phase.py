"""Whether a request can have left us: a connection that never stood carried nothing away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp

KEPT_SECONDS = 3.0
"""How long an idle connection is kept. Servers cut idle ones after five seconds or more, and a
call that meets the cut is of unknown end: so we let go first."""


@dataclass(slots=True)
class Phase:
    """How far one call has come. Without a connection (DNS, TCP and TLS) no byte has left."""

    connected: bool = False


_CURRENT: ContextVar[Phase | None] = ContextVar("phase", default=None)


@contextmanager
def watched() -> Iterator[Phase]:
    """Follow the one call that is made inside this block."""
    phase = Phase()
    token = _CURRENT.set(phase)
    try:
        yield phase
    finally:
        _CURRENT.reset(token)


def tracer() -> aiohttp.TraceConfig:
    """Make what tells a session's requests how far they have come."""
    config = aiohttp.TraceConfig()
    config.on_connection_create_end.append(_connected)
    config.on_connection_reuseconn.append(_connected)
    return config


async def _connected(*_: Any) -> None:
    phase = _CURRENT.get()
    if phase is not None:
        phase.connected = True
