"""The Twilio look-alike, spoken to by Twilio's own SDK and checked by its own validator."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from simulator.street import DEMO_ACCOUNT, Street
from simulator.twilio_webhooks import Overrides, sign

# The SDK hands its sign-in over in a way that a coming aiohttp will drop.
pytestmark = pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated")

OURS = "+447700900001"
PARENT = "+447700900123"
KEY = "5f2b8c1d9e7a4b3c8d6e0f1a2b3c4d5e"


@pytest.fixture
async def street():
    async with Street() as street:
        yield street


@pytest.fixture
async def client(street):
    http = AsyncTwilioHttpClient()
    client = Client(DEMO_ACCOUNT.sid, DEMO_ACCOUNT.auth_token, http_client=http)
    client.api.base_url = street.twilio_url
    yield client
    await http.close()


class Product:
    """A listener in the product's place: notes every webhook and answers as told."""

    def __init__(self):
        self.seen = []
        self.statuses = []
        self.validator = RequestValidator(KEY)

    async def hook(self, request):
        body = await request.text()
        params = {k: v[0] for k, v in parse_qs(body, keep_blank_values=True).items()}
        valid = self.validator.validate(
            str(request.url), params, request.headers["X-Twilio-Signature"]
        )
        self.seen.append(
            {
                "valid": valid,
                "params": params,
                "order": list(params),
                "token": request.headers["I-Twilio-Idempotency-Token"],
                "path": request.path,
            }
        )
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(
            status=status,
            text='<?xml version="1.0" encoding="UTF-8"?><Response />',
            content_type="text/xml",
        )


@pytest.fixture
async def product():
    product = Product()
    app = web.Application()
    app.router.add_post("/{tail:.*}", product.hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    product.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield product
    await runner.cleanup()


async def test_sdk_sends_and_reads_every_documented_field(street, client):
    sent = await client.messages.create_async(
        to=PARENT, from_=OURS, body="Amy is not in school today."
    )
    assert sent.sid.startswith("SM")
    assert len(sent.sid) == 34
    assert (sent.status, sent.direction, sent.num_segments, sent.num_media) == (
        "queued",
        "outbound-api",
        "1",
        "0",
    )
    assert sent.error_code is None
    assert abs(sent.date_created - datetime.now(UTC)) < timedelta(seconds=5)
    assert [m.text for m in street.phones.received("sms", PARENT)] == [
        "Amy is not in school today."
    ]
    await street.errands.settled()
    later = await client.messages(sent.sid).fetch_async()
    assert later.status == "delivered"
    assert later.date_sent is not None


async def test_listing_pages_filters_and_carries_bodies(client):
    for n in range(7):
        await client.messages.create_async(to=PARENT, from_=OURS, body=f"text {n}")
    await client.messages.create_async(to="+447700900124", from_=OURS, body="another family")
    found = await client.messages.list_async(to=PARENT, from_=OURS, page_size=3)
    assert [m.body for m in found] == [f"text {n}" for n in reversed(range(7))]


async def test_listing_by_date_leaves_out_what_is_not_sent(street, client):
    street.twilio.pace = 0.3
    today = datetime.now(UTC)
    await client.messages.create_async(to=PARENT, from_=OURS, body="queued")
    assert (
        await client.messages.list_async(to=PARENT, date_sent_after=today - timedelta(days=1)) == []
    )
    await street.errands.settled()
    since = await client.messages.list_async(to=PARENT, date_sent_after=today - timedelta(days=1))
    assert [m.body for m in since] == ["queued"]
    assert (
        await client.messages.list_async(to=PARENT, date_sent_after=today + timedelta(days=2)) == []
    )


async def test_listing_can_lag(street, client):
    street.twilio.list_lag = 60
    await client.messages.create_async(to=PARENT, from_=OURS, body="hidden so far")
    assert await client.messages.list_async(to=PARENT) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "+44770"}, 21211),
        ({"to": "banana"}, 21211),
        ({"to": ""}, 21604),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"from_": "+447700900999"}, 21660),
        ({"from_": "Larkmead"}, 21606),
        ({"validity_period": 36001}, 21624),
        ({"status_callback": "https://our_school.example/x"}, 21609),
    ],
)
async def test_wrong_requests_are_refused_with_their_code(client, fields, code):
    with pytest.raises(TwilioRestException) as refused:
        await client.messages.create_async(
            **{"to": PARENT, "from_": OURS, "body": "hello", **fields}
        )
    assert (refused.value.status, refused.value.code) == (400, code)


async def test_wrong_token_and_wrong_account(street):
    for sid, token, status, code in [
        (DEMO_ACCOUNT.sid, "not the token", 401, 20003),
        ("AC" + "0" * 32, DEMO_ACCOUNT.auth_token, 401, 20003),
    ]:
        http = AsyncTwilioHttpClient()
        client = Client(sid, token, http_client=http)
        client.api.base_url = street.twilio_url
        with pytest.raises(TwilioRestException) as refused:
            await client.messages.create_async(to=PARENT, from_=OURS, body="hello")
        await http.close()
        assert (refused.value.status, refused.value.code) == (status, code)


