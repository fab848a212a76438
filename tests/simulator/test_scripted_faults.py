"""Faults as scripted: at which call, for whom, and what the Twilio SDK makes of them."""

import asyncio
import json

import aiohttp
import pytest
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from simulator.faults import Fault, Faults
from simulator.street import DEMO_ACCOUNT, Street

# The SDK hands its sign-in over in a way that a coming aiohttp will drop.
pytestmark = pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated")

OURS = "+447700900001"
PARENT = "+447700900123"


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


@pytest.fixture
async def statuses():
    """Note the status callbacks that arrive, and where to send them."""
    seen = []

    async def hook(request):
        form = await request.post()
        seen.append((form["MessageStatus"], form.get("ErrorCode")))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield seen, f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def send(client, body="hello", **more):
    async with asyncio.timeout(1.5):
        return await client.messages.create_async(to=PARENT, from_=OURS, body=body, **more)


@pytest.mark.parametrize(
    ("fault", "error", "status", "code", "arrives"),
    [
        ("429/20429", TwilioRestException, 429, 20429, False),
        ("429", TwilioRestException, 429, 429, False),
        ("400/21211", TwilioRestException, 400, 21211, False),
        ("401", TwilioRestException, 401, 20003, False),
        ("503", TwilioRestException, 503, 20503, False),
        ("html502", TwilioRestException, 502, 502, False),
        ("html502_accepted", TwilioRestException, 502, 502, True),
        ("html200", json.JSONDecodeError, None, None, False),
        ("truncated_json", json.JSONDecodeError, None, None, True),
        ("drop", aiohttp.ServerDisconnectedError, None, None, False),
        ("accept_then_drop", aiohttp.ServerDisconnectedError, None, None, True),
        ("hang", TimeoutError, None, None, False),
        ("accept_then_hang", TimeoutError, None, None, True),
    ],
)
async def test_twilio_fails_at_the_scripted_call_only(
    street, client, fault, error, status, code, arrives
):
    street.faults.add("twilio", fault, to=PARENT, call=2)
    await send(client, "first")
    with pytest.raises(error) as raised:
        await send(client, "second")
    await send(client, "third")
    if status:
        assert (raised.value.status, raised.value.code) == (status, code)
    expected = ["first", "second", "third"] if arrives else ["first", "third"]
    assert [m.text for m in street.phones.received("sms", PARENT)] == expected
    listed = await client.messages.list_async(to=PARENT)
    assert [m.body for m in listed] == expected[::-1]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("duplicate_callback", [("sent", None)] * 2 + [("delivered", None)] * 2),
        ("disordered_callbacks", [("delivered", None), ("sent", None)]),
        ("undelivered:30005", [("sent", None), ("undelivered", "30005")]),
        ("failed:30008", [("failed", "30008")]),
        ("stuck_at_sent", [("sent", None)]),
        ("no_callback", []),
        (
            "delivered_then_undelivered:30003",
            [("sent", None), ("delivered", None), ("undelivered", "30003")],
        ),
    ],
)
async def test_callbacks_go_wrong_as_scripted(street, client, statuses, fault, expected):
    seen, url = statuses
    street.faults.add("twilio", fault)
    await send(client, status_callback=url)
    await street.errands.settled()
    assert seen == expected
    lost = fault.startswith(("undelivered", "failed"))
    assert bool(street.phones.received("sms", PARENT)) is not lost


async def test_callback_before_the_answer(street, client, statuses):
    seen, url = statuses
    street.faults.add("twilio", "callback_before_answer")
    sent = await send(client, status_callback=url)
    assert seen == [("sent", None), ("delivered", None)]
    assert sent.status == "queued"


async def test_repeated_sid(street, client):
    first = await send(client, "first")
    street.faults.add("twilio", "repeated_sid")
    assert (await send(client, "second")).sid == first.sid
    assert (await send(client, "third")).sid != first.sid
    assert len(street.phones.received("sms", PARENT)) == 3


async def test_looking_up_can_fail_too(street, client):
    sent = await send(client)
    street.faults.add("twilio", "503", operation="list")
    street.faults.add("twilio", "404", operation="fetch")
    with pytest.raises(Exception, match="503"):
        await client.messages.list_async(to=PARENT)
    with pytest.raises(TwilioRestException):
        await client.messages(sent.sid).fetch_async()
    assert len(await client.messages.list_async(to=PARENT)) == 1
    assert (await client.messages(sent.sid).fetch_async()).sid == sent.sid


async def test_faults_are_set_seen_and_cleared_over_http(street, client):
    script = {"provider": "twilio", "to": PARENT, "call": 1, "fault": "400/21610"}
    async with aiohttp.ClientSession() as session:
        async with session.post(street.faults_url, json=script) as reply:
            (shown,) = await reply.json()
            assert (shown["to"], shown["code"], shown["seen"]) == (PARENT, 21610, 0)
        with pytest.raises(TwilioRestException):
            await send(client)
        async with session.get(street.faults_url) as reply:
            assert (await reply.json())[0]["acted"] == 1
        for wrong in (
            {"provider": "twilio", "fault": "rain"},
            {"fault": "hang"},
            {**script, "call": 0},
            {**script, "x": 1},
        ):
            async with session.post(street.faults_url, json=[wrong]) as reply:
                assert reply.status == 422
        async with session.delete(street.faults_url) as reply:
            assert await reply.json() == []
    await send(client)


def test_scripts_count_their_own_calls():
    faults = Faults()
    faults.add("twilio", "503", to="a", call=2, times=2)
    faults.add("twilio", "hang", call=3)
    taken = [faults.take("twilio", to) for to in ("a", "b", "a", "a", "a")]
    assert [fault and fault.kind for fault in taken] == [None, None, "status", "status", None]
    assert faults.take("telegram", "a") is None


def test_written_faults_are_read():
    assert Fault.parse("twilio", "429/20429") == Fault("status", 429, 20429)
    assert Fault.parse("twilio", "undelivered:30003").number(0) == 30003
    assert Fault.parse("smtp", "rcpt:550 5.1.1 No such user").more == "550 5.1.1 No such user"
    assert Fault.parse("telegram", "hang:0.5").number(60) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="knows no fault"):
        Fault.parse("smtp", "html200")


async def test_closing_while_a_client_hangs_is_quick(client, street):
    street.faults.add("twilio", "hang")
    hanging = asyncio.create_task(client.messages.create_async(to=PARENT, from_=OURS, body="hello"))
    await asyncio.sleep(0.1)
    started = asyncio.get_running_loop().time()
    await street.__aexit__(None, None, None)
    assert asyncio.get_running_loop().time() - started < 1
    with pytest.raises(aiohttp.ClientError):
        await hanging
