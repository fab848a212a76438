"""The families' handsets on the demo's page, and what using one of them sets going."""

from dataclasses import dataclass

from simulator.errands import Errands
from simulator.mail import Mail
from simulator.phones import Channel, Message, Phones
from simulator.telegram import Telegram
from simulator.twilio import Twilio


@dataclass(frozen=True, slots=True)
class Handset:
    """One person's telephone on the page.

    `note` says who they are to the child; `replies` are offered as quick answers; `invitation`
    is the payload of the link by which a Telegram user opens the chat, `phone` the number they
    share when asked.
    """

    name: str
    channel: Channel
    address: str
    note: str = ""
    replies: tuple[str, ...] = ()
    invitation: str = ""
    phone: str = ""


class Family:
    """Acts for the people who hold the handsets, over the channel each of them uses."""

    def __init__(
        self, phones: Phones, twilio: Twilio, telegram: Telegram, mail: Mail, errands: Errands
    ) -> None:
        self._phones = phones
        self._twilio = twilio
        self._telegram = telegram
        self._mail = mail
        self._errands = errands

    def conversation(self, handset: Handset) -> list[Message]:
        """Return what the handset shows, oldest first."""
        return self._phones.conversation(handset.channel, handset.address)

    def say(self, handset: Handset, text: str) -> None:
        """Send these words to the school."""
        match handset.channel:
            case "sms":
                self._errands.start(self._text(handset, text))
            case "telegram":
                self._telegram.say(int(handset.address), text)
            case "email":
                self._mail.reply(handset.address, text)

    def press(self, handset: Handset, kind: str, data: str) -> None:
        """Press a button of a Telegram chat; one that is gone by now does nothing."""
        chat = int(handset.address)
        if kind == "start":
            self._telegram.start(chat, handset.invitation)
        elif kind == "contact":
            self._telegram.share_contact(chat, handset.phone)
        elif kind == "text":
            self._telegram.say(chat, data)
        elif self._telegram.has_button(chat, data):
            self._telegram.press(chat, data)

    def can_start(self, handset: Handset) -> bool:
        """Tell whether this is a Telegram user who has not opened the chat yet."""
        if handset.channel != "telegram":
            return False
        person = self._telegram.people.get(int(handset.address))
        return person is None or not person.started

    async def _text(self, handset: Handset, text: str) -> None:
        numbers = self._twilio.account.numbers
        senders = [message.peer for message in self._phones.received("sms", handset.address)]
        answered = [sender for sender in senders if sender in numbers]
        await self._twilio.text_in(handset.address, answered[-1] if answered else numbers[0], text)
