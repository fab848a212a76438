"""The demo's pages: the families' phones, live, and beside them the school's office."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from simulator.handsets import Family, Handset
from simulator.phones import Phones

HERE = Path(__file__).parent
LONDON = ZoneInfo("Europe/London")
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; frame-src *",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
CHANNEL_WORDS = {"sms": "text", "telegram": "Telegram", "email": "e-mail"}
LONGEST_WAIT = 120
HEARTBEAT_SECONDS = 15.0


class DemoClock(Protocol):
    """The demo's own time, which a visitor may push forward."""

    async def now(self) -> datetime:
        """Return the demo's moment, with its time zone."""

    async def advance(self, minutes: int) -> None:
        """Move on by so many minutes and let happen what is due by then."""


class PhonesPage:
    """Shows the handsets and lets visitors use them."""

    def __init__(
        self,
        handsets: Sequence[Handset],
        family: Family,
        phones: Phones,
        closing: asyncio.Event,
        *,
        office_url: str | None = None,
        clock: DemoClock | None = None,
    ) -> None:
        self.handsets = {f"h{number}": handset for number, handset in enumerate(handsets, 1)}
        self.office_url = office_url
        self.office_cookies: dict[str, str] = {}
        """A browser that is signed in at the office already; cookies know no ports."""
        self.clock = clock
        self._family = family
        self._phones = phones
        self._closing = closing
        self._templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
        self._templates.filters["hour"] = _hour
        self._templates.globals["channel_words"] = CHANNEL_WORDS

    def routes(self) -> list[BaseRoute]:
        """Return where everything is found."""
        return [
            Route("/", self._demo),
            Route("/clock", self._clock, methods=["GET", "POST"]),
            Route("/phones/", self._all),
            Route("/phones/say", self._say, methods=["POST"]),
            Route("/phones/press", self._press, methods=["POST"]),
            Route("/phones/events", self._events),
            Mount("/phones/static", StaticFiles(directory=HERE / "static")),
            Route("/phones/{handset}", self._thread),
        ]

    async def _demo(self, _request: Request) -> Response:
        if self.office_url is None:
            return RedirectResponse("/phones/")
        page = self._page("demo.html", back="/", clock=await self._time())
        for name, value in self.office_cookies.items():
            page.set_cookie(name, value, httponly=True, samesite="lax")
        return page

    async def _all(self, _request: Request) -> Response:
        return self._page("phones.html", back="/phones/")

    async def _thread(self, request: Request) -> Response:
        key = request.path_params["handset"]
        back = request.query_params.get("back", "/phones/")
        return self._page("thread.html", key=key, handset=self._handset(key), back=back)

    async def _say(self, request: Request) -> Response:
        async with request.form() as form:
            key, text = str(form.get("handset", "")), str(form.get("text", "")).strip()
            handset = self._handset(key)
            if text:
                self._family.say(handset, text)
            return _done(request, str(form.get("back", "")), key)

    async def _press(self, request: Request) -> Response:
        async with request.form() as form:
            key, pressed = str(form.get("handset", "")), str(form.get("button", ""))
            handset = self._handset(key)
            kind, _, data = pressed.partition(":")
            if handset.channel == "telegram":
                self._family.press(handset, kind, data)
            return _done(request, str(form.get("back", "")), key)

    async def _clock(self, request: Request) -> Response:
        if self.clock is None:
            raise HTTPException(404)
        if request.method == "GET":
            return PlainTextResponse(await self._time(), headers=SECURITY)
        async with request.form() as form:
            written = str(form.get("minutes", ""))
        if not written.isdigit() or not 1 <= int(written) <= LONGEST_WAIT:
            raise HTTPException(422, f"minutes: a whole number from 1 to {LONGEST_WAIT}")
        await self.clock.advance(int(written))
        return _done(request, "/", "")

    async def _events(self, _request: Request) -> Response:
        return StreamingResponse(self._news(), media_type="text/event-stream", headers=SECURITY)

    async def _news(self) -> AsyncIterator[str]:
        keys = {(h.channel, h.address): key for key, h in self.handsets.items()}
        async with self._phones.listen() as queue:
            yield "retry: 1000\n\n"
            closing = asyncio.ensure_future(self._closing.wait())
            coming = asyncio.ensure_future(queue.get())
            try:
                while not closing.done():
                    await asyncio.wait(
                        (closing, coming),
                        timeout=HEARTBEAT_SECONDS,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                    if not coming.done():
                        yield ": still here\n\n"
                        continue
                    message = coming.result()
                    coming = asyncio.ensure_future(queue.get())
                    if key := keys.get((message.channel, message.address)):
                        yield f"event: handset\ndata: {json.dumps(key)}\n\n"
            finally:
                closing.cancel()
                coming.cancel()

    def _handset(self, key: str) -> Handset:
        if key not in self.handsets:
            raise HTTPException(404)
        return self.handsets[key]

    async def _time(self) -> str:
        if self.clock is None:
            return ""
        now = (await self.clock.now()).astimezone(LONDON)
        return f"{now:%A} {now.day} {now:%B} · {now:%H:%M}"

    def _page(self, template: str, **more: object) -> HTMLResponse:
        text = self._templates.get_template(template).render(
            handsets=self.handsets, family=self._family, office_url=self.office_url, **more
        )
        return HTMLResponse(text, headers=SECURITY)


def _done(request: Request, back: str, key: str) -> Response:
    """Answer a form: nothing to a script, which will hear the news; the page to a browser."""
    if "x-quiet" in request.headers:
        return Response(status_code=204)
    place = back if back in {"/", "/phones/"} else "/phones/"
    return RedirectResponse(f"{place}#{key}" if key else place, status_code=303)


def _hour(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%H:%M}"
