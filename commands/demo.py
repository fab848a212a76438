"""``firstday demo``: a school morning on this computer, with invented families."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

from commands.demo_clerk import EMAIL, PASSWORD, Clerk
from commands.demo_morning import Morning, StepError
from commands.demo_world import DemoWorld
from commands.serve import stop_signal

_START = datetime(2027, 1, 12, 9, 17, tzinfo=UTC)
_WELCOME = f"""
The demo is ready. Open  {{demo}}

On the left the school office, on the right the parents' phones. It is 09:17 on Tuesday
12 January 2027, and the registers are in but for one class. At 09:20 the first-day messages
go out by themselves (or press +1 min). Then answer as a parent would, and confirm as the
office would.

The office page alone:  {{office}}
Signed in as {EMAIL}; the password is "{PASSWORD}".
Press Ctrl+C to end; nothing is kept.
"""


async def play_once(real: Callable[[], datetime], out: TextIO) -> int:
    """Play one morning and check each step; 0 only if every step did what it should."""
    out.write("A school morning at Larkmead Juniors, Tuesday 12 January 2027\n\n")
    notes = io.StringIO()
    async with DemoWorld(real, out=notes) as world:
        try:
            await Morning(world, out).play()
        except StepError as wrong:
            out.write(f"\nThe morning went wrong: {wrong}\n{notes.getvalue()}")
            return 1
    out.write("\nEvery step did what it should. To play it yourself: make demo\n")
    return 0


async def show(real: Callable[[], datetime], port: int, out: TextIO) -> int:
    """Show the office page and the parents' phones side by side until stopped."""
    stopped = stop_signal()
    async with DemoWorld(real, port=port, out=io.StringIO()) as world:
        world.clock.push(_START - world.clock())
        await world.take_register()
        async with Clerk(world.office_url) as clerk:  # the visitor gets the clerk's browser
            world.street.page.office_cookies = clerk.cookies()
            out.write(_WELCOME.format(demo=world.street.url, office=world.office_url))
            out.flush()
            await stopped.wait()
    return 0
