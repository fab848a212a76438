"""A look-alike of Telegram: one bot, and the people who write to it and press its buttons."""

import itertools
import secrets
from collections import OrderedDict
from typing import Any

from simulator.errands import Errands
from simulator.phones import Button, Clock, Phones
from simulator.postman import Postman
from simulator.telegram_checks import Complaint
from simulator.telegram_people import BotAccount, Person
from simulator.telegram_updates import Updates

QUERIES_KEPT = 1000
Rows = tuple[tuple[Button, ...], ...]


class Telegram:
    """The bot's world; `telegram_api.bot_app` is its HTTP face.

    People act by `start`, `say`, `press`, `share_contact`, `block` and `unblock`; each returns
    the number of the update that tells the bot. `answers` holds what the bot answered to a
    press, by the query's id.
    """

    def __init__(
        self,
        account: BotAccount,
        phones: Phones,
        postman: Postman,
        errands: Errands,
        clock: Clock,
        speed: float = 1.0,
    ) -> None:
        self.account = account
        self.updates = Updates(postman, errands, clock, speed)
        self.people: dict[int, Person] = {}
        self.queries: OrderedDict[str, int] = OrderedDict()
        self.answers: dict[str, str] = {}
        self._phones = phones
        self._clock = clock
        self._message_ids = itertools.count(812)

    def person(
        self,
        chat: int,
        first_name: str = "Parent",
        language: str = "en",
        *,
        started: bool = False,
    ) -> Person:
        """Return the person with this chat, making them up where there is none yet."""
        if chat not in self.people:
            self.people[chat] = Person(chat, first_name, language, started)
        return self.people[chat]

    def start(self, chat: int, payload: str = "") -> int:
        """Open the chat by a link or the Start button; the payload is what the link carried."""
        if self.person(chat).blocked:
            self.unblock(chat)
        return self.say(chat, f"/start {payload}".rstrip())

    def say(self, chat: int, text: str) -> int:
        """Write to the bot."""
        person = self.person(chat)
        person.started = True
        message = self._message(person, person.as_user(), text=text)
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"offset": 0, "length": length, "type": "bot_command"}]
        self._phones.record(
            "telegram", str(chat), "sent", text, reference=str(message["message_id"])
        )
        return self.updates.add("message", chat, message)

    def change(self, chat: int, message_id: int, text: str) -> int:
        """Edit what the person wrote earlier.

        Raises:
            KeyError: there is no such message.
        """
        message = self.person(chat).messages[message_id]
        message |= {"text": text, "edit_date": self._now()}
        self._phones.amend("telegram", str(chat), str(message_id), text)
        return self.updates.add("edited_message", chat, dict(message))

    def share_contact(self, chat: int, phone: str, *, own: bool = True) -> int:
        """Share a contact card: the person's own, or one they were sent by somebody else."""
        person = self.person(chat)
        card: dict[str, Any] = {
            "phone_number": phone.removeprefix("+"),
            "first_name": person.first_name if own else "Somebody",
        }
        if own:
            card["user_id"] = chat
        message = self._message(person, person.as_user(), contact=card)
        self._phones.record("telegram", str(chat), "sent", phone)
        return self.updates.add("message", chat, message)

    def send_photo(self, chat: int, caption: str = "") -> int:
        """Send a picture, which the bot gets as identifiers only."""
        person = self.person(chat)
        sizes = [
            {
                "file_id": secrets.token_urlsafe(32),
                "file_unique_id": secrets.token_urlsafe(9),
                "width": 90 * scale,
                "height": 60 * scale,
            }
            for scale in (1, 8)
        ]
        message = self._message(person, person.as_user(), photo=sizes)
        if caption:
            message["caption"] = caption
        self._phones.record("telegram", str(chat), "sent", f"[photo] {caption}".rstrip())
        return self.updates.add("message", chat, message)

    def press(self, chat: int, data: str) -> int:
        """Press the newest button that carries `data`.

        Raises:
            LookupError: no message in this chat has such a button.
        """
        message = self._with_button(chat, data)
        if message is None:
            raise LookupError(f"no button with {data!r}")
        return self._press(self.person(chat), message, data)

    def has_button(self, chat: int, data: str) -> bool:
        """Tell whether a message in this chat carries such a button."""
        return self._with_button(chat, data) is not None

    def block(self, chat: int) -> int:
        """Block the bot."""
        return self._member(chat, "member", "kicked", blocked=True)

    def unblock(self, chat: int) -> int:
        """Lift the block."""
        return self._member(chat, "kicked", "member", blocked=False)

    def reach(self, chat: int) -> Person:
        """Return the person the bot may write to.

        Raises:
            Complaint: there is no such chat, or the person does not want to hear from the bot.
        """
        person = self.people.get(chat)
        if person is None:
            raise Complaint(400, "Bad Request: chat not found")
        if person.blocked:
            raise Complaint(403, "Forbidden: bot was blocked by the user")
        if not person.started:
            raise Complaint(403, "Forbidden: bot can't initiate conversation with a user")
        return person

    def show(self, person: Person, text: str, markup: dict[str, Any], rows: Rows) -> dict[str, Any]:
        """Put the bot's message on the handset and return it as the API writes it."""
        message = self._message(person, self.account.as_user(), text=text)
        if "inline_keyboard" in markup:
            message["reply_markup"] = {"inline_keyboard": markup["inline_keyboard"]}
        self._phones.record(
            "telegram",
            str(person.chat),
            "received",
            text,
            peer=self.account.username,
            reference=str(message["message_id"]),
            buttons=rows,
        )
        return message

    def amend(
        self, person: Person, message_id: int, text: str | None, markup: dict[str, Any], rows: Rows
    ) -> dict[str, Any]:
        """Change the bot's own message; `text` None leaves the words as they are.

        Raises:
            Complaint: there is no such message, or nothing would change.
        """
        message = person.messages.get(message_id)
        if message is None or not message["from"]["is_bot"]:
            raise Complaint(400, "Bad Request: message to edit not found")
        new_text = message["text"] if text is None else text
        if (new_text, markup) == (message["text"], message.get("reply_markup", {})):
            raise Complaint(
                400,
                "Bad Request: message is not modified: specified new message content and reply "
                "markup are exactly the same as a current content and reply markup of the message",
            )
        message |= {"text": new_text, "edit_date": self._now()}
        message.pop("reply_markup", None)
        if markup:
            message["reply_markup"] = markup
        self._phones.amend("telegram", str(person.chat), str(message_id), new_text, rows)
        return message

    def _with_button(self, chat: int, data: str) -> dict[str, Any] | None:
        for message in reversed(self.person(chat).messages.values()):
            rows = message.get("reply_markup", {}).get("inline_keyboard", ())
            if any(button.get("callback_data") == data for row in rows for button in row):
                return message
        return None

    def _press(self, person: Person, message: dict[str, Any], data: str) -> int:
        query = str(secrets.randbits(62))
        self.queries[query] = person.chat
        while len(self.queries) > QUERIES_KEPT:
            self.queries.popitem(last=False)
        content = {
            "id": query,
            "from": person.as_user(),
            "message": dict(message),
            "chat_instance": str(-person.chat),
            "data": data,
        }
        return self.updates.add("callback_query", person.chat, content)

    def _member(self, chat: int, old: str, new: str, *, blocked: bool) -> int:
        person = self.person(chat)
        person.blocked = blocked
        content = {
            "chat": person.as_chat(),
            "from": person.as_user(),
            "date": self._now(),
            "old_chat_member": self._membership(old),
            "new_chat_member": self._membership(new),
        }
        return self.updates.add("my_chat_member", chat, content)

    def _membership(self, status: str) -> dict[str, Any]:
        limit = {"until_date": 0} if status == "kicked" else {}
        return {"user": self.account.as_user(), "status": status} | limit

    def _message(self, person: Person, sender: dict[str, Any], **content: Any) -> dict[str, Any]:
        number = next(self._message_ids)
        message = {
            "message_id": number,
            "from": sender,
            "chat": person.as_chat(),
            "date": self._now(),
            **content,
        }
        person.keep(message)
        return message

    def _now(self) -> int:
        return int(self._clock().timestamp())
