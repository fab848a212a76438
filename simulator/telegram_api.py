"""The HTTP face of the Telegram look-alike: the Bot API's envelope and methods."""

import asyncio
import functools
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.faults import Faults
from simulator.http_faults import act_out
from simulator.telegram import Telegram
from simulator.telegram_checks import Complaint, buttons, plain_text
from simulator.telegram_params import Params, flag, listing, mapping, number, read_params
from simulator.telegram_replies import complain, scripted
from simulator.telegram_updates import Webhook

LONGEST_POLL = 50
WEBHOOK_PORTS = frozenset({None, 443, 80, 88, 8443})
LOOPBACK = frozenset({"127.0.0.1", "localhost"})
Method = Callable[[Params], Awaitable[tuple[Any, str]]]


def bot_app(telegram: Telegram, faults: Faults) -> Starlette:
    """Give the bot its API."""
    face = _Face(telegram, faults)
    return Starlette(
        routes=[Route("/bot{token}/{method}", face.answer, methods=["GET", "POST"])],
        exception_handlers={404: _not_found},
    )


class _Face:
    def __init__(self, telegram: Telegram, faults: Faults) -> None:
        self._telegram = telegram
        self._faults = faults
        self._commands: list[Any] = []
        self._poller: asyncio.Event | None = None
        self._methods: dict[str, Method] = {
            "getme": self._get_me,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_message_text,
            "editmessagereplymarkup": self._edit_message_text,
            "answercallbackquery": self._answer_callback_query,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "getupdates": self._get_updates,
            "setmycommands": self._set_my_commands,
            "getmycommands": self._get_my_commands,
        }

    async def answer(self, request: Request) -> Response:
        if request.path_params["token"] != self._telegram.account.token:
            return complain(Complaint(401, "Unauthorized"))
        name = request.path_params["method"].lower()
        if name not in self._methods:
            return complain(Complaint(404, "Not Found"))
        params = await read_params(request)
        operation = "send" if name == "sendmessage" else name
        fault = self._faults.take("telegram", str(params.get("chat_id", "")), operation)
        act = functools.partial(self._act, self._methods[name], params)
        if fault is None:
            return await act()
        return scripted(fault) or await act_out(fault, self._faults, request, act)

    async def _act(self, method: Method, params: Params) -> Response:
        try:
            result, description = await method(params)
        except Complaint as complaint:
            return complain(complaint)
        noted = {"description": description} if description else {}
        return JSONResponse({"ok": True, "result": result} | noted)

    async def _get_me(self, _params: Params) -> tuple[Any, str]:
        abilities = {
            "can_join_groups": False,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
        return self._telegram.account.as_user() | abilities, ""

    async def _send_message(self, params: Params) -> tuple[Any, str]:
        text = plain_text(str(params.get("text", "")), str(params.get("parse_mode", "")))
        markup = mapping(params, "reply_markup")
        rows = buttons(markup)
        person = self._telegram.reach(number(params, "chat_id"))
        return self._telegram.show(person, text, markup, rows), ""

    async def _edit_message_text(self, params: Params) -> tuple[Any, str]:
        markup = mapping(params, "reply_markup")
        rows = buttons(markup)
        text = None
        if "text" in params:
            text = plain_text(str(params["text"]), str(params.get("parse_mode", "")))
        person = self._telegram.reach(number(params, "chat_id"))
        message_id = number(params, "message_id")
        return self._telegram.amend(person, message_id, text, markup, rows), ""

    async def _answer_callback_query(self, params: Params) -> tuple[Any, str]:
        query = str(params.get("callback_query_id", ""))
        if self._telegram.queries.pop(query, None) is None:
            raise Complaint(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        self._telegram.answers[query] = str(params.get("text", ""))
        return True, ""

    async def _set_webhook(self, params: Params) -> tuple[Any, str]:
        url = str(params.get("url", ""))
        if not url:
            return await self._delete_webhook(params)
        _check_webhook(url)
        secret = str(params.get("secret_token", ""))
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise Complaint(400, "Bad Request: secret token contains unallowed characters")
        updates = self._telegram.updates
        if flag(params, "drop_pending_updates"):
            updates.clear()
        if "allowed_updates" in params:
            updates.allowed = tuple(listing(params, "allowed_updates"))
        limit = number(params, "max_connections", 40)
        changed = updates.webhook != Webhook(url, secret, limit)
        updates.set_webhook(Webhook(url, secret, limit))
        return True, "Webhook was set" if changed else "Webhook is already set"

    async def _delete_webhook(self, params: Params) -> tuple[Any, str]:
        updates = self._telegram.updates
        there = updates.webhook is not None
        updates.set_webhook(None)
        if flag(params, "drop_pending_updates"):
            updates.clear()
        return True, "Webhook was deleted" if there else "Webhook is already deleted"

    async def _get_webhook_info(self, _params: Params) -> tuple[Any, str]:
        updates = self._telegram.updates
        webhook = updates.webhook
        info: dict[str, Any] = {
            "url": webhook.url if webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(updates.waiting()),
        }
        if webhook:
            info |= {"max_connections": webhook.max_connections, "ip_address": "127.0.0.1"}
        if updates.last_error:
            info["last_error_date"], info["last_error_message"] = updates.last_error
        if updates.allowed:
            info["allowed_updates"] = list(updates.allowed)
        return info, ""

    async def _get_updates(self, params: Params) -> tuple[Any, str]:
        updates = self._telegram.updates
        if updates.webhook is not None:
            raise Complaint(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if "allowed_updates" in params:
            updates.allowed = tuple(listing(params, "allowed_updates"))
        if (offset := number(params, "offset", 0)) > 0:
            updates.confirm(offset)
        limit = min(max(number(params, "limit", 100), 1), 100)
        await self._wait_for_news(min(number(params, "timeout", 0), LONGEST_POLL))
        return [update.as_json() for update in updates.waiting()[:limit]], ""

    async def _wait_for_news(self, seconds: float) -> None:
        """Hold a long poll until something comes; a second one ends the first."""
        if self._poller is not None:
            self._poller.set()
        self._poller = ended = asyncio.Event()
        updates = self._telegram.updates
        if seconds <= 0 or updates.waiting():
            return
        updates.news.clear()
        waits = [
            asyncio.ensure_future(event.wait())
            for event in (updates.news, ended, self._faults.closing)
        ]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if ended.is_set():
            raise Complaint(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )

    async def _set_my_commands(self, params: Params) -> tuple[Any, str]:
        self._commands = listing(params, "commands")
        return True, ""

    async def _get_my_commands(self, _params: Params) -> tuple[Any, str]:
        return self._commands, ""


def _check_webhook(url: str) -> None:
    parts = urlsplit(url)
    # The demo and the tests stand on loopback, where there is neither TLS nor a common port.
    if parts.hostname in LOOPBACK:
        return
    if parts.scheme != "https":
        raise Complaint(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if parts.port not in WEBHOOK_PORTS:
        raise Complaint(
            400, "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
        )


async def _not_found(_request: Request, _error: Exception) -> Response:
    return complain(Complaint(404, "Not Found"))
