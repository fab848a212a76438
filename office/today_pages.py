"""The Today page: the list and the card, and whether anything in them has changed."""

from __future__ import annotations

import hashlib

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from actions.sign_in import SignedIn
from office.guard import Guard, not_found, number
from office.lists import Tab
from office.page import VERSION, render
from office.sight import Sight, Wish, look, state, values

_STAMP = "X-Firstday-Stamp"
MAX_TOGETHER = 12
"""No family has more children, and no address or form needs to hold more."""


class TodayPages:
    """Reads for one school only: that of the person who is signed in."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    async def home(self, request: Request) -> Response:
        """Lead to the list."""
        await self.guard.person(request)
        return RedirectResponse("/today", 303)

    async def today(self, request: Request) -> Response:
        """Show one list with one row in full; 204 where nothing changed since the stamp sent."""
        signed_in = await self.guard.person(request)
        # Read before the page: what changes in between is shown now and sent once more, never lost.
        stamp = await self._stamp(signed_in, str(request.url.query))
        if request.headers.get(_STAMP.lower()) == stamp:
            return Response(status_code=204)
        answer = await self.page(signed_in, _read_wish(request))
        answer.headers[_STAMP] = stamp
        return answer

    async def report(self, request: Request) -> Response:
        """Show one report's card: alone, or as a fragment for the page that is open."""
        signed_in = await self.guard.person(request)
        tab = tab_of(request.query_params.get("list", ""))
        report_id = path_id(request, "report_id")
        wish = Wish(tab, f"r{report_id}")
        sight = await self._look(signed_in, wish)
        found = {row.id for row in sight.chosen.row.reports} if sight.chosen else set()
        if report_id not in found:
            raise not_found()
        fragment = "x-firstday-fragment" in request.headers
        template = "card.html" if fragment else "report.html"
        return HTMLResponse(render(template, **values(signed_in, sight, wish)))

    async def page(self, signed_in: SignedIn, wish: Wish, status: int = 200) -> Response:
        """The whole page, as one person sees it."""
        sight = await self._look(signed_in, wish)
        return HTMLResponse(render("today.html", **values(signed_in, sight, wish)), status)

    async def _stamp(self, signed_in: SignedIn, query: str) -> str:
        """Name what this person would see at this address, without reading all of it."""
        async with self.guard.db.read() as session:
            now = await state(session, signed_in.staff.school_id, self.guard.clock())
        seen = f"{VERSION}\n{signed_in.form_token}\n{query}\n{now}"
        return hashlib.sha256(seen.encode()).hexdigest()[:16]

    async def _look(self, signed_in: SignedIn, wish: Wish) -> Sight:
        async with self.guard.db.read() as session:
            return await look(session, signed_in.staff.school_id, wish, self.guard.clock())


def _read_wish(request: Request) -> Wish:
    asked = request.query_params
    kinds = (("r", "report"), ("t", "task"), ("p", "child"))
    keys = [f"{kind}{n}" for kind, name in kinds if (n := number(asked.get(name, "")))]
    return Wish(
        tab=tab_of(asked.get("list", "")),
        key=next(iter(keys), ""),
        did=_ids(asked.get("did", "")),
        undone=_ids(asked.get("undone", "")),
        closed="closed" in asked,
    )


def tab_of(name: str) -> Tab:
    """The list of a name; what is to code for any other."""
    return Tab(name) if name in set(Tab) else Tab.TO_CODE


def _ids(text: str) -> tuple[int, ...]:
    return tuple(n for part in text.split(".")[:MAX_TOGETHER] if (n := number(part)))


def path_id(request: Request, name: str) -> int:
    """The number in the address.

    Raises:
        InsteadError: it is none.
    """
    found = number(request.path_params[name])
    if not found:
        raise not_found()
    return found