async def test_redact_cancel_delete_and_balance(street, client):
    sent = await client.messages.create_async(to=PARENT, from_=OURS, body="private")
    await street.errands.settled()
    assert (await client.messages(sent.sid).update_async(body="")).body == ""
    with pytest.raises(TwilioRestException):
        await client.messages(sent.sid).update_async(status="canceled")
    assert await client.messages(sent.sid).delete_async()
    with pytest.raises(TwilioRestException) as gone:
        await client.messages(sent.sid).fetch_async()
    assert gone.value.code == 20404
    assert (await client.balance.fetch_async()).balance == "20.00"


async def test_service_picks_its_sender_later(street, client):
    service = DEMO_ACCOUNT.service_sid
    sent = await client.messages.create_async(
        to=PARENT, messaging_service_sid=service, body="hello"
    )
    assert (sent.status, sent.from_, sent.num_segments) == ("accepted", None, "0")
    await street.errands.settled()
    assert (await client.messages(sent.sid).fetch_async()).from_ == OURS


async def test_status_callbacks_are_signed_and_in_order(street, client, product):
    sent = await client.messages.create_async(
        to=PARENT, from_=OURS, body="hello", status_callback=f"{product.url}/status?a=01J9ZK3V5Q"
    )
    await street.errands.settled()
    assert [c["params"]["MessageStatus"] for c in product.seen] == ["sent", "delivered"]
    assert all(c["valid"] for c in product.seen)
    assert product.seen[0]["order"] == [
        "SmsSid", "SmsStatus", "MessageStatus", "To", "MessageSid", "AccountSid", "From", "ApiVersion",
    ]  # fmt: skip
    assert product.seen[0]["params"]["MessageSid"] == sent.sid


async def test_parents_text_reaches_the_webhook_signed_with_empty_fields(street, product):
    street.twilio.webhook_url = f"{product.url}/hooks/twilio/sms?acct=main#rc=2&rp=all"
    came = await street.twilio.text_in(PARENT, OURS, "Amir ill today – back Thu & sorry")
    assert came.taken
    (hook,) = product.seen
    assert hook["valid"]
    assert hook["params"]["Body"] == "Amir ill today – back Thu & sorry"
    assert hook["params"]["FromCity"] == ""
    assert hook["order"][:4] == ["ToCountry", "ToState", "SmsMessageSid", "NumMedia"]
    assert not street.twilio.alerts


async def test_the_same_text_can_come_again(street, product):
    street.twilio.webhook_url = f"{product.url}/sms"
    came = await street.twilio.text_in(PARENT, OURS, "poorly")
    assert (await street.twilio.repeat(came.sid)).taken
    first, again = product.seen
    assert again["valid"]
    assert first["params"] == again["params"]
    assert first["token"] != again["token"]
    with pytest.raises(KeyError):
        await street.twilio.repeat("SM" + "0" * 32)


async def test_a_taken_port_is_told_and_nothing_stays_open(street):
    with pytest.raises(OSError, match="in use"):
        await Street(smtp_port=street.smtp_port).__aenter__()
    with pytest.raises(OSError, match="in use"):
        await Street(port=int(street.url.rpartition(":")[2])).__aenter__()


async def test_a_500_is_not_retried_unless_the_address_asks_for_it(street, product):
    product.statuses = [500]
    street.twilio.webhook_url = f"{product.url}/sms"
    assert not (await street.twilio.text_in(PARENT, OURS, "poorly")).taken
    assert len(product.seen) == 1
    assert street.twilio.alerts[0][0] == 11200

    product.statuses = [500, 503]
    street.twilio.webhook_url = f"{product.url}/sms#rc=5&rp=5xx"
    assert (await street.twilio.text_in(PARENT, OURS, "poorly")).taken
    assert len(product.seen) == 4
    assert len({hook["token"] for hook in product.seen[1:]}) == 1


async def test_a_text_that_nobody_takes_goes_to_the_fallback_and_stays_listed(
    street, client, product
):
    product.statuses = [500]
    street.twilio.webhook_url = f"{product.url}/sms"
    street.twilio.fallback_url = f"{product.url}/fallback"
    came = await street.twilio.text_in(PARENT, OURS, "poorly")
    assert came.taken
    assert product.seen[1]["path"] == "/fallback"
    assert product.seen[1]["params"]["ErrorCode"] == "11200"
    (listed,) = await client.messages.list_async(to=OURS)
    assert (listed.sid, listed.direction) == (came.sid, "inbound")


async def test_nobody_listening_is_a_connection_failure_and_tried_again(street):
    street.twilio.webhook_url = "http://127.0.0.1:9/sms"
    came = await street.twilio.text_in(PARENT, OURS, "poorly")
    assert [answer.trouble for answer in came.answers] == ["ct", "ct"]


async def test_slow_answer_is_cut_off(street):
    async def slow(_request):
        await asyncio.sleep(1)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", slow)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    street.twilio.webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/#rt=200&rc=1&rp=rt"
    came = await street.twilio.text_in(PARENT, OURS, "poorly")
    assert [answer.trouble for answer in came.answers] == ["rt", "rt"]
    await runner.cleanup()


