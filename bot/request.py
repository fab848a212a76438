"""An HTTP request as the hooks see it, whichever web framework received it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

E164 = re.compile(r"\+[1-9]\d{6,14}")


class BadRequest(Exception):  # noqa: N818 - the name HTTP has for it
    """A message that cannot be read; says why in plain words and without personal data."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, untouched: a signature covers the raw path and the raw query.

    Attributes:
        path: as it came, percent signs and all.
        query: what stood behind the question mark; empty without one.
        headers: names in lower case.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
