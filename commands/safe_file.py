"""A file that appears whole or not at all, and never in the place of another one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_UNFINISHED = ".unfinished"


def trouble(target: Path) -> str | None:
    """Say why a file cannot be written, or give None where nothing is in the way."""
    if not target.parent.is_dir():
        return f"the folder {target.parent} does not exist: make it, or choose another place"
    if target.is_dir():
        return f"{target} is a folder: give a file name in it"
    if target.exists() and target.stat().st_size:
        return f"{target} exists and is not empty: choose another name"
    return None


def left_behind(target: Path) -> list[Path]:
    """Give the unfinished files beside a target, which an earlier crash has left."""
    return sorted(target.parent.glob(f"*{_UNFINISHED}"))


def keep(target: Path, content: bytes) -> Path:
    """Write the content beside its target, safe against a power cut; give where it is.

    Raises:
        OSError: the disk is full or may not be written to; nothing is left behind.
    """
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.", suffix=_UNFINISHED)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def put_in_place(kept: Path, target: Path) -> None:
    """Give a kept file its name.

    Raises:
        FileExistsError: another file took the name meanwhile.
        OSError: the name cannot be given; the kept file is still there.
    """
    if target.exists() and target.stat().st_size:
        raise FileExistsError(f"{target} exists by now")
    kept.replace(target)
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Write the folder itself to disk, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders; the rename itself is safe there
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
