"""The addresses that providers post to: prove who it is, read, keep, and only then say yes."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import APIRouter
from starlette.requests import ClientDisconnect
from starlette.requests import Request as WebRequest
from starlette.responses import Response

from actions.inbound import Inbound, Receipt
from bot.email import EmailHook
from bot.mime import LARGEST
from bot.request import BadRequest, Request
from bot.sms import TwilioHook
from bot.telegram import TelegramHook

log = logging.getLogger(__name__)

Keep = Callable[[Inbound], Awaitable[object]]
KeepReceipt = Callable[[Receipt], Awaitable[object]]
Clock = Callable[[], datetime]

LARGEST_POST = 1024 * 1024
"""Bytes; providers' own posts are a hundredth of it."""

_SLOWEST_BODY = 15.0
_RETRY_AFTER = "5"


class _Refused(Exception):  # noqa: N818 - an answer, not an accident
    """Ends a request with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def hooks(
    *,
    twilio: TwilioHook | None,
    telegram: TelegramHook | None,
    email: EmailHook | None,
    keep: Keep,
    receipt: KeepReceipt,
    clock: Clock,
) -> APIRouter:
    """Give the routes of the channels that are set up.

    A message is answered with yes only after ``keep`` has returned; where it raised, the answer
    is 503 and the provider comes again. Bodies are never logged.
    """
    doors = _Doors(keep, receipt, clock)
    router = APIRouter()
    if twilio is not None:
        router.add_route("/hooks/twilio/sms", doors.text(twilio), methods=["POST"])
        router.add_route("/hooks/twilio/status", doors.report(twilio), methods=["POST"])
    if telegram is not None:
        router.add_route("/hooks/telegram", doors.update(telegram), methods=["POST"])
    if email is not None:
        router.add_route("/hooks/email", doors.letter(email), methods=["POST"])
    return router


Door = Callable[[WebRequest], Awaitable[Response]]


class _Doors:
    """One door for each kind of post."""

    def __init__(self, keep: Keep, receipt: KeepReceipt, clock: Clock) -> None:
        self._keep, self._receipt, self._clock = keep, receipt, clock

    def text(self, hook: TwilioHook) -> Door:
        async def take(request: Request) -> None:
            _insist(hook.verify(request), 403)
            await self._keep(hook.read(request))

        return _door(take, LARGEST_POST)

    def report(self, hook: TwilioHook) -> Door:
        async def take(request: Request) -> None:
            _insist(hook.verify(request), 403)
            await self._receipt(hook.read_receipt(request))

        return _door(take, LARGEST_POST)

    def update(self, hook: TelegramHook) -> Door:
        async def take(request: Request) -> None:
            _insist(hook.verify(request), 401)
            message = hook.read(_json(request.body))
            if message is not None:
                await self._keep(message)

        return _door(take, LARGEST_POST)

    def letter(self, hook: EmailHook) -> Door:
        async def take(request: Request) -> None:
            _insist(hook.verify(request, self._clock()), 403)
            await self._keep(await asyncio.to_thread(hook.read, request))

        return _door(take, LARGEST)


def _door(take: Callable[[Request], Awaitable[None]], largest: int) -> Door:
    async def answer(web: WebRequest) -> Response:
        try:
            await take(await _received(web, largest))
        except _Refused as refused:
            return Response(status_code=refused.status)
        except BadRequest as wrong:
            log.warning("a post to %s could not be read: %s", web.url.path, wrong)
            return Response(status_code=400)
        except Exception as trouble:  # noqa: BLE001 - the message is not kept: it must come again
            log.error("a post to %s was not kept: %s", web.url.path, type(trouble).__name__)  # noqa: TRY400
            return Response(status_code=503, headers={"Retry-After": _RETRY_AFTER})
        return Response(status_code=204)

    return answer


async def _received(web: WebRequest, largest: int) -> Request:
    """Read the request to its end, unless it is too large, too slow, or packed."""
    if web.headers.get("content-encoding", "identity").lower() != "identity":
        raise _Refused(415)
    announced = web.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced[:20]) > largest:
        raise _Refused(413)
    body = bytearray()
    try:
        async with asyncio.timeout(_SLOWEST_BODY):
            async for piece in web.stream():
                body += piece
                if len(body) > largest:
                    raise _Refused(413)
    except TimeoutError:
        raise _Refused(408) from None
    except ClientDisconnect:
        raise _Refused(400) from None
    return Request(
        method=web.method,
        # What was signed is what was sent: decoding and encoding again would change it.
        path=bytes(web.scope.get("raw_path") or web.scope["path"].encode()).decode("latin-1"),
        query=bytes(web.scope["query_string"]).decode("latin-1"),
        headers={name.lower(): value for name, value in web.headers.items()},
        body=bytes(body),
    )


def _insist(proven: bool, otherwise: int) -> None:
    if not proven:
        raise _Refused(otherwise)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("the update is no JSON") from None
