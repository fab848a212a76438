"""Our hooks and our thinking in one process, as ``firstday serve`` has them, without sending.

``python -m bench.listener URL`` takes the address of a database that holds a town.
"""

from __future__ import annotations

import asyncio
import sys

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from actions import hear
from actions.inbound import Inbound
from bench.lookalike import ACCOUNT, TOKEN
from bench.serving import serve
from bench.town import at
from bot.sms import TwilioHook
from bot.web import hooks
from notifier.catalogues import languages
from notifier.dispatch import Bell
from store.database import Database

PUBLIC_URL = "https://firstday.example"
PATH = "/hooks/twilio/sms"

_NOW = at(8, 40)
_SWEEP_SECONDS = 2.0


class Listener:
    """Keeps what is posted, thinks about it, and counts what it has thought about."""

    def __init__(self, address: str) -> None:
        self.db = Database(address)
        self._bell = Bell()
        self._thought = 0
        self._more = asyncio.Condition()

    def app(self) -> FastAPI:
        """Build the web side: our hooks, and the count."""
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        twilio = TwilioHook([TOKEN], ACCOUNT, PUBLIC_URL)
        app.include_router(
            hooks(
                twilio=twilio,
                telegram=None,
                email=None,
                keep=self._keep,
                receipt=_no_receipt,
                clock=lambda: _NOW,
            )
        )
        app.add_route("/thought/{count:int}", self._until_thought)
        return app

    async def think(self) -> None:
        """Think whenever something came, for ever."""
        while True:
            while thought := await hear.think_due(self.db, _NOW, languages()):
                async with self._more:
                    self._thought += thought
                    self._more.notify_all()
            await self._bell.wait(_SWEEP_SECONDS)

    async def _keep(self, message: Inbound) -> None:
        if await hear.keep(self.db, message, _NOW) is not None:
            self._bell.ring()

    async def _until_thought(self, request: Request) -> Response:
        """Answer when so many messages have been thought about since the start."""
        count = request.path_params["count"]
        async with self._more:
            await self._more.wait_for(lambda: self._thought >= count)
        return PlainTextResponse(str(self._thought))


async def _no_receipt(_receipt: object) -> None:
    """Reports of delivery are no part of this row."""


async def main(address: str) -> None:
    """Serve and think until the input ends."""
    listener = Listener(address)
    thinking = asyncio.create_task(listener.think())
    await serve(listener.app())
    thinking.cancel()
    await asyncio.gather(thinking, return_exceptions=True)
    await listener.db.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
