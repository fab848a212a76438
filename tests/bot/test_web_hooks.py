"""The posted hooks over real HTTP: proof first, kept before yes, and nothing too large."""

import asyncio
import gzip
import hashlib
import hmac
import io
import json
import logging
import subprocess
import sys
from datetime import UTC, datetime

import aiohttp
import pytest
import yarl
from fastapi import FastAPI

from bot.email import EmailHook
from bot.sms import TwilioHook
from bot.telegram import TelegramHook
from bot.web import hooks
from simulator.street import DEMO_ACCOUNT, Street
from simulator.web_server import WebServer

PUBLIC = "https://absence.example"
PARENT = "+447700900123"
SCHOOL = "absence@larkmead.example"
NOW = datetime(2027, 1, 12, 9, 31, tzinfo=UTC)
SECRET = {"X-Telegram-Bot-Api-Secret-Token": "s3cret"}
UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 2,
        "from": {"id": 501002003, "is_bot": False},
        "chat": {"id": 501002003, "type": "private"},
        "text": "Amy poorly",
    },
}


class Product:
    """The hooks on a port of their own, with an inbox in memory."""

    def __init__(self) -> None:
        self.inbox = []
        self.receipts = []
        self.trouble: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.server = WebServer()

    async def keep(self, message):
        await self.gate.wait()
        if self.trouble:
            raise self.trouble
        self.inbox.append(message)

    async def receipt(self, receipt):
        if self.trouble:
            raise self.trouble
        self.receipts.append(receipt)

    async def open(self) -> str:
        app = FastAPI()
        app.include_router(
            hooks(
                twilio=TwilioHook([DEMO_ACCOUNT.auth_token], DEMO_ACCOUNT.sid, PUBLIC),
                telegram=TelegramHook("s3cret", "7000000001"),
                email=EmailHook("mail-secret", account="relay", addresses=[SCHOOL]),
                keep=self.keep,
                receipt=self.receipt,
                clock=lambda: NOW,
            )
        )
        await self.server.open(app)
        return f"http://127.0.0.1:{self.server.port}"


@pytest.fixture
async def product():
    product = Product()
    product.url = await product.open()
    yield product
    product.gate.set()
    await product.server.close()


@pytest.fixture
async def street(product):
    async with Street(tunnels={PUBLIC: product.url}) as street:
        street.twilio.webhook_url = f"{PUBLIC}/hooks/twilio/sms?school=a%20b&x=#rc=0"
        yield street


@pytest.fixture
async def web(product):
    async with aiohttp.ClientSession(product.url) as session:
        yield session


async def status(web, path, **how) -> int:
    async with web.post(yarl.URL(path, encoded=True), **how) as answer:
        return answer.status


def signed_mail(body):
    stamp = str(int(NOW.timestamp()))
    mac = hmac.new(b"mail-secret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Firstday-Timestamp": stamp, "X-Firstday-Signature": f"sha256={mac}"}


async def test_a_parents_text_gets_in_with_its_raw_query_verified(product, street):
    sent = await street.twilio.text_in(PARENT, DEMO_ACCOUNT.numbers[0], "Amy poorly – café & 100%")
    assert sent.taken
    assert sent.answers[-1].status == 204
    (message,) = product.inbox
    assert (message.text, message.sender) == ("Amy poorly – café & 100%", PARENT)


async def test_a_picture_gets_in_as_its_kind(product, street):
    await street.twilio.text_in(PARENT, DEMO_ACCOUNT.numbers[0], "", ("https://x.example/1",))
    assert product.inbox[0].attachments == ("photo",)


async def test_yes_is_said_only_after_the_message_is_kept(product, street):
    product.gate.clear()
    texting = asyncio.create_task(street.twilio.text_in(PARENT, DEMO_ACCOUNT.numbers[0], "ill"))
    await asyncio.sleep(0.2)
    assert not texting.done()
    product.gate.set()
    assert (await texting).taken


async def test_a_message_that_could_not_be_kept_is_asked_for_again(product, street, caplog):
    product.trouble = RuntimeError(f"INSERT failed for {PARENT}")
    caplog.set_level(logging.DEBUG)
    sent = await street.twilio.text_in(PARENT, DEMO_ACCOUNT.numbers[0], "Amy poorly")
    assert sent.answers[-1].status == 503
    assert sent.answers[-1].retry_after
    ours = "".join(r.getMessage() for r in caplog.records if r.name.startswith("bot"))
    assert "not kept" in ours
    assert "7700" not in ours
    assert "poorly" not in ours


