"""Security headers on every answer of the web process: pages, hooks, and what the app says itself.

A route can only put headers on its own answers. An unknown path, a wrong method and a failure are
answered by the app before or after any route, so the headers are put on outside of all of them.
"""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from office.guard import Options


def protect(app: FastAPI, options: Options) -> None:
    """Put the headers on every answer of an app."""
    headers = _headers(options)

    async def failed(_request: Request, _wrong: Exception) -> Response:
        # Written by the outermost layer, which no middleware stands outside of.
        return Response("Something went wrong.", 500, headers, media_type="text/plain")

    app.add_middleware(Headers, headers=headers)
    app.add_exception_handler(Exception, failed)


class Headers:
    """The middleware. ``Cache-Control`` stays where the answer has one: only static files do."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self.app, self.headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                kept = found.get("Cache-Control")
                found.update(self.headers)
                if kept:
                    found["Cache-Control"] = kept
            await send(message)

        await self.app(scope, receive, with_headers)


def _headers(options: Options) -> dict[str, str]:
    return {
        "Content-Security-Policy": (
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
            f"frame-ancestors {options.frame_ancestors}"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
