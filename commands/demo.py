"""``firstday demo``: a school morning on this computer, with invented families."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import TextIO

from commands.demo_clerk import EMAIL, PASSWORD
from commands.demo_morning import Morning, StepError
from commands.demo_world import DemoWorld


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
    async with DemoWorld(real, port=port, out=io.StringIO()) as world:
        await world.take_register()
        out.write(
            f"\nThe demo is ready: {world.street.url}\n\n"
            f"Office page:  {world.office_url}\n"
            f"Sign in with: {EMAIL}  /  {PASSWORD}\n\n"
            "It is 08:15 on Tuesday 12 January 2027. Move the clock on to 09:20 on the page,\n"
            "and the first-day messages go out. Press Ctrl+C to end.\n"
        )
        out.flush()
        await world.web.until_stopped()
    return 0