async def test_reports_reach_us_with_our_attempt(product, street):
    from notifier.sms_twilio import TwilioSms

    sms = TwilioSms(DEMO_ACCOUNT.sid, DEMO_ACCOUNT.auth_token, base_url=street.twilio_url,
                    callback_url=f"{PUBLIC}/hooks/twilio/status")  # fmt: skip
    messages = sms._messages()
    made = await messages.create_async(
        to=PARENT, from_=DEMO_ACCOUNT.numbers[0], body="x",
        status_callback=f"{PUBLIC}/hooks/twilio/status?a=42",
    )  # fmt: skip
    async with asyncio.timeout(5):
        await street.errands.settled()
    await sms.close()
    assert [r.status for r in product.receipts] == ["sent", "delivered"]
    assert {(r.provider_id, r.attempt_id) for r in product.receipts} == {(made.sid, 42)}


@pytest.mark.fault("D1")
async def test_a_forgery_is_refused_and_leaves_nothing(product, web):
    form = {"AccountSid": DEMO_ACCOUNT.sid, "From": PARENT, "Body": "x"}
    headers = {"X-Twilio-Signature": "Tjf4Hat6nFvdparFW+oT7yclizQ="}
    for path in ("/hooks/twilio/sms", "/hooks/twilio/status"):
        assert await status(web, path, data=form) == 403
        assert await status(web, path, data=form, headers=headers) == 403
    assert await status(web, "/hooks/email", data=b"From: a@b.example\n\nx") == 403
    assert (product.inbox, product.receipts) == ([], [])


@pytest.mark.fault("E1")
async def test_an_update_needs_the_secret(product, web):
    assert await status(web, "/hooks/telegram", json=UPDATE) == 401
    wrong = {"X-Telegram-Bot-Api-Secret-Token": "s3cret2"}
    assert await status(web, "/hooks/telegram", json=UPDATE, headers=wrong) == 401
    assert product.inbox == []
    assert await status(web, "/hooks/telegram", json=UPDATE, headers=SECRET) == 204
    assert product.inbox[0].text == "Amy poorly"


@pytest.mark.fault("E4")
@pytest.mark.parametrize("update", [{}, {"update_id": 9, "new_kind": {"x": None}}, [], None])
async def test_an_update_of_a_new_kind_is_taken_and_ignored(product, web, update):
    answer = await status(web, "/hooks/telegram", data=json.dumps(update), headers=SECRET)
    assert (answer, product.inbox) == (204, [])


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
async def test_an_update_that_is_no_json_is_refused(product, web, body):
    assert await status(web, "/hooks/telegram", data=body, headers=SECRET) == 400


async def test_a_signed_letter_gets_in_and_a_broken_one_does_not(product, web):
    letter = f"From: sana@families.example\nTo: {SCHOOL}\n\nAmy poorly".encode()
    assert await status(web, "/hooks/email", data=letter, headers=signed_mail(letter)) == 204
    assert product.inbox[0].text == "Amy poorly"
    assert await status(web, "/hooks/email", data=b"x", headers=signed_mail(b"x")) == 400


@pytest.mark.fault("D11")
@pytest.mark.parametrize(
    ("path", "size"),
    [("/hooks/twilio/sms", 2**20 + 1), ("/hooks/telegram", 2**20 + 1), ("/hooks/email", 6 * 2**20)],
)
async def test_a_giant_body_is_refused_whether_announced_or_not(web, path, size):
    async def unannounced():
        for _ in range(size // 2**16 + 1):
            yield b"x" * 2**16

    assert await status(web, path, data=io.BytesIO(b"x" * size)) == 413
    assert await status(web, path, data=unannounced()) == 413


@pytest.mark.fault("D13")
async def test_a_packed_body_is_refused(web):
    packed = gzip.compress(b"0" * 10_000_000)
    headers = {"Content-Encoding": "gzip", **SECRET}
    assert await status(web, "/hooks/telegram", data=packed, headers=headers) == 415


@pytest.mark.fault("D11")
async def test_a_body_that_drips_is_not_waited_for(web, monkeypatch):
    monkeypatch.setattr("bot.web._SLOWEST_BODY", 0.2)

    async def dripping():
        yield b"{"
        await asyncio.sleep(2)
        yield b"}"

    assert await status(web, "/hooks/telegram", data=dripping(), headers=SECRET) == 408


async def test_only_channels_that_are_set_up_have_a_door():
    router = hooks(twilio=None, telegram=None, email=None, keep=None, receipt=None, clock=None)
    assert router.routes == []


async def test_looking_at_a_hook_is_not_posting_to_it(web):
    async with web.get("/hooks/twilio/sms") as answer:
        assert answer.status == 405


def test_the_hooks_need_no_telegram_library():
    seen = "import sys, bot.web; print('aiogram' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