async def test_signature_covers_the_public_address(product):
    async with Street(tunnels={"https://absence.example.sch.uk": product.url}) as street:
        public = "https://absence.example.sch.uk/hooks/twilio/sms?acct=main"
        street.twilio.webhook_url = public
        product.validator.validate = lambda _url, params, given: (
            given == sign(KEY, public, params.items())
        )
        await street.twilio.text_in(PARENT, OURS, "poorly")
    assert product.seen[0]["valid"]


async def test_stop_start_and_help(street, client, product):
    street.twilio.webhook_url = f"{product.url}/sms"
    await street.twilio.text_in(PARENT, OURS, " stop ")
    assert product.seen[0]["params"]["Body"] == " stop "
    with pytest.raises(TwilioRestException) as refused:
        await client.messages.create_async(to=PARENT, from_=OURS, body="hello")
    assert refused.value.code == 21610
    await street.twilio.text_in(PARENT, OURS, "stop it please")
    await street.twilio.text_in(PARENT, OURS, "YES")
    await client.messages.create_async(to=PARENT, from_=OURS, body="hello again")
    await street.twilio.text_in(PARENT, OURS, "help")
    assert len(street.phones.received("sms", PARENT)) == 4


async def test_unknown_path_is_twilios_404(street):
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{street.twilio_url}/2010-04-01/Nothing.json") as reply,
    ):
        assert reply.status == 404
        assert (await reply.json())["code"] == 20404


def test_overrides_keep_their_defaults_out_of_range():
    assert Overrides.of("https://x.example/") == Overrides()
    assert Overrides.of("https://x.example/#rc=9&ct=5").retries == 1
    assert Overrides.of("https://x.example/#rp=4xx,rt").retried == {"4xx", "rt"}


INBOUND = (
    "https://absence.example.sch.uk/hooks/twilio/sms?acct=main",
    [
        *((name, "") for name in ("ToState", "ToCity", "FromZip", "FromState", "FromCity", "ToZip")),
        ("ToCountry", "GB"), ("FromCountry", "GB"), ("NumMedia", "0"), ("NumSegments", "1"),
        *((name, "SM0f1e2d3c4b5a69788796a5b4c3d2e1f0") for name in ("SmsMessageSid", "SmsSid", "MessageSid")),
        ("SmsStatus", "received"), ("Body", "Amir ill today – back Thu & sorry"),
        ("To", OURS), ("From", PARENT), ("AccountSid", DEMO_ACCOUNT.sid), ("ApiVersion", "2010-04-01"),
    ],
)  # fmt: skip
STATUS = (
    "https://absence.example.sch.uk/hooks/twilio/status?a=01J9ZK3V5Q",
    [
        *((name, "SM0a0b0c0d0e0f10111213141516171819") for name in ("SmsSid", "MessageSid")),
        *((name, "undelivered") for name in ("SmsStatus", "MessageStatus")),
        ("To", PARENT), ("From", OURS), ("AccountSid", DEMO_ACCOUNT.sid), ("ApiVersion", "2010-04-01"),
        ("ErrorCode", "30005"), ("RawDlrDoneDate", "2611220915"),
    ],
)  # fmt: skip
EVENTS = (
    "https://absence.example.sch.uk/hooks/twilio/events?bodySHA256=3c3bcb37451a18083c44e34e78153ba380b56bbfe9aef1f712824c829dd1bf0b",
    [],
)


@pytest.mark.parametrize(
    ("request_", "digest", "expected"),
    [
        (INBOUND, "sha1", "Tjf4Hat6nFvdparFW+oT7yclizQ="),
        (INBOUND, "sha256", "wbcGfJSffYYFdclwzrJ89FxD1jYXkZipGgWA6TpG0Ho="),
        (STATUS, "sha1", "DmtN1gNArZrrWG9UL0StQAL73J4="),
        (EVENTS, "sha1", "evB/DdLYC2DWPO0/4YIZIM0zkxw="),
    ],
)
def test_signature_vectors(request_, digest, expected):
    url, params = request_
    assert sign(KEY, url + "#rc=2", params, digest) == expected
    if digest == "sha1" and params:
        assert RequestValidator(KEY).validate(url, dict(params), expected)


@contextlib.contextmanager
def takes(seconds):
    started = datetime.now(UTC)
    yield
    assert datetime.now(UTC) - started < timedelta(seconds=seconds)


async def test_closing_is_quick_with_work_under_way(product):
    async with Street() as street:
        street.twilio.pace = 30
        http = AsyncTwilioHttpClient()
        client = Client(DEMO_ACCOUNT.sid, DEMO_ACCOUNT.auth_token, http_client=http)
        client.api.base_url = street.twilio_url
        await client.messages.create_async(to=PARENT, from_=OURS, body="hello")
        closing = takes(1.0)
        closing.__enter__()
    closing.__exit__(None, None, None)
    await http.close()
