"""The presses of the Today page that change something."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from actions.close_task import OutcomeNeededError, UnknownTaskError, close_task
from actions.coding import CodeError, RefusedError, UnknownReportError
from actions.confirm import ReasonNeededError, confirm
from actions.sign_in import SignedIn
from actions.tell_in_person import UnknownChildError, WordsNeededError, tell_in_person
from actions.undo import undo
from office.guard import Form, Guard, as_person, not_found, number
from office.sight import Wish
from office.today_pages import MAX_TOGETHER, TodayPages, path_id, tab_of

_TYPED = ("code", "reason", "sessions", "outcome", "teller", "words")
_LENGTHS = {"teller": 80, "words": 2000}
_MENDED = (CodeError, ReasonNeededError, OutcomeNeededError, WordsNeededError)
"""Refusals that the person can mend in the form; after the others somebody else was quicker."""


class Presses:
    """Each writes in one transaction and leads back to the list, or shows why nothing was done."""

    def __init__(self, guard: Guard, pages: TodayPages) -> None:
        self.guard, self.pages = guard, pages

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
        task_id = path_id(request, "task_id")
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

    async def told(self, request: Request) -> Response:
        """Note what somebody told the office about one child, or about several together."""
        signed_in = await self.guard.person(request)
        form = await self.guard.form(request, signed_in)
        children = sorted(set(filter(None, map(number, form.many("child")))))
        key = f"p{number(form.text('row', 12)[1:]) or 0}"
        made = []
        try:
            if not children:
                raise CodeError("Tick the child this is about.")
            async with self.guard.db.work() as session:
                for pupil_id in children[:MAX_TOGETHER]:
                    confirmed = await tell_in_person(
                        session,
                        school_id=signed_in.staff.school_id,
                        pupil_id=pupil_id,
                        teller=form.text("teller", _LENGTHS["teller"]),
                        words=form.text("words", _LENGTHS["words"]),
                        code=form.text("code", 4),
                        person=as_person(signed_in),
                        now=self.guard.clock(),
                        reason=form.text("reason"),
                        sessions=form.text("sessions", 5) or None,
                    )
                    made.append(str(confirmed.report_id))
        except RefusedError as refused:
            return await self._refuse(signed_in, form, refused, key)
        return _onwards(form, did=".".join(made))

    async def _refuse(
        self, signed_in: SignedIn, form: Form, refused: RefusedError, key: str
    ) -> Response:
        """Show the page again with what was typed and why nothing was written."""
        if isinstance(refused, UnknownReportError | UnknownTaskError | UnknownChildError):
            raise not_found()
        typed = {name: form.text(name, _LENGTHS.get(name, 500)) for name in _TYPED}
        wish = Wish(tab_of(form.text("list")), key, trouble=refused.words, typed=typed)
        return await self.pages.page(signed_in, wish, 422 if isinstance(refused, _MENDED) else 409)


def _reports(request: Request, form: Form) -> list[tuple[int, int | None]]:
    """The report of the address and those confirmed with it, each with the version seen."""
    wanted = [(path_id(request, "report_id"), form.number("version"))]
    for pair in form.many("also")[:MAX_TOGETHER]:
        report_id, _, version = pair.partition(":")
        if found := number(report_id):
            wanted.append((found, number(version)))
    return wanted


def _onwards(form: Form, **shown: str) -> Response:
    """Back to the list; the address holds ids and nothing else, and stays on this site."""
    place = {"list": str(tab_of(form.text("list")))} | shown
    following = form.text("next", 12)
    kinds = {"r": "report", "t": "task", "p": "child"}
    if "report" not in place and following[:1] in kinds and (n := number(following[1:])):
        place[kinds[following[0]]] = str(n)
    return RedirectResponse(f"/today?{urlencode(place)}", 303)
