"""The console commands: what each is called, what it takes, and what it says of itself.

Each imports what it needs when it is called, so that a small one starts at once.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from commands import cli_data
from commands.outside import WRONG_USAGE, Outside
from commands.settings import SettingsError

Rows = Annotated[list[str] | None, typer.Argument(help="Which rows; all by default.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the rows here.")]
Lines = Annotated[str, typer.Argument(help="A file of JSON Lines, or - for standard input.")]


@contextmanager
def _lines(name: str, outside: Outside) -> Iterator[TextIO]:
    if name == "-":
        yield sys.stdin
        return
    try:
        with Path(name).open(encoding="utf-8") as file:
            yield file
    except OSError as wrong:
        outside.err.write(f"firstday: cannot read {name}: {wrong.strerror}\n")
        raise typer.Exit(WRONG_USAGE) from None


def _run(job: Coroutine[None, None, int], outside: Outside) -> int:
    """Run a process; an address it cannot listen on is one clear line."""
    try:
        return asyncio.run(job)
    except SettingsError as wrong:
        outside.err.write(f"firstday: {wrong}\n")
        return WRONG_USAGE


def build(outside: Outside) -> typer.Typer:
    """Build the command with everything it can do."""
    cli = typer.Typer(
        help="First-day-absence messages to parents, their answers, and the codes back.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    _add_readers(cli, outside)
    cli_data.add_to(cli, outside)
    _add_processes(cli, outside)
    return cli


def _add_readers(cli: typer.Typer, outside: Outside) -> None:
    @cli.command()
    def understand(
        file: Lines = "-",
        explain: Annotated[bool, typer.Option(help="Say why, in plain words.")] = False,
    ) -> None:
        """Show how the product reads messages: JSON Lines in, JSON Lines out."""
        from commands.understand import run

        with _lines(file, outside) as lines:
            raise typer.Exit(run(lines, outside.out, today=outside.today(), explain=explain))

    @cli.command()
    def segments(file: Lines = "-") -> None:
        """Count the parts a text is billed as: JSON Lines in, JSON Lines out."""
        from commands.segments import run

        with _lines(file, outside) as lines:
            raise typer.Exit(run(lines, outside.out))

    @cli.command()
    def replay(file: Lines = "-") -> None:
        """Play scripted conversations through the real flows: JSON Lines in, JSON Lines out."""
        from commands.replay import run

        with _lines(file, outside) as lines:
            raise typer.Exit(asyncio.run(run(lines, outside.out)))


def _add_processes(cli: typer.Typer, outside: Outside) -> None:
    def _serve(part: str) -> None:
        from commands.serve import serve
        from commands.service import Part

        job = serve(outside.settings(), outside.now, Part[part], outside.out)
        raise typer.Exit(_run(job, outside))

    @cli.command()
    def serve() -> None:
        """Run everything in one process: web, worker and clock."""
        _serve("ALL")

    @cli.command()
    def web() -> None:
        """Run the web side alone."""
        _serve("WEB")

    @cli.command()
    def worker() -> None:
        """Run a worker alone: it thinks about what came in and sends what is owed."""
        _serve("WORKER")

    @cli.command()
    def clock() -> None:
        """Run the clock alone."""
        _serve("CLOCK")

    @cli.command()
    def demo(
        once: Annotated[bool, typer.Option("--once", help="Play one morning and end.")] = False,
        port: Annotated[int, typer.Option(help="The port of the demo page.")] = 8700,
    ) -> None:
        """Play a school morning on this computer, with invented families."""
        from commands.demo import play_once, show

        job = play_once(outside.now, outside.out) if once else show(outside.now, port, outside.out)
        raise typer.Exit(_run(job, outside))

    @cli.command()
    def bench(
        names: Annotated[
            list[str] | None, typer.Argument(help="Which rows; all by default.")
        ] = None,
        json_file: Annotated[
            Path | None, typer.Option("--json", help="Write the rows here.")
        ] = None,
        schools: Annotated[int, typer.Option(help="How many schools the morning has.")] = 30,
        postgresql: Annotated[
            str | None, typer.Option(help="The address of a server, for send.postgresql.")
        ] = None,
    ) -> None:
        """Measure, each row against a baseline of the same run."""
        from bench.run import run

        status = run(names or [], json_file, outside.out, schools=schools, postgresql=postgresql)
        raise typer.Exit(status)
