"""Who is in Telegram's world: the bot and the people with a private chat."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

MESSAGES_KEPT = 200


@dataclass(frozen=True, slots=True)
class BotAccount:
    """The invented bot: its token and its user name."""

    token: str
    username: str
    first_name: str = "Absence"

    @property
    def number(self) -> int:
        """The bot's own user id: the token's first part."""
        return int(self.token.partition(":")[0])

    def as_user(self) -> dict[str, Any]:
        """Write the bot as a sender."""
        return {
            "id": self.number,
            "is_bot": True,
            "first_name": self.first_name,
            "username": self.username,
        }


@dataclass(slots=True)
class Person:
    """Somebody with a private chat; chat id and user id are the same number there."""

    chat: int
    first_name: str = "Parent"
    language: str = "en"
    started: bool = False
    blocked: bool = False
    messages: OrderedDict[int, dict[str, Any]] = field(default_factory=OrderedDict)

    def as_user(self) -> dict[str, Any]:
        """Write the person as a sender."""
        return {
            "id": self.chat,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language,
        }

    def as_chat(self) -> dict[str, Any]:
        """Write the private chat."""
        return {"id": self.chat, "first_name": self.first_name, "type": "private"}

    def keep(self, message: dict[str, Any]) -> None:
        """Remember a message of this chat, forgetting the oldest where there are too many."""
        self.messages[message["message_id"]] = message
        while len(self.messages) > MESSAGES_KEPT:
            self.messages.popitem(last=False)
