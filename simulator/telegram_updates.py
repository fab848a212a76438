"""Brings updates to the bot: by webhook with Telegram's retry ladder, or kept for getUpdates."""

import asyncio
import itertools
import json
import random
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from simulator.errands import Errands
from simulator.phones import Clock
from simulator.postman import Answer, Postman

FIRST_UPDATE = 900_100_201
MESSAGE_LIFE = 24 * 3600.0
CALLBACK_LIFE = 150.0
ANSWER_SECONDS = 60.0
LONGEST_RETRY_AFTER = 3600.0
USUAL_CONNECTIONS = 40


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where updates are posted to, as setWebhook was told."""

    url: str
    secret: str = ""
    max_connections: int = USUAL_CONNECTIONS


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that happened, with the loop's time at which nobody needs it any more."""

    number: int
    kind: str
    chat: int
    content: dict[str, Any]
    expires: float

    def as_json(self) -> dict[str, Any]:
        """Write the update as the API does."""
        return {"update_id": self.number, self.kind: self.content}


class Updates:
    """What the bot has not taken yet, queued by chat; `speed` shortens every waiting time.

    `expired` holds the updates that were given up: the bot never hears of them.
    """

    def __init__(self, postman: Postman, errands: Errands, clock: Clock, speed: float) -> None:
        self.webhook: Webhook | None = None
        self.allowed: Collection[str] = ()
        self.expired: deque[Update] = deque(maxlen=500)
        self.last_error: tuple[int, str] | None = None
        self.speed = speed
        self.news = asyncio.Event()
        self._postman = postman
        self._errands = errands
        self._clock = clock
        self._lines = asyncio.Semaphore(USUAL_CONNECTIONS)
        self._numbers = itertools.count(FIRST_UPDATE)
        self._lanes: dict[int, deque[Update]] = {}
        self._at_work: set[int] = set()
        self._nothing_left = asyncio.Event()
        self._nothing_left.set()

    def add(self, kind: str, chat: int, content: dict[str, Any]) -> int:
        """Queue an update and return its number; one the bot does not want is dropped."""
        number = next(self._numbers)
        if self.allowed and kind not in self.allowed:
            return number
        life = CALLBACK_LIFE if kind == "callback_query" else MESSAGE_LIFE
        expires = asyncio.get_running_loop().time() + life / self.speed
        self._lanes.setdefault(chat, deque()).append(Update(number, kind, chat, content, expires))
        self._nothing_left.clear()
        self.news.set()
        self._work_on(chat)
        return number

    def waiting(self) -> list[Update]:
        """Return what has not been taken, in the order it happened."""
        now = asyncio.get_running_loop().time()
        for lane in list(self._lanes.values()):
            while lane and lane[0].expires < now:
                self.expired.append(self._pop(lane))
        return sorted(
            (update for lane in self._lanes.values() for update in lane), key=lambda u: u.number
        )

    def confirm(self, offset: int) -> None:
        """Forget the updates below `offset`: getUpdates says so that they were taken."""
        for lane in list(self._lanes.values()):
            while lane and lane[0].number < offset:
                self._pop(lane)

    def clear(self) -> None:
        """Drop everything that waits."""
        for lane in list(self._lanes.values()):
            while lane:
                self._pop(lane)

    def set_webhook(self, webhook: Webhook | None) -> None:
        """Change the way; what waits goes the new one."""
        self.webhook = webhook
        self.last_error = None
        if webhook is not None:
            self._lines = asyncio.Semaphore(webhook.max_connections)
        for chat in list(self._lanes):
            self._work_on(chat)

    async def all_taken(self, within: float = 5.0) -> None:
        """Wait until nothing is left to deliver.

        Raises:
            TimeoutError: something still was after so many seconds.
        """
        async with asyncio.timeout(within):
            await self._nothing_left.wait()

    def _work_on(self, chat: int) -> None:
        if self.webhook is not None and chat not in self._at_work:
            self._at_work.add(chat)
            self._errands.start(self._deliver(chat))

    async def _deliver(self, chat: int) -> None:
        """Post one chat's updates one after the other; a failing one holds up the rest."""
        lane = self._lanes[chat]
        try:
            failures = 0
            while lane and self.webhook is not None:
                update, webhook = lane[0], self.webhook
                if update.expires < asyncio.get_running_loop().time():
                    self.expired.append(self._pop(lane))
                    failures = 0
                    continue
                answer = await self._post(webhook, update)
                still_first = bool(lane) and lane[0] is update
                if answer.taken and still_first:
                    self._pop(lane)
                    failures = 0
                elif not answer.taken:
                    await asyncio.sleep(self._pause(failures, answer) / self.speed)
                    failures += 1
        finally:
            self._at_work.discard(chat)
            if not lane:
                self._lanes.pop(chat, None)

    async def _post(self, webhook: Webhook, update: Update) -> Answer:
        headers = {"Content-Type": "application/json"}
        if webhook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret
        body = json.dumps(update.as_json()).encode()
        # Even a hurried test gives the product two seconds to answer.
        patience = max(2.0, ANSWER_SECONDS / self.speed)
        async with self._lines:
            answer = await self._postman.post(webhook.url, body, headers, read_seconds=patience)
        if not answer.taken:
            why = {"ct": "Connection refused", "rt": "Read timeout expired"}.get(
                answer.trouble, f"Wrong response from the webhook: {answer.status}"
            )
            self.last_error = (int(self._clock().timestamp()), why)
        return answer

    @staticmethod
    def _pause(failures: int, answer: Answer) -> float:
        """Return the seconds before the next try: none at first, then 2, 4, 8 up to a limit."""
        if answer.retry_after.isdigit():
            return min(float(answer.retry_after), LONGEST_RETRY_AFTER)
        return min(2.0**failures, random.uniform(60, 120)) if failures else 0.0

    def _pop(self, lane: deque[Update]) -> Update:
        update = lane.popleft()
        if not lane and update.chat not in self._at_work:
            self._lanes.pop(update.chat, None)
        if not any(self._lanes.values()):
            self._nothing_left.set()
        return update
