"""A look-alike of Twilio's SMS side: one account, its numbers, its texts and its webhooks."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.errands import Errands
from simulator.faults import Fault
from simulator.phones import Clock, Phones
from simulator.postman import Answer, Postman
from simulator.segments import count_segments
from simulator.twilio_forms import course, inbound_form, status_form
from simulator.twilio_texts import Text, Texts, new_sid
from simulator.twilio_webhooks import Webhooks

STOP_WORDS = frozenset({
    "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT",
})  # fmt: skip
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
STOPPED = "This number will not text you again. Text START to hear from it again."
STARTED = "You will get texts from this number again. Text STOP to end them."
HELPED = "This number sends texts for a school. Text STOP to end them."
ALERTS_KEPT = 500


@dataclass(frozen=True, slots=True)
class Account:
    """What identifies the invented account: its SID, its primary token and its senders."""

    sid: str
    auth_token: str
    numbers: tuple[str, ...]
    service_sid: str = "MG00112233445566778899aabbccddeeff"
    api_key: tuple[str, str] | None = None
    balance: str = "20.00"
    currency: str = "GBP"


@dataclass(frozen=True, slots=True)
class TextedIn:
    """What became of a parent's text: the webhook's answers, the fallback's included."""

    sid: str
    answers: tuple[Answer, ...]

    @property
    def taken(self) -> bool:
        """Tell whether the product took the text."""
        return bool(self.answers) and self.answers[-1].taken


class Twilio:
    """The account as the network sees it; `twilio_rest.rest_app` is its HTTP face.

    `webhook_url` and `fallback_url` are where a parent's text goes and may be set at any time.
    `pace` is the time between two statuses of a text, `list_lag` how late lists are, in seconds.
    `alerts` notes what the provider's debugger would show: code and what happened.
    """

    def __init__(
        self,
        account: Account,
        phones: Phones,
        postman: Postman,
        errands: Errands,
        clock: Clock,
    ) -> None:
        self.account = account
        self.texts = Texts()
        self.webhook_url: str | None = None
        self.fallback_url: str | None = None
        self.pace = 0.02
        self.list_lag = 0.0
        self.alerts: deque[tuple[int, str]] = deque(maxlen=ALERTS_KEPT)
        self.opted_out: set[tuple[str, str]] = set()
        self.clock = clock
        self.errands = errands
        self._phones = phones
        self._webhooks = Webhooks(postman, account.auth_token)

    def accept(self, form: Mapping[str, str], fault: Fault | None = None) -> Text:
        """Take a checked text for sending; the handset has it at once unless it will fail."""
        now = self.clock()
        previous = self.texts.last()
        repeated = fault is not None and fault.kind == "repeated_sid" and previous is not None
        service = form.get("MessagingServiceSid") or None
        text = Text(
            sid=previous.sid if repeated and previous else new_sid("SM"),
            account=self.account.sid,
            to=form["To"],
            from_=form.get("From") or None,
            body=form.get("Body", ""),
            status="accepted" if service else "queued",
            direction="outbound-api",
            segments=count_segments(form.get("Body", "")),
            created=now,
            updated=now,
            service=service,
        )
        self.texts.add(text)
        if fault is None or fault.kind not in {"undelivered", "failed"}:
            self._show(text)
        return text

    async def report(self, text: Text, callback_url: str, fault: Fault | None = None) -> None:
        """Move a text through its statuses and post each one, in the order the fault asks for."""
        for status, code in course(fault):
            await asyncio.sleep(self.pace)
            self._move(text, status, code)
            if callback_url and not (fault and fault.kind == "no_callback"):
                for _ in range(2 if fault and fault.kind == "duplicate_callback" else 1):
                    await self._call_back(text, callback_url, status, code)

    async def text_in(
        self, from_: str, to: str, body: str, media: tuple[str, ...] = ()
    ) -> TextedIn:
        """Send a text from a parent's handset to one of our numbers and wait for the webhook.

        Raises:
            ValueError: `to` is not a number of this account.
        """
        if to not in self.account.numbers:
            raise ValueError(f"{to} is not a number of this account")
        now = self.clock()
        text = Text(
            sid=new_sid("MM" if media else "SM"),
            account=self.account.sid,
            to=to,
            from_=from_,
            body=body,
            status="received",
            direction="inbound",
            segments=count_segments(body),
            created=now,
            updated=now,
            sent=now,
            media=len(media),
        )
        self.texts.add(text)
        self._phones.record("sms", from_, "sent", body, peer=to, reference=text.sid)
        self._mind_opt_out(from_, to, body)
        return TextedIn(text.sid, tuple(await self._hand_over(text, media)))

    async def repeat(self, sid: str) -> TextedIn:
        """Post a parent's text to the webhook once more, as happens after an answer got lost.

        Raises:
            KeyError: there is no such text.
        """
        text = self.texts.get(sid)
        if text is None:
            raise KeyError(sid)
        return TextedIn(sid, tuple(await self._hand_over(text, ())))

    def refuses(self, from_: str, to: str) -> bool:
        """Tell whether this recipient has stopped texts from this sender or its service."""
        return (from_, to) in self.opted_out

    async def _hand_over(self, text: Text, media: tuple[str, ...]) -> list[Answer]:
        params = inbound_form(text, media)
        if self.webhook_url is None:
            self.alerts.append((11200, f"{text.sid}: no webhook is set"))
            return []
        answers = await self._webhooks.post(self.webhook_url, params)
        self._look_at(answers[-1], text.sid)
        if not answers[-1].taken and self.fallback_url:
            blame = [("ErrorCode", "11200"), ("ErrorUrl", self.webhook_url)]
            answers += await self._webhooks.post(self.fallback_url, [*params, *blame])
        return answers

    async def _call_back(self, text: Text, url: str, status: str, code: int | None) -> None:
        answers = await self._webhooks.post(url, status_form(text, status, code))
        if not answers[-1].taken:
            self.alerts.append((11200, f"{text.sid}: status {status} was not taken"))

    def _move(self, text: Text, status: str, code: int | None) -> None:
        text.status, text.error_code, text.updated = status, code, self.clock()
        if text.from_ is None:
            text.from_ = self.account.numbers[0]
        if text.sent is None and status != "failed":
            text.sent = text.updated

    def _show(self, text: Text) -> None:
        sender = text.from_ or self.account.numbers[0]
        self._phones.record("sms", text.to, "received", text.body, peer=sender, reference=text.sid)

    def _look_at(self, answer: Answer, sid: str) -> None:
        if not answer.taken:
            self.alerts.append((11200, f"{sid}: {answer.trouble or answer.status}"))
        elif answer.body and "xml" not in answer.content_type:
            self.alerts.append((12300, f"{sid}: answered with {answer.content_type}"))

    def _mind_opt_out(self, from_: str, to: str, body: str) -> None:
        word = body.strip().upper()
        stopped = (to, from_) in self.opted_out
        if word in STOP_WORDS and not stopped:
            self.opted_out.add((to, from_))
            self._answer_by_itself(to, from_, STOPPED)
        elif word in START_WORDS and stopped:
            self.opted_out.discard((to, from_))
            self._answer_by_itself(to, from_, STARTED)
        elif word in HELP_WORDS:
            self._answer_by_itself(to, from_, HELPED)

    def _answer_by_itself(self, from_: str, to: str, body: str) -> None:
        text = self.accept({"To": to, "From": from_, "Body": body})
        text.direction = "outbound-reply"
        self._move(text, "delivered", None)
