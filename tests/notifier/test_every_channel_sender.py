"""What holds for the sender of every channel, and all that needs Telegram's library."""

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from bot.telegram import TelegramHook, bot_id, read
from bot.telegram_polling import Polling, ensure_webhook
from notifier.email import SmtpSender
from notifier.sender import Found, Outcome, Parcel, Result, Sender
from notifier.sms_twilio import TwilioSms
from notifier.telegram import TelegramSender
from school.people import Channel
from simulator.street import DEMO_ACCOUNT, DEMO_BOT, Street

CHAT = 501002003
ADDRESSES = {
    Channel.SMS: ("+447700900123", DEMO_ACCOUNT.numbers[0]),
    Channel.TELEGRAM: (str(CHAT), ""),
    Channel.EMAIL: ("sana@families.example", "absence@larkmead.example"),
}
FAULTS = {
    Channel.SMS: ("twilio", "accept_then_hang"),
    Channel.TELEGRAM: ("telegram", "accept_then_hang"),
    Channel.EMAIL: ("smtp", "hang_after_dot"),
}


def parcel(channel=Channel.TELEGRAM, **changed) -> Parcel:
    address, sender = ADDRESSES[channel]
    facts = {
        "outbound_id": 7,
        "attempt_id": 42,
        "address": address,
        "sender": sender,
        "sender_name": "Larkmead School",
        "body": "Is Amy <b>ill</b> & at_home *today*?",
        "subject": "Amy",
        "reply_to": None,
        "seconds_left": 7200,
        "called_at": datetime.now(UTC),
        "message_id": "<fd-0123456789abcdef01234567@larkmead.example>",
    }
    return Parcel(**(facts | changed))


def make(channel, web_url, smtp_port, seconds=0.7) -> Sender:
    match channel:
        case Channel.SMS:
            return TwilioSms(
                DEMO_ACCOUNT.sid, DEMO_ACCOUNT.auth_token, base_url=f"{web_url}/twilio",
                callback_url="http://127.0.0.1:9/hooks/twilio/status", timeout=seconds,
            )  # fmt: skip
        case Channel.TELEGRAM:
            return TelegramSender(DEMO_BOT.token, f"{web_url}/telegram", timeout=seconds)
        case Channel.EMAIL:
            return SmtpSender(
                "127.0.0.1", smtp_port, starttls="off", message_id_domain="larkmead.example",
                timeout=seconds, dot_timeout=seconds,
            )  # fmt: skip
    raise AssertionError(channel)


@pytest.fixture
async def street():
    async with Street(speed=100) as street:
        street.telegram.person(CHAT, "Sana", started=True)
        yield street


@asynccontextmanager
async def sender_for(channel, street, **options):
    sender = make(channel, street.url, street.smtp_port, **options)
    try:
        yield sender
    finally:
        await sender.close()


channels = pytest.mark.parametrize("channel", ADDRESSES)


@channels
async def test_every_sender_says_what_it_is(street, channel):
    async with sender_for(channel, street) as sender:
        assert sender.channel is channel
        assert sender.at_once >= 1


@channels
async def test_every_sender_gives_an_id_for_what_was_accepted(street, channel):
    async with sender_for(channel, street, seconds=5) as sender:
        result = await sender.send(parcel(channel))
    assert result.outcome is Outcome.ACCEPTED
    assert result.provider_id


@channels
@pytest.mark.fault("A1")
async def test_every_sender_knows_that_a_refused_connection_sent_nothing(channel):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        sender = make(channel, f"http://127.0.0.1:{port}", port)
        result = await sender.send(parcel(channel))
        await sender.close()
    assert result.outcome is Outcome.NOT_SENT
    assert result.code


@channels
@pytest.mark.fault("A4")
async def test_every_sender_stops_waiting_and_does_not_know(street, channel):
    street.faults.add(*FAULTS[channel])
    async with sender_for(channel, street) as sender, asyncio.timeout(8):
        result = await sender.send(parcel(channel))
        found, _ = await sender.find(parcel(channel))
    assert result.outcome is Outcome.UNKNOWN
    assert result.provider_id is None
    assert isinstance(found, Found)


