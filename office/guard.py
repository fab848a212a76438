"""The door of every page: who is signed in, and forms that are really ours."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from actions import sign_in as doors
from actions.coding import Person
from actions.sign_in import SignedIn
from office.page import render
from store.database import Database

COOKIE = "firstday"
_MAX_FORM = 64_000
_MAX_FIELDS = 60


@dataclass(frozen=True, slots=True)
class Options:
    """How the office is reached.

    Attributes:
        public_url: the address staff type; a form sent from another origin is refused.
        secure_cookies: send the cookie over HTTPS only.
        frame_ancestors: who may show these pages in a frame, in the words of CSP.
    """

    public_url: str
    secure_cookies: bool
    frame_ancestors: str = "'none'"


class InsteadError(Exception):
    """Another answer than the page asked for: sign in first, not found, not our form."""

    def __init__(self, answer: Response) -> None:
        super().__init__(f"answered with {answer.status_code}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form that was checked."""

    fields: dict[str, list[str]]

    def text(self, name: str, limit: int = 500) -> str:
        """One field, trimmed; empty where it was not sent."""
        value = self.fields.get(name, [""])[0].replace("\0", "")  # PostgreSQL keeps no NUL
        return value.strip()[:limit]

    def many(self, name: str) -> list[str]:
        """Every value of a repeated field."""
        return self.fields.get(name, [])

    def number(self, name: str) -> int | None:
        """A whole number; None for anything else."""
        return number(self.text(name))


def number(text: str) -> int | None:
    """Read an id or a version: plain digits that a database can hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def message(title: str, text: str, status: int) -> Response:
    """A page that says one thing and offers the way back."""
    return Response(render("message.html", title=title, text=text), status, media_type="text/html")


def not_found() -> InsteadError:
    """The answer for what does not exist, and for what is another school's."""
    text = "It may have been at this address before, or the address was mistyped."
    return InsteadError(message("Nothing here", text, 404))


class Guard:
    """Knows who is at the door and which forms are ours."""

    def __init__(self, db: Database, clock: Callable[[], datetime], options: Options) -> None:
        self.db, self.clock, self.options = db, clock, options
        address = urlsplit(options.public_url)
        self._origin = f"{address.scheme}://{address.netloc}".lower()

    async def person(self, request: Request) -> SignedIn:
        """Give the person who is signed in; a page that refreshes itself is no sign of life.

        Raises:
            InsteadError: nobody is; the answer leads to the sign-in page.
        """
        now = self.clock()
        token = request.cookies.get(COOKIE, "")
        async with self.db.read() as session:
            found = await doors.who(session, token=token, now=now) if token else None
        if found is None:
            raise InsteadError(RedirectResponse("/sign-in", 303))
        if doors.needs_noting(found, now) and "x-firstday-refresh" not in request.headers:
            async with self.db.work() as session:
                await doors.still_here(session, token=token, now=now)
        return found

    async def form(self, request: Request, signed_in: SignedIn) -> Form:
        """Read a form that must carry this sign-in's own token.

        Raises:
            InsteadError: the form comes from elsewhere, or is too long.
        """
        form = await self.open_form(request)
        if not hmac.compare_digest(form.text("form_token").encode(), signed_in.form_token.encode()):
            raise InsteadError(_not_ours())
        return form

    async def open_form(self, request: Request) -> Form:
        """Read a form of our own origin, before anybody is signed in."""
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site", "same-origin")
        if (origin is not None and origin.lower() != self._origin) or site == "cross-site":
            raise InsteadError(_not_ours())
        length = number(request.headers.get("content-length", ""))
        if length is None or length > _MAX_FORM:
            raise InsteadError(message("Too long", "Please send less at a time.", 413))
        try:
            body = (await request.body()).decode()
            fields = parse_qs(body, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError:
            raise InsteadError(message("Not readable", "Please try again.", 400)) from None
        return Form(fields)

    def remember(self, answer: Response, signed_in: SignedIn) -> None:
        """Hand the browser its token; it ends with the browser or with the sign-in."""
        answer.set_cookie(
            COOKIE,
            signed_in.token,
            httponly=True,
            samesite="lax",
            secure=self.options.secure_cookies,
            path="/",
        )


def as_person(signed_in: SignedIn) -> Person:
    """The name and role that go into the amendment record."""
    return Person(signed_in.staff.name, signed_in.staff.role)


def _not_ours() -> Response:
    text = (
        "This form did not come from the page you are signed in to, so nothing was changed. "
        "Open Today again and press the button there."
    )
    return message("Nothing was changed", text, 403)


_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class GuardedRoute(APIRoute):
    """The kind of route that every page uses: what the door said instead becomes the answer."""

    def get_route_handler(self) -> _Handler:
        """Give the handler with the door before it."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except InsteadError as instead:
                return instead.answer
            except RequestValidationError:
                return not_found().answer

        return answer
