"""A clerk at the office page, by hand of HTTP: signs in, reads the list, presses the buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

import aiohttp
from yarl import URL

EMAIL = "office@larkmead.example"
PASSWORD = "larkmead in january"  # noqa: S105 - the demo's invented clerk


@dataclass(slots=True)
class Form:
    """One form of a page: where it goes and what it sends if nothing is changed."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", "")))
        elif tag == "input" and self.found and given.get("type") == "hidden":
            self.found[-1].fields[given["name"]] = given.get("value", "")


def forms(page: str) -> list[Form]:
    """Give the forms of a page, in order."""
    reader = _Forms()
    reader.feed(page)
    return reader.found


class Clerk:
    """Signed in at the office page of the demo."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # Cookies of an address without a name are refused by default; the demo is on 127.0.0.1.
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        await self.page("/sign-in")
        await self._post("/sign-in", {"email": EMAIL, "password": PASSWORD})
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.close()

    @property
    def http(self) -> aiohttp.ClientSession:
        """The clerk's browser."""
        if self._http is None:
            raise RuntimeError("the clerk has not come in yet")
        return self._http

    def cookies(self) -> dict[str, str]:
        """Give the cookies of the signed-in browser."""
        return {
            c.key: c.value for c in self.http.cookie_jar.filter_cookies(URL(self._url)).values()
        }

    async def page(self, path: str) -> str:
        """Read a page.

        Raises:
            aiohttp.ClientResponseError: the page was refused.
        """
        async with self.http.get(self._url + path) as answer:
            answer.raise_for_status()
            return await answer.text()

    async def confirm_all(self) -> int:
        """Confirm every report that has a suggestion, one press each; gives how many."""
        confirmed = 0
        while form := await self._next_to_confirm():
            await self._post(form.action, form.fields)
            confirmed += 1
        return confirmed

    async def confirm_with(self, code: str) -> bool:
        """Give the first report on the list a code of the clerk's own; False for an empty list."""
        form = await self._next_to_confirm()
        if form is None:
            return False
        await self._post(form.action, {**form.fields, "code": code})
        return True

    async def _next_to_confirm(self) -> Form | None:
        page = await self.page("/today?list=to-code")
        ready = (f for f in forms(page) if f.action.endswith("/confirm"))
        return next(ready, None)

    async def _post(self, path: str, fields: dict[str, str]) -> str:
        async with self.http.post(
            self._url + path, data=fields, headers={"Origin": self._url}
        ) as answer:
            answer.raise_for_status()
            return await answer.text()
