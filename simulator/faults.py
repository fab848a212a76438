"""Scripted faults: which provider fails how, for which destination, at which call."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

ANY_HTTP = frozenset(
    {
        "status",
        "hang",
        "drop",
        "accept_then_hang",
        "accept_then_drop",
        "html502",
        "html502_accepted",
        "html200",
        "truncated_json",
    }
)
KINDS: Mapping[str, frozenset[str]] = {
    "twilio": ANY_HTTP
    | {
        "repeated_sid",
        "callback_before_answer",
        "duplicate_callback",
        "disordered_callbacks",
        "no_callback",
        "stuck_at_sent",
        "undelivered",
        "failed",
        "delivered_then_undelivered",
    },
    "telegram": ANY_HTTP | {"blocked", "migrate"},
    "smtp": frozenset(
        {
            "connect",
            "mail",
            "rcpt",
            "data",
            "dot",
            "drop_before_data",
            "drop_after_dot",
            "hang_after_dot",
        }
    ),
}
HANG_SECONDS = 60.0
_WRITTEN = re.compile(
    r"(?:(?P<status>\d{3})|(?P<kind>[a-z_0-9]+))(?:/(?P<code>\d+))?(?::(?P<more>.*))?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Written `kind`, `kind:more`, `status` or `status/code`: `accept_then_drop`, `hang:5` (seconds),
    `undelivered:30003`, `429/20429`, `429:7` (seconds to wait), `rcpt:550 5.1.1 No such user`.
    """

    kind: str
    status: int = 0
    code: int | None = None
    more: str = ""

    @classmethod
    def parse(cls, provider: str, written: str) -> "Fault":
        """Read the written form.

        Raises:
            ValueError: this provider knows no such fault.
        """
        found = _WRITTEN.fullmatch(written.strip())
        kind = "status" if found and found["status"] else (found["kind"] if found else "")
        if found is None or kind not in KINDS.get(provider, ()):
            raise ValueError(f"{provider or 'nobody'} knows no fault {written!r}")
        return cls(
            kind=kind,
            status=int(found["status"] or 0),
            code=int(found["code"]) if found["code"] else None,
            more=found["more"] or "",
        )

    def number(self, otherwise: float) -> float:
        """Return the number written after the colon: seconds, or a provider's code."""
        return float(self.more) if self.more.replace(".", "", 1).isdigit() else otherwise


@dataclass(slots=True)
class Script:
    """A fault and when it happens: from the `call`-th matching call on, `times` times."""

    provider: str
    fault: Fault
    to: str | None
    operation: str
    call: int
    times: int
    seen: int = 0
    acted: int = 0


class Faults:
    """The whole script. Calls are counted per script, from the moment it was set."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.closing = asyncio.Event()

    def add(
        self,
        provider: str,
        fault: str,
        *,
        to: str | None = None,
        call: int = 1,
        times: int = 1,
        operation: str = "",
    ) -> Script:
        """Plan a fault for a destination (None: any) and an operation (default: sending).

        Twilio's operations are send, list and fetch; Telegram's are its method names; the
        SMTP faults `connect` and `mail` come before a recipient is known and take no `to`.

        Raises:
            ValueError: this provider knows no such fault, or the counts make no sense.
        """
        if call < 1 or times < 1:
            raise ValueError("call and times count from 1")
        parsed = Fault.parse(provider, fault)
        if not operation:
            early = provider == "smtp" and parsed.kind in {"connect", "mail"}
            operation = parsed.kind if early else "send"
        script = Script(provider, parsed, to, operation.lower(), call, times)
        self.scripts.append(script)
        return script

    def take(self, provider: str, to: str, operation: str = "send") -> Fault | None:
        """Count this call and return the fault that is planned for it."""
        chosen: Script | None = None
        for script in self.scripts:
            if (script.provider, script.operation) != (provider, operation):
                continue
            if script.to not in {None, to}:
                continue
            script.seen += 1
            due = script.call <= script.seen < script.call + script.times
            if due and chosen is None:
                chosen = script
        if chosen is None:
            return None
        chosen.acted += 1
        return chosen.fault

    def clear(self) -> None:
        """Let everything go well from now on."""
        self.scripts.clear()

    async def pause(self, seconds: float) -> None:
        """Hold for so long, or until the street closes."""
        try:
            async with asyncio.timeout(seconds):
                await self.closing.wait()
        except TimeoutError:
            return

    async def control(self, request: Request) -> Response:
        """Answer `/_control/faults`: GET shows the script, POST adds to it, DELETE clears it."""
        if request.method == "DELETE":
            self.clear()
        elif request.method == "POST":
            asked = await request.json()
            try:
                for line in asked if isinstance(asked, list) else [asked]:
                    self.add(**_known(line))
            except (TypeError, ValueError) as error:
                return JSONResponse({"error": str(error)}, status_code=422)
        return JSONResponse([_shown(script) for script in self.scripts])


def _known(line: Mapping[str, Any]) -> dict[str, Any]:
    return {"provider": "", "fault": "", **line}


def _shown(script: Script) -> dict[str, Any]:
    return {
        "provider": script.provider,
        "fault": script.fault.kind,
        "status": script.fault.status or None,
        "code": script.fault.code,
        "more": script.fault.more,
        "to": script.to,
        "operation": script.operation,
        "call": script.call,
        "times": script.times,
        "seen": script.seen,
        "acted": script.acted,
    }
