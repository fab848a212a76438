"""Carries a provider's webhook to the product: one HTTP attempt at a time."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import yarl


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt.

    `status` is None without an HTTP answer; `trouble` then says whether the connection failed
    (`ct`) or the answer did not come (`rt`), in the words of Twilio's connection overrides.
    """

    status: int | None
    trouble: str = ""
    body: str = ""
    content_type: str = ""
    retry_after: str = ""

    @property
    def taken(self) -> bool:
        """Tell whether the product took the message."""
        return self.status is not None and 200 <= self.status < 300


class Postman:
    """Posts to webhook addresses; `tunnels` leads public address beginnings to loopback ones.

    A school's public address is what gets signed, while in a test the product listens on
    loopback: `{"https://absence.example": "http://127.0.0.1:8000"}` bridges the two.
    """

    def __init__(self, tunnels: Mapping[str, str] | None = None) -> None:
        self.tunnels = dict(tunnels or {})
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        connect_seconds: float = 5.0,
        read_seconds: float = 15.0,
    ) -> Answer:
        """Post once, with these time limits; never raises for what the network does."""
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=connect_seconds, sock_read=read_seconds
        )
        place = yarl.URL(self._through_tunnel(url), encoded=True)
        try:
            async with self._open().post(
                place, data=body, headers=headers, timeout=timeout
            ) as reply:
                return Answer(
                    status=reply.status,
                    body=await reply.text(errors="replace"),
                    content_type=reply.content_type,
                    retry_after=reply.headers.get("Retry-After", ""),
                )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return Answer(None, "ct")
        except (aiohttp.ClientError, TimeoutError):
            return Answer(None, "rt")

    async def close(self) -> None:
        """Close the connections that are kept open for the next message."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # A session belongs to a running loop, which there is not yet when a street is planned.
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    def _through_tunnel(self, url: str) -> str:
        for public, loopback in self.tunnels.items():
            if url.startswith(public):
                return loopback + url[len(public) :]
        return url
