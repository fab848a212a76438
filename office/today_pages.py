"""The Today page: the list, the card, and the presses that change something."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from actions.close_task import OutcomeNeededError, UnknownTaskError, close_task
from actions.confirm import (
    CodeError,
    ReasonNeededError,
    RefusedError,
    UnknownReportError,
    confirm,
    undo,
)
from actions.sign_in import SignedIn
from office.guard import Form, Guard, as_person, not_found, number
from office.lists import Tab
from office.page import render
from office.sight import Sight, Wish, look, values

_STAMP = "X-Firstday-Stamp"
_MAX_TOGETHER = 12


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
        answer = await self._page(signed_in, _read_wish(request))
        if request.headers.get(_STAMP.lower()) == answer.headers[_STAMP]:
            return Response(status_code=204)
        return answer

    async def report(self, request: Request) -> Response:
        """Show one report's card: alone, or as a fragment for the page that is open."""
        signed_in = await self.guard.person(request)
        tab = _tab(request.query_params.get("list", ""))
        report_id = _path_id(request, "report_id")
        wish = Wish(tab, f"r{report_id}")
        sight = await self._look(signed_in, wish)
        found = {row.id for row in sight.chosen.row.reports} if sight.chosen else set()
        if report_id not in found:
            raise not_found()
        fragment = "x-firstday-fragment" in request.headers
        template = "card.html" if fragment else "report.html"
        return HTMLResponse(render(template, **values(signed_in, sight, wish)))

    async def confirm(self, request: Request) -> Response:
        """Record a code for a report, and for the children told about with it."""
        signed_in = await self.guard.person(request)
        form = await self.guard.form(request, signed_in)
        wanted = _reports(request, form)
        try:
            async with self.guard.db.work() as session:
                for report_id, version in wanted:
                    await confirm(
                        session,
                        school_id=signed_in.staff.school_id,
                        report_id=report_id,
                        code=form.text("code", 4) or None,
                        person=as_person(signed_in),
                        now=self.guard.clock(),
                        version=version,
                        reason=form.text("reason"),
                        sessions=form.text("sessions", 5) or None,
                    )
        except RefusedError as refused:
            return await self._refuse(signed_in, form, refused, f"r{wanted[0][0]}")
        return _onwards(form, did=".".join(str(report_id) for report_id, _ in wanted))

    async def undo(self, request: Request) -> Response:
        """Take the newest confirmation back, for every child it was made for."""
        signed_in = await self.guard.person(request)
        form = await self.guard.form(request, signed_in)
        wanted = _reports(request, form)
        try:
            async with self.guard.db.work() as session:
                for report_id, version in wanted:
                    await undo(
                        session,
                        school_id=signed_in.staff.school_id,
                        report_id=report_id,
                        person=as_person(signed_in),
                        now=self.guard.clock(),
                        version=version,
                    )
        except RefusedError as refused:
            return await self._refuse(signed_in, form, refused, f"r{wanted[0][0]}")
        ids = ".".join(str(report_id) for report_id, _ in wanted)
        return _onwards(form, undone=ids, report=str(wanted[0][0]))

    async def task_done(self, request: Request) -> Response:
        """Close a task, and the same task for the other children of one message."""
        signed_in = await self.guard.person(request)
        form = await self.guard.form(request, signed_in)
        task_id = _path_id(request, "task_id")
        try:
            async with self.guard.db.work() as session:
                for one in (task_id, *filter(None, map(number, form.many("also")))):
                    await close_task(
                        session,
                        school_id=signed_in.staff.school_id,
                        task_id=one,
                        person=as_person(signed_in),
                        outcome=form.text("outcome"),
                        now=self.guard.clock(),
                    )
        except RefusedError as refused:
            return await self._refuse(signed_in, form, refused, f"t{task_id}")
        return _onwards(form, closed="1")

    async def _refuse(
        self, signed_in: SignedIn, form: Form, refused: RefusedError, key: str
    ) -> Response:
        """Show the page again with what was typed and why nothing was written."""
        if isinstance(refused, UnknownReportError | UnknownTaskError):
            raise not_found()
        typed = {name: form.text(name) for name in ("code", "reason", "sessions", "outcome")}
        wish = Wish(_tab(form.text("list")), key, trouble=refused.words, typed=typed)
        ours = isinstance(refused, CodeError | ReasonNeededError | OutcomeNeededError)
        return await self._page(signed_in, wish, 422 if ours else 409)

    async def _page(self, signed_in: SignedIn, wish: Wish, status: int = 200) -> Response:
        sight = await self._look(signed_in, wish)
        page = render("today.html", **values(signed_in, sight, wish))
        stamp = hashlib.sha256(page.encode()).hexdigest()[:16]
        return HTMLResponse(page, status, headers={_STAMP: stamp})

    async def _look(self, signed_in: SignedIn, wish: Wish) -> Sight:
        async with self.guard.db.read() as session:
            return await look(session, signed_in.staff.school_id, wish, self.guard.clock())


def _read_wish(request: Request) -> Wish:
    asked = request.query_params
    kinds = (("r", "report"), ("t", "task"), ("p", "child"))
    keys = [f"{kind}{n}" for kind, name in kinds if (n := number(asked.get(name, "")))]
    return Wish(
        tab=_tab(asked.get("list", "")),
        key=next(iter(keys), ""),
        did=_ids(asked.get("did", "")),
        undone=_ids(asked.get("undone", "")),
        closed="closed" in asked,
    )


def _tab(name: str) -> Tab:
    return Tab(name) if name in set(Tab) else Tab.TO_CODE


def _ids(text: str) -> tuple[int, ...]:
    return tuple(n for part in text.split(".")[:_MAX_TOGETHER] if (n := number(part)))


def _path_id(request: Request, name: str) -> int:
    found = number(request.path_params[name])
    if not found:
        raise not_found()
    return found


def _reports(request: Request, form: Form) -> list[tuple[int, int | None]]:
    """The report of the address and those confirmed with it, each with the version seen."""
    wanted = [(_path_id(request, "report_id"), form.number("version"))]
    for pair in form.many("also")[:_MAX_TOGETHER]:
        report_id, _, version = pair.partition(":")
        if found := number(report_id):
            wanted.append((found, number(version)))
    return wanted


def _onwards(form: Form, **shown: str) -> Response:
    """Back to the list; the address holds ids and nothing else, and stays on this site."""
    place = {"list": str(_tab(form.text("list")))} | shown
    following = form.text("next", 12)
    kinds = {"r": "report", "t": "task", "p": "child"}
    if "report" not in place and following[:1] in kinds and (n := number(following[1:])):
        place[kinds[following[0]]] = str(n)
    return RedirectResponse(f"/today?{urlencode(place)}", 303)
