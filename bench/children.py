"""Child processes of the benchmark: started without our settings, always ended."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
"""Where the modules are found that children run."""

_SLOWEST_START = 90.0
_GRACE_SECONDS = 20.0


class ChildError(RuntimeError):
    """A child process did not do what it was started for; says what it wrote last."""


class Child:
    """One process that says in its first line that it is ready, and where."""

    def __init__(self, process: subprocess.Popen[str], errors: IO[str]) -> None:
        self._process = process
        self._errors = errors
        self.ready = self._first_line()

    def peak_memory(self) -> float | None:
        """Give the most memory it ever held, in MB; None where the system does not tell."""
        return _from_status(self._process.pid, "VmHWM")

    def _first_line(self) -> str:
        watchdog = threading.Timer(_SLOWEST_START, self._process.kill)
        watchdog.start()
        try:
            line = self._process.stdout.readline() if self._process.stdout else ""
        finally:
            watchdog.cancel()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            raise ChildError(f"a child process did not start: {self._errors.read()[-2000:]}")
        return line.strip()


@contextmanager
def child(*arguments: str, settings: Mapping[str, str] | None = None) -> Iterator[Child]:
    """Run Python with these arguments until the block ends.

    Args:
        arguments: as the interpreter takes them, such as ``-m`` and a module.
        settings: environment names and values for this child only.

    Raises:
        ChildError: it ended before it was ready, or took too long.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment(settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield Child(process, errors)
        finally:
            _end(process)


def finished(*arguments: str, text: str = "") -> str:
    """Run Python with these arguments to its end and give what it wrote.

    Raises:
        ChildError: its exit status was not 0.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(None),
        input=text,
        capture_output=True,
        text=True,
        timeout=_SLOWEST_START,
        check=False,
    )
    if done.returncode:
        raise ChildError(f"a child process failed: {done.stderr[-2000:]}")
    return done.stdout


def environment(settings: Mapping[str, str] | None) -> dict[str, str]:
    """Give this process's environment without an installation's settings, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTDAY_")}
    return kept | dict(settings or {})


def memory() -> float | None:
    """Give the memory this process holds now, in MB; None where the system does not tell."""
    return _from_status(os.getpid(), "VmRSS")


def _from_status(pid: int, field: str) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = (line.split() for line in lines.splitlines() if line.startswith(f"{field}:"))
    return next((int(words[1]) / 1024 for words in found), None)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        # Reads what is left as well, so that a child cannot hang on a full pipe.
        process.communicate(timeout=_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
