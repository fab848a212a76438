"""Texts by Twilio: the one call, and the question whether a text of unknown end exists."""

from __future__ import annotations

import base64
import logging
import re
from datetime import UTC, timedelta
from typing import Any

from aiohttp import ClientSession, TCPConnector
from twilio.base.exceptions import (  # type: ignore[import-untyped]
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.async_http_client import AsyncTwilioHttpClient  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from notifier import phase
from notifier.sender import Found, Outcome, Parcel, Result
from notifier.twilio_codes import WAITS, at_call
from school.people import Channel

log = logging.getLogger(__name__)
# At INFO the library writes the account and every address it asks about into the log.
logging.getLogger("twilio.async_http_client").setLevel(logging.WARNING)

SHORTEST_VALIDITY, LONGEST_VALIDITY = 60, 36_000
_CLOCKS_DIFFER = timedelta(seconds=5)
_PAGE = 1000
_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")


class _TimedHttp(AsyncTwilioHttpClient):  # type: ignore[misc]
    """The library's client with a time limit: its own is never handed to the connection."""

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["timeout"] = kwargs.get("timeout") or self.timeout
        # The library signs in by a way that the HTTP client under it is giving up.
        name_and_secret = kwargs.pop("auth", None)
        if name_and_secret:
            signed_in = base64.b64encode(":".join(name_and_secret).encode()).decode()
            kwargs["headers"] = {**kwargs["headers"], "Authorization": f"Basic {signed_in}"}
        return await super().request(*args, **kwargs)


class TwilioSms:
    """Sends texts from one Twilio account. Makes no retries of its own.

    Args:
        base_url: where Twilio is; None for the real one.
        callback_url: where reports go, without a query.
        timeout: for one whole call, in seconds.
    """

    channel = Channel.SMS

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        base_url: str | None = None,
        callback_url: str,
        timeout: float = 10.0,
        at_once: int = 50,
    ) -> None:
        self.at_once = at_once
        self._account = account_sid, auth_token
        self._base_url = base_url
        self._callback_url = callback_url
        self._timeout = timeout
        self._http: _TimedHttp | None = None
        self._client: Any = None

    async def send(self, parcel: Parcel) -> Result:
        """Hand one text to Twilio. Never raises for what Twilio or a network can do."""
        with phase.watched() as call:
            try:
                made = await self._messages().create_async(
                    to=parcel.address,
                    from_=parcel.sender,
                    body=parcel.body,
                    status_callback=f"{self._callback_url}?a={parcel.attempt_id}",
                    validity_period=_validity(parcel.seconds_left),
                )
            except (TwilioRestException, TwilioServiceException) as refused:
                return _refused(refused.status, refused.code)
            except Exception as trouble:  # noqa: BLE001 - whatever it was, the text may be on its way
                return _broken(trouble, connected=call.connected)
        sid = made.sid
        if not (isinstance(sid, str) and _SID.fullmatch(sid)):
            return Result(Outcome.UNKNOWN, code="answer without an id")
        return Result(Outcome.ACCEPTED, sid)

    async def find(self, parcel: Parcel) -> tuple[Found, str | None]:
        """Look for the text in Twilio's lists: by the day it was sent, and among those unsent."""
        day = parcel.called_at.astimezone(UTC).date()
        # A text that waits has no date of sending yet, so a list by date leaves it out.
        for since in ({"date_sent_after": day}, {}):
            try:
                texts = await self._messages().list_async(
                    to=parcel.address, from_=parcel.sender, limit=_PAGE, page_size=_PAGE, **since
                )
            except Exception as trouble:  # noqa: BLE001 - no list, no knowledge
                log.warning("Twilio's list could not be read: %s", type(trouble).__name__)
                return Found.CANNOT_TELL, None
            for text in texts:
                if _is_same(text, parcel):
                    return Found.YES, text.sid
        return Found.NO, None

    async def close(self) -> None:
        """Give connections back; the next call opens new ones."""
        http, self._http, self._client = self._http, None, None
        if http is not None:
            await http.close()

    def _messages(self) -> Any:
        """Give the account's messages; made late, since a session belongs to a running loop."""
        if self._client is None:
            self._http = _TimedHttp(timeout=self._timeout, pool_connections=False)
            self._http.session = ClientSession(
                connector=TCPConnector(keepalive_timeout=phase.KEPT_SECONDS),
                trace_configs=[phase.tracer()],
            )
            self._client = Client(*self._account, http_client=self._http)
            if self._base_url is not None:
                self._client.api.base_url = self._base_url
        return self._client.messages


def _validity(seconds_left: int) -> int:
    return min(max(seconds_left, SHORTEST_VALIDITY), LONGEST_VALIDITY)


def _refused(status: int, code: int | None) -> Result:
    outcome = at_call(status, code)
    wait = WAITS.get(code or 0) if outcome is Outcome.THROTTLED else None
    return Result(outcome, code=str(code or status), wait=wait)


def _broken(trouble: Exception, *, connected: bool) -> Result:
    kind = type(trouble).__name__
    log.warning("a call to Twilio ended with %s, connected: %s", kind, connected)
    return Result(Outcome.UNKNOWN if connected else Outcome.NOT_SENT, code=kind)


def _is_same(text: Any, parcel: Parcel) -> bool:
    created = text.date_created
    return bool(
        text.body == parcel.body
        and str(text.direction).startswith("outbound")
        and created is not None
        and created >= parcel.called_at - _CLOCKS_DIFFER
    )