@channels
async def test_every_sender_can_be_closed_twice_and_unused(street, channel):
    async with sender_for(channel, street) as sender:
        await sender.close()


@channels
async def test_no_result_holds_an_address(street, channel):
    provider = FAULTS[channel][0]
    for fault in ("rcpt:550 5.1.1 <sana@families.example>",) if provider == "smtp" else ("400",):
        street.faults.add(provider, fault)
        async with sender_for(channel, street, seconds=5) as sender:
            result = await sender.send(parcel(channel))
        assert result.outcome is not Outcome.ACCEPTED
        assert ADDRESSES[channel][0] not in repr(result)


async def tell(street, seconds=0.7, **changed) -> Result:
    async with sender_for(Channel.TELEGRAM, street, seconds=seconds) as sender:
        return await sender.send(parcel(**changed))


async def test_a_message_is_plain_text_whatever_it_holds(street):
    result = await tell(street, seconds=5)
    newest = street.phones.received("telegram", str(CHAT))[-1]
    assert newest.text == parcel().body
    assert result.provider_id == f"{CHAT}:{newest.reference}"


@pytest.mark.fault("A16")
async def test_telegram_says_how_long_to_wait(street):
    street.faults.add("telegram", "429:7")
    result = await tell(street, seconds=5)
    assert (result.outcome, result.wait) == (Outcome.THROTTLED, 7.0)


@pytest.mark.fault("A16")
async def test_a_429_after_a_long_wait_may_have_been_sent(street, monkeypatch):
    monkeypatch.setattr("notifier.telegram._DROPPED_SECONDS", 0.0)
    street.faults.add("telegram", "429:5")
    assert (await tell(street, seconds=5)).outcome is Outcome.UNKNOWN


@pytest.mark.fault("A15")
async def test_a_parent_who_blocked_the_bot_is_not_reached_this_way(street):
    street.telegram.block(CHAT)
    assert (await tell(street, seconds=5)).outcome is Outcome.PERMANENT


@pytest.mark.fault("A15")
@pytest.mark.parametrize("address", ["99", "not a number", ""])
async def test_a_chat_that_is_not_there_is_not_tried_again(street, address):
    assert (await tell(street, seconds=5, address=address)).outcome is Outcome.PERMANENT


@pytest.mark.fault("A18")
async def test_a_migrated_chat_is_said_to_be_one(street):
    street.faults.add("telegram", "migrate")
    result = await tell(street, seconds=5)
    assert (result.outcome, result.code) == (Outcome.NOT_SENT, "migrated")


@pytest.mark.fault("A17")
@pytest.mark.parametrize(
    "fault",
    ["drop", "hang", "accept_then_drop", "html502", "html502_accepted", "500", "html200",
     "truncated_json"],
)  # fmt: skip
async def test_what_telegram_may_have_taken_is_unknown(street, fault):
    street.faults.add("telegram", fault)
    assert (await tell(street)).outcome is Outcome.UNKNOWN


async def test_a_message_telegram_cannot_take_is_our_mistake(street):
    result = await tell(street, seconds=5, body="x" * 5000)
    assert (result.outcome, result.code) == (Outcome.NOT_SENT, "400")


@pytest.mark.fault("A9")
async def test_a_wrong_token_is_the_accounts_trouble(street):
    sender = TelegramSender("7000000001:another-token-of-no-bot-at-all-0000", street.telegram_url)
    result = await sender.send(parcel())
    await sender.close()
    assert result.outcome is Outcome.ACCOUNT


