"""The sign-in page and signing out."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from actions import sign_in as doors
from office.guard import COOKIE, Guard, InsteadError
from office.page import render

_NO = (
    "That e-mail address and password do not go together. After ten tries you have to wait a "
    "quarter of an hour."
)


class SignInPages:
    """In and out."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    async def ask(self, request: Request) -> Response:
        """Show the form, or go on where somebody is signed in already."""
        try:
            await self.guard.person(request)
        except InsteadError:
            return HTMLResponse(render("sign_in.html", trouble="", email=""))
        return RedirectResponse("/today", 303)

    async def sign_in(self, request: Request) -> Response:
        """Check the password; a new sign-in has a new token, and the one before it ends."""
        form = await self.guard.open_form(request)
        email = form.text("email", 200)
        password = form.fields.get("password", [""])[0][:1000]
        async with self.guard.db.read() as session:
            person = await doors.owner(session, email=email, password=password)
        async with self.guard.db.work() as session:
            found = await doors.sign_in(
                session,
                email=email,
                person=person,
                network_address=request.client.host if request.client else "",
                now=self.guard.clock(),
            )
            if found and (before := request.cookies.get(COOKIE)):
                await doors.sign_out(session, token=before)
        if found is None:
            return HTMLResponse(render("sign_in.html", trouble=_NO, email=email), 403)
        answer = RedirectResponse("/today", 303)
        self.guard.remember(answer, found)
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End the sign-in here and in the store."""
        signed_in = await self.guard.person(request)
        await self.guard.form(request, signed_in)
        async with self.guard.db.work() as session:
            await doors.sign_out(session, token=signed_in.token)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer
