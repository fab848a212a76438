"""The HTTP face of the Twilio look-alike: Messages and Balance of the 2010-04-01 API."""

import base64
import binascii
import functools
import hmac
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulator.faults import Fault, Faults
from simulator.http_faults import act_out
from simulator.twilio import Account, Twilio
from simulator.twilio_checks import USUAL_CODES, Refusal, refusal
from simulator.twilio_lists import read_filter, write_page
from simulator.twilio_texts import API_VERSION, Text

LARGEST_PAGE = 1000
USUAL_PAGE = 50
OPEN_STATES = frozenset({"accepted", "queued", "scheduled"})


def rest_app(twilio: Twilio, faults: Faults) -> Starlette:
    """Give the account its REST API."""
    face = _Face(twilio, faults)
    root = f"/{API_VERSION}/Accounts/{{account}}"
    return Starlette(
        routes=[
            Route(f"{root}/Messages.json", face.guarded(face.send), methods=["POST"]),
            Route(f"{root}/Messages.json", face.guarded(face.page), methods=["GET"]),
            Route(f"{root}/Messages/{{sid}}.json", face.guarded(face.fetch), methods=["GET"]),
            Route(f"{root}/Messages/{{sid}}.json", face.guarded(face.change), methods=["POST"]),
            Route(f"{root}/Messages/{{sid}}.json", face.guarded(face.delete), methods=["DELETE"]),
            Route(f"{root}/Balance.json", face.guarded(face.balance), methods=["GET"]),
        ],
        exception_handlers={404: _not_found},
    )


class _Face:
    def __init__(self, twilio: Twilio, faults: Faults) -> None:
        self._twilio = twilio
        self._faults = faults

    def guarded(
        self, answer: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def check_first(request: Request) -> Response:
            account = self._twilio.account
            if not _signed_in(request.headers.get("authorization", ""), account):
                return _refused(Refusal.of(401, 20003))
            if request.path_params["account"] != account.sid:
                return _refused(Refusal.of(404, 20404))
            return await answer(request)

        return check_first

    async def send(self, request: Request) -> Response:
        form = await _form(request)
        fault = self._faults.take("twilio", form.get("To", ""))
        act = functools.partial(self._take, form, fault)
        if fault is None:
            return await act()
        if fault.kind == "status":
            return _scripted(fault)
        return await act_out(fault, self._faults, request, act)

    async def _take(self, form: Mapping[str, str], fault: Fault | None) -> Response:
        twilio = self._twilio
        refused = refusal(form, twilio.account)
        sender = form.get("From") or twilio.account.numbers[0]
        if refused is None and twilio.refuses(sender, form["To"]):
            refused = Refusal.of(400, 21610)
        if refused is not None:
            return _refused(refused)
        text = twilio.accept(form, fault)
        shown = text.as_json()
        reporting = twilio.report(text, form.get("StatusCallback", ""), fault)
        if fault is not None and fault.kind == "callback_before_answer":
            await reporting
        else:
            twilio.errands.start(reporting)
        return JSONResponse(shown, status_code=201)

    async def page(self, request: Request) -> Response:
        query = request.query_params
        fault = self._faults.take("twilio", query.get("To", ""), "list")
        act = functools.partial(self._list, query)
        if fault is None:
            return await act()
        if fault.kind == "status":
            return _scripted(fault)
        return await act_out(fault, self._faults, request, act)

    async def _list(self, query: Mapping[str, str]) -> Response:
        size = query.get("PageSize", str(USUAL_PAGE))
        number = query.get("Page", "0")
        try:
            wanted = read_filter(query)
            page_size = min(max(int(size), 1), LARGEST_PAGE)
            page = int(number)
        except ValueError as error:
            return _refused(Refusal.of(400, 20001, str(error)))
        after = query.get("PageToken", "").removeprefix("PA") or None
        now = self._twilio.clock()
        texts, more = self._twilio.texts.page(wanted, page_size, after, now, self._twilio.list_lag)
        return JSONResponse(write_page(self._twilio.account, query, texts, page, page_size, more))

    async def fetch(self, request: Request) -> Response:
        text = self._find(request)
        fault = self._faults.take("twilio", text.to if text else "", "fetch")
        if fault is not None and fault.kind == "status":
            return _scripted(fault)
        return _refused(Refusal.of(404, 20404)) if text is None else JSONResponse(text.as_json())

    async def change(self, request: Request) -> Response:
        text, form = self._find(request), await _form(request)
        if text is None:
            return _refused(Refusal.of(404, 20404))
        if form.get("Status") == "canceled":
            if text.status not in OPEN_STATES:
                return _refused(Refusal.of(400, 30409, "The message can no longer be cancelled"))
            text.status = "canceled"
        elif form.get("Body") == "":
            text.body = ""
        text.updated = self._twilio.clock()
        return JSONResponse(text.as_json())

    async def delete(self, request: Request) -> Response:
        text = self._find(request)
        if text is None:
            return _refused(Refusal.of(404, 20404))
        self._twilio.texts.remove(text)
        return Response(status_code=204)

    async def balance(self, _request: Request) -> Response:
        account = self._twilio.account
        return JSONResponse(
            {
                "account_sid": account.sid,
                "balance": account.balance,
                "currency": account.currency,
            }
        )

    def _find(self, request: Request) -> Text | None:
        return self._twilio.texts.get(request.path_params["sid"])


def _signed_in(header: str, account: Account) -> bool:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    keys = [(account.sid, account.auth_token)]
    if account.api_key:
        keys.append(account.api_key)
    return any(hmac.compare_digest(given, f"{name}:{secret}".encode()) for name, secret in keys)


async def _form(request: Request) -> dict[str, str]:
    written = (await request.body()).decode("utf-8", "replace")
    return dict(parse_qsl(written, keep_blank_values=True))


def _refused(why: Refusal) -> Response:
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if why.status == 401 else None
    return JSONResponse(why.as_json(), status_code=why.status, headers=headers)


def _scripted(fault: Fault) -> Response:
    code = fault.code or USUAL_CODES.get(fault.status)
    if code is None:
        return PlainTextResponse("Scripted refusal", status_code=fault.status)
    return _refused(Refusal.of(fault.status, code))


async def _not_found(_request: Request, _error: Exception) -> Response:
    return _refused(Refusal.of(404, 20404))