@pytest.mark.fault("A2")
async def test_a_server_that_never_shakes_hands_sent_nothing():
    callers = []
    server = await asyncio.start_server(lambda _, w: callers.append(w), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        sender = TelegramSender(DEMO_BOT.token, f"https://127.0.0.1:{port}", timeout=0.3)
        result = await sender.send(parcel())
        await sender.close()
        for caller in callers:
            caller.close()
    assert result.outcome is Outcome.NOT_SENT


class Inbox:
    """Takes raw updates, and can be made to fail."""

    def __init__(self, failures=0) -> None:
        self.kept = []
        self.failures = failures

    async def handle(self, update):
        if self.failures:
            self.failures -= 1
            raise OSError("not kept")
        self.kept.append(update)

    @property
    def texts(self):
        return [read(update, bot_id(DEMO_BOT.token)).text for update in self.kept]


@asynccontextmanager
async def polled(street, inbox):
    stop = asyncio.Event()
    polling = Polling(DEMO_BOT.token, street.telegram_url, wait=1)
    running = asyncio.create_task(polling.run(inbox.handle, stop))
    try:
        yield running
    finally:
        stop.set()
        async with asyncio.timeout(5):
            await running


async def until(true) -> None:
    for _ in range(500):
        if true():
            break
        await asyncio.sleep(0.02)
    assert true()


async def test_polling_hands_over_what_people_write(street):
    inbox = Inbox()
    async with polled(street, inbox):
        street.telegram.say(CHAT, "Amy poorly")
        street.telegram.say(CHAT, "Ben too")
        await until(lambda: len(inbox.kept) == 2)
    assert inbox.texts == ["Amy poorly", "Ben too"]


async def test_an_update_that_was_not_kept_comes_again_in_order(street):
    inbox = Inbox(failures=2)
    street.telegram.say(CHAT, "one")
    street.telegram.say(CHAT, "two")
    async with polled(street, inbox):
        await until(lambda: len(inbox.kept) == 2)
    assert inbox.texts == ["one", "two"]


async def test_polling_outlives_a_broken_network(street):
    inbox = Inbox()
    street.faults.add("telegram", "html502", operation="getupdates")
    street.telegram.say(CHAT, "one")
    async with polled(street, inbox):
        await until(lambda: inbox.kept)
    assert inbox.texts == ["one"]


@pytest.mark.fault("E10")
async def test_polling_takes_off_a_webhook_that_would_shut_it_out(street):
    await ensure_webhook(DEMO_BOT.token, "http://127.0.0.1:9/hooks/telegram", "s3cret",
                         url=street.telegram_url)  # fmt: skip
    inbox = Inbox()
    street.telegram.say(CHAT, "one")
    async with polled(street, inbox):
        await until(lambda: inbox.kept)
    assert inbox.texts == ["one"]


async def test_polling_stops_while_it_waits(street):
    async with polled(street, Inbox()) as running:
        await asyncio.sleep(0.2)
        assert not running.done()
    assert running.done()


async def test_a_webhook_gets_updates_with_the_secret(street):
    heads = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head.decode().lower())
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks/telegram"
        street.postman.tunnels["https://absence.example/hooks/telegram"] = address
        await ensure_webhook(
            DEMO_BOT.token, "https://absence.example/hooks/telegram", "s3cret",
            url=street.telegram_url,
        )  # fmt: skip
        street.telegram.say(CHAT, "Amy poorly")
        await until(lambda: heads)
    assert "x-telegram-bot-api-secret-token: s3cret" in heads[0]


async def test_every_update_of_the_look_alike_is_understood(street):
    inbox = Inbox()
    street.telegram.start(CHAT, "9f3Kq_x7")
    street.telegram.share_contact(CHAT, "+447700900123")
    street.telegram.send_photo(CHAT, "doctor's note")
    street.telegram.block(CHAT)
    async with polled(street, inbox):
        await until(lambda: len(inbox.kept) == 4)
    hook = TelegramHook("s3cret", "7000000001")
    started, shared, photo, blocked = (hook.read(update) for update in inbox.kept)
    assert started.start == "9f3Kq_x7"
    assert shared.shared_phone == "+447700900123"
    assert (photo.attachments, photo.text) == (("photo",), "doctor's note")
    assert blocked.blocked is True
