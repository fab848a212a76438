"""Reads the parameters of a Bot API call: query, form or JSON, in whichever the client wrote."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from simulator.telegram_checks import Complaint

Params = Mapping[str, Any]


async def read_params(request: Request) -> dict[str, Any]:
    """Return the parameters from wherever the client put them."""
    given: dict[str, Any] = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        with contextlib.suppress(json.JSONDecodeError):
            given |= await request.json()
        return given
    async with request.form() as form:
        given |= {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
    return given


def number(params: Params, name: str, default: int | None = None) -> int:
    """Return a whole number.

    Raises:
        Complaint: it is missing and has no default, or is no number.
    """
    value = params.get(name, default)
    if value is None or value == "":
        raise Complaint(400, f"Bad Request: {name} is empty")
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Complaint(400, f"Bad Request: {name} is not a number") from None


def mapping(params: Params, name: str) -> dict[str, Any]:
    """Return a JSON object, empty where there is none."""
    value = _parsed(params.get(name) or {}, name)
    return value if isinstance(value, dict) else {}


def listing(params: Params, name: str) -> list[Any]:
    """Return a JSON array, empty where there is none."""
    value = _parsed(params.get(name) or [], name)
    return value if isinstance(value, list) else []


def _parsed(value: Any, name: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        raise Complaint(400, f"Bad Request: can't parse {name} JSON object") from None


def flag(params: Params, name: str) -> bool:
    """Tell whether a switch is on."""
    return str(params.get(name, "")).lower() in {"true", "1", "yes"}
