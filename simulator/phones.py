"""The world of handsets: every message that reached or left an address, kept in memory."""

import asyncio
import contextlib
import dataclasses
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Channel = Literal["sms", "telegram", "email"]
Direction = Literal["received", "sent"]
Clock = Callable[[], datetime]

KEPT_PER_ADDRESS = 200
WAITING_NEWS = 1000


def real_time() -> datetime:
    """Return this moment in UTC: the clock of a world that was given no other."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: what it shows, and what pressing it sends back.

    `contact` buttons share the person's number, `text` buttons say their label, `url` buttons
    open `data`.
    """

    label: str
    data: str = ""
    kind: Literal["callback", "contact", "text", "url"] = "callback"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its handset shows it.

    `direction` is seen from the handset: `received` came from the school, `sent` left the person.
    `number` counts up over the whole world; `reference` is the provider's own id.
    """

    number: int
    channel: Channel
    address: str
    direction: Direction
    text: str
    at: datetime
    subject: str = ""
    peer: str = ""
    reference: str = ""
    buttons: tuple[tuple[Button, ...], ...] = ()


class Phones:
    """All handsets of the invented families, whichever channel they use."""

    def __init__(self, clock: Clock = real_time) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._threads: dict[tuple[Channel, str], deque[Message]] = {}
        self._listeners: set[asyncio.Queue[Message]] = set()

    def record(
        self,
        channel: Channel,
        address: str,
        direction: Direction,
        text: str,
        *,
        subject: str = "",
        peer: str = "",
        reference: str = "",
        buttons: tuple[tuple[Button, ...], ...] = (),
    ) -> Message:
        """Put one message on a handset and tell everybody who listens."""
        message = Message(
            number=next(self._numbers),
            channel=channel,
            address=same_address(channel, address),
            direction=direction,
            text=text,
            at=self._clock(),
            subject=subject,
            peer=peer,
            reference=reference,
            buttons=buttons,
        )
        thread = self._threads.setdefault(
            (channel, message.address), deque(maxlen=KEPT_PER_ADDRESS)
        )
        thread.append(message)
        self._tell(message)
        return message

    def amend(
        self,
        channel: Channel,
        address: str,
        reference: str,
        text: str,
        buttons: tuple[tuple[Button, ...], ...] = (),
    ) -> None:
        """Change a message that is already there; one that has scrolled away is left alone."""
        thread = self._threads.get((channel, same_address(channel, address)), deque())
        for place, message in enumerate(thread):
            if message.reference == reference:
                thread[place] = dataclasses.replace(message, text=text, buttons=buttons)
                self._tell(thread[place])
                return

    def conversation(self, channel: Channel, address: str) -> list[Message]:
        """Return what this handset shows, oldest first."""
        return list(self._threads.get((channel, same_address(channel, address)), ()))

    def received(self, channel: Channel, address: str) -> list[Message]:
        """Return only what the school sent to this handset, oldest first."""
        return [m for m in self.conversation(channel, address) if m.direction == "received"]

    def everything(self) -> Iterator[Message]:
        """Walk through all messages of all handsets, handset by handset."""
        for thread in list(self._threads.values()):
            yield from list(thread)

    async def wait_for(
        self, channel: Channel, address: str, containing: str = "", within: float = 5.0
    ) -> Message:
        """Return the newest received message with these words, waiting up to `within` seconds.

        Raises:
            TimeoutError: nothing like it came in time.
        """
        async with asyncio.timeout(within), self.listen() as news:
            while True:
                for message in reversed(self.received(channel, address)):
                    if containing in message.text or containing in message.subject:
                        return message
                await news.get()

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator[asyncio.Queue[Message]]:
        """Give every message from now on; a listener that sleeps loses the oldest news first."""
        queue: asyncio.Queue[Message] = asyncio.Queue(WAITING_NEWS)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def _tell(self, message: Message) -> None:
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(message)


def same_address(channel: Channel, address: str) -> str:
    """Write an address in the one way it is filed under."""
    return address.strip().lower() if channel == "email" else address.strip()
