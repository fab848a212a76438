"""Acts out the HTTP faults every provider shares: hanging, hanging up, wrong bodies."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from simulator.faults import HANG_SECONDS, Fault, Faults

HANG_UP = "simulator.hang_up"
BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
CAPTIVE = (
    "<html><head><title>Sign in</title></head><body>Please sign in to this network.</body></html>"
)


class Line(H11Protocol):
    """An HTTP connection that the application may cut off, as a failing network would."""

    def handle_events(self) -> None:
        """Serve the requests that have arrived, each with a way to hang up."""
        if getattr(self.app, "__name__", "") != HANG_UP:
            self.app = _with_hang_up(self.app, self._cut)
        super().handle_events()

    def _cut(self) -> None:
        self.transport.close()


def _with_hang_up(app: ASGIApp, cut: Callable[[], None]) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})[HANG_UP] = cut
        await app(scope, receive, send)

    answer.__name__ = HANG_UP
    return answer


async def hang_up(request: Request) -> Response:
    """Close the connection without an answer."""
    request.scope["extensions"][HANG_UP]()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response()


async def act_out(
    fault: Fault, faults: Faults, request: Request, act: Callable[[], Awaitable[Response]]
) -> Response:
    """Answer the request in the faulty way; `act` is what the provider would have done.

    A kind this file does not know belongs to one provider and is left to it: `act` alone runs.
    """
    if fault.kind in {"accept_then_hang", "accept_then_drop", "html502_accepted"}:
        await act()
    if fault.kind in {"hang", "accept_then_hang"}:
        await faults.pause(fault.number(HANG_SECONDS))
        return await hang_up(request)
    if fault.kind in {"drop", "accept_then_drop"}:
        return await hang_up(request)
    if fault.kind in {"html502", "html502_accepted"}:
        return HTMLResponse(BAD_GATEWAY, status_code=502)
    if fault.kind == "html200":
        return HTMLResponse(CAPTIVE)
    reply = await act()
    if fault.kind == "truncated_json":
        half = bytes(reply.body)[: len(reply.body) // 2]
        return Response(half, reply.status_code, media_type="application/json")
    return reply
