"""A lean look-alike of Twilio and Telegram in a process of its own: it answers, nothing else.

The wire format is the providers'; the simulator's look-alikes do far more for each request and
would be what is measured. ``python -m bench.lookalike`` writes its address and ends with its
input.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys

ACCOUNT = "AC00112233445566778899aabbccddeeff"
TOKEN = "5f2b8c1d9e7a4b3c8d6e0f1a2b3c4d5e"  # noqa: S105 - invented, like the account
BOT_TOKEN = "7000000001:look-alike-token-of-the-benchmark-000"  # noqa: S105 - invented

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
_sids = itertools.count(1)


class _Line(asyncio.Protocol):
    """One connection; requests come one after the other, as clients with a pool send them."""

    def __init__(self) -> None:
        self._held = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while self._answered_one():
            pass

    def _answered_one(self) -> bool:
        head, end, rest = self._held.partition(_HEAD_END)
        if not end:
            return False
        length = _content_length(head)
        if len(rest) < length:
            return False
        self._held = rest[length:]
        answer = _answer(head.partition(b" HTTP/")[0].decode("latin-1"))
        if answer and self._transport is not None:
            self._transport.write(answer)
        return True


def _content_length(head: bytes) -> int:
    _, found, after = head.lower().partition(_LENGTH)
    return int(after.partition(b"\r\n")[0]) if found else 0


def _answer(request: str) -> bytes | None:
    """Answer a request line; None for one that is to hang, as a long poll does."""
    if request.endswith("/Messages.json"):
        return _http("201 Created", _text())
    if request.lower().endswith("/getupdates"):
        return None
    if request.partition(" ")[2].startswith("/telegram/"):
        return _http("200 OK", json.dumps({"ok": True, "result": True}))
    return _http("404 Not Found", json.dumps({"code": 20404, "message": "", "status": 404}))


def _text() -> str:
    return _TEXT.replace("%SID%", f"SM{next(_sids):032x}")


_URI = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/%SID%"
_WHEN = "Tue, 12 Jan 2027 09:30:00 +0000"
_TEXT = json.dumps({
    "account_sid": ACCOUNT,
    "api_version": "2010-04-01",
    "body": "x" * 140,
    "date_created": _WHEN,
    "date_sent": None,
    "date_updated": _WHEN,
    "direction": "outbound-api",
    "error_code": None,
    "error_message": None,
    "from": "+447700900001",
    "messaging_service_sid": None,
    "num_media": "0",
    "num_segments": "1",
    "price": None,
    "price_unit": None,
    "sid": "%SID%",
    "status": "queued",
    "subresource_uris": {"media": f"{_URI}/Media.json"},
    "to": "+447700900002",
    "uri": f"{_URI}.json",
})  # fmt: skip


def _http(status: str, body: str) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode("ascii")


async def main() -> None:
    """Answer until the input ends, so that no look-alike outlives the benchmark."""
    server = await asyncio.get_running_loop().create_server(_Line, "127.0.0.1", 0, backlog=500)
    host, port = server.sockets[0].getsockname()[:2]
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
