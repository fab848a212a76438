"""Write pages from templates, and serve the style sheet and the scripts that belong to them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from office import words

_HERE = Path(__file__).parent
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def _read_static() -> dict[str, bytes]:
    files = sorted((_HERE / "static").iterdir())
    return {path.name: path.read_bytes() for path in files if path.suffix in _KINDS}


_FILES = _read_static()
VERSION = hashlib.sha256(b"".join(_FILES.values())).hexdigest()[:12]
"""Changes with our style and scripts."""
_A_YEAR = "public, max-age=31536000, immutable"


def _static_address(name: str) -> str:
    """An address that changes with our files, so that a browser may keep them for ever.

    The version is a folder: what a script imports beside itself has the same one.
    """
    return f"/static/{VERSION}/{name}"


_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(static=_static_address, words=words)


def render(template: str, **given: Any) -> str:
    """Write one page or fragment; every value is escaped."""
    return _TEMPLATES.get_template(template).render(**given)


async def static_file(request: Request) -> Response:
    """Serve one of our own files; there is no way out of the folder."""
    name = request.path_params["name"]
    if name not in _FILES:
        return Response("not found", 404, media_type="text/plain")
    fresh = request.path_params["version"] == VERSION
    cache = {"Cache-Control": _A_YEAR} if fresh else {}
    return Response(_FILES[name], headers=cache, media_type=_KINDS[Path(name).suffix])
