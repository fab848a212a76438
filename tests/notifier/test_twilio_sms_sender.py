"""Texts by the real Twilio client against its look-alike: every way a call can end."""

import asyncio
import logging
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from notifier.sender import Found, Outcome, Parcel
from notifier.sms_twilio import TwilioSms
from notifier.twilio_codes import OUTCOMES, at_call, in_receipt
from simulator.street import DEMO_ACCOUNT, Street

PARENT = "+447700900123"
BODY = "Amy was not at registration. Why? – Larkmead"


def parcel(**changed) -> Parcel:
    facts = {
        "outbound_id": 7,
        "attempt_id": 42,
        "address": PARENT,
        "sender": DEMO_ACCOUNT.numbers[0],
        "sender_name": "Larkmead School",
        "body": BODY,
        "subject": "",
        "reply_to": None,
        "seconds_left": 7200,
        "called_at": datetime.now(UTC),
    }
    return Parcel(**(facts | changed))


def sender(url, **changed) -> TwilioSms:
    options = {"callback_url": "http://127.0.0.1:9/hooks/twilio/status", "timeout": 2.0} | changed
    return TwilioSms(DEMO_ACCOUNT.sid, options.pop("token", DEMO_ACCOUNT.auth_token),
                     base_url=url, **options)  # fmt: skip


@asynccontextmanager
async def silent(**options):
    """A server that takes connections and never says a word; gives its port."""
    callers = []
    server = await asyncio.start_server(
        lambda _reader, writer: callers.append(writer), "127.0.0.1", 0, **options
    )
    async with server:
        yield server.sockets[0].getsockname()[1]
        for caller in callers:
            caller.close()


@pytest.fixture
async def street():
    async with Street() as street:
        yield street


@pytest.fixture
async def sms(street):
    sms = sender(street.twilio_url)
    yield sms
    await sms.close()


def sent(street) -> list[str]:
    return [text.body for text in street.twilio.texts.newest_first()]


async def test_a_text_is_accepted_with_its_id(street, sms):
    result = await sms.send(parcel())
    assert result.outcome is Outcome.ACCEPTED
    assert result.provider_id == street.twilio.texts.last().sid
    assert sent(street) == [BODY]


async def receiver(forms):
    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length:")[1].split()[0])
        forms.append((await reader.readexactly(size)).decode())
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


@pytest.mark.fault("A12")
@pytest.mark.parametrize(("left", "validity"), [(7200, 7200), (5, 60), (90_000, 36_000)])
async def test_twilio_is_told_how_long_a_text_is_worth_and_where_to_report(left, validity):
    forms: list[str] = []
    async with await receiver(forms) as server:
        sms = sender(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert (await sms.send(parcel(seconds_left=left))).outcome is Outcome.UNKNOWN
        await sms.close()
    assert f"ValidityPeriod={validity}" in forms[0]
    assert (
        "StatusCallback=http%3A%2F%2F127.0.0.1%3A9%2Fhooks%2Ftwilio%2Fstatus%3Fa%3D42" in forms[0]
    )


@pytest.mark.fault("A1")
async def test_a_refused_connection_is_surely_not_sent():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        sms = sender(f"http://127.0.0.1:{free.getsockname()[1]}")
        result = await sms.send(parcel())
        assert await sms.find(parcel()) == (Found.CANNOT_TELL, None)
        await sms.close()
    assert result.outcome is Outcome.NOT_SENT


@pytest.mark.fault("A1")
async def test_a_name_that_nobody_knows_is_surely_not_sent():
    sms = sender("http://twilio.invalid", timeout=5)
    assert (await sms.send(parcel())).outcome is Outcome.NOT_SENT
    await sms.close()


@pytest.mark.fault("A2")
async def test_a_certificate_we_do_not_trust_is_surely_not_sent(tmp_path):
    from simulator.certificate import make_certificate

    made = await make_certificate()
    if made is None:
        pytest.skip("no certificate can be made here")
    context: ssl.SSLContext = made[0]
    async with silent(ssl=context) as port:
        sms = sender(f"https://127.0.0.1:{port}", timeout=5)
        result = await sms.send(parcel())
        await sms.close()
    assert result.outcome is Outcome.NOT_SENT


async def test_a_server_that_never_shakes_hands_is_surely_not_sent():
    async with silent() as port:
        sms = sender(f"https://127.0.0.1:{port}", timeout=0.3)
        result = await sms.send(parcel())
        await sms.close()
    assert result.outcome is Outcome.NOT_SENT


@pytest.mark.fault("A3")
async def test_a_lost_answer_is_unknown_until_the_list_shows_the_text(street, sms):
    street.faults.add("twilio", "accept_then_drop")
    asked = parcel()
    assert (await sms.send(asked)).outcome is Outcome.UNKNOWN
    assert await sms.find(asked) == (Found.YES, street.twilio.texts.last().sid)
    assert sent(street) == [BODY]


@pytest.mark.fault("A3")
async def test_an_answer_lost_on_a_connection_used_before_is_unknown_too(street, sms):
    await sms.send(parcel(body="first"))
    street.faults.add("twilio", "drop")
    assert (await sms.send(parcel())).outcome is Outcome.UNKNOWN


@pytest.mark.fault("A4")
async def test_a_provider_that_hangs_costs_no_more_than_our_own_time(street, sms):
    street.faults.add("twilio", "hang")
    began = asyncio.get_running_loop().time()
    assert (await sms.send(parcel())).outcome is Outcome.UNKNOWN
    assert asyncio.get_running_loop().time() - began < 5
    assert await sms.find(parcel()) == (Found.NO, None)


@pytest.mark.fault("A4")
async def test_a_provider_that_hangs_after_accepting_is_asked_later(street, sms):
    street.faults.add("twilio", "accept_then_hang")
    asked = parcel()
    assert (await sms.send(asked)).outcome is Outcome.UNKNOWN
    assert (await sms.find(asked))[0] is Found.YES


@pytest.mark.fault("A5")
@pytest.mark.parametrize(
    ("fault", "there"),
    [("500", False), ("503", False), ("html502", False), ("html502_accepted", True)],
)
async def test_a_broken_server_may_or_may_not_have_taken_it(street, sms, fault, there):
    street.faults.add("twilio", fault)
    asked = parcel()
    assert (await sms.send(asked)).outcome is Outcome.UNKNOWN
    assert (await sms.find(asked))[0] is (Found.YES if there else Found.NO)


@pytest.mark.fault("A6")
async def test_too_many_calls_at_once_is_a_wait_and_nothing_else(street, sms):
    street.faults.add("twilio", "429/20429")
    result = await sms.send(parcel())
    assert (result.outcome, result.wait) == (Outcome.THROTTLED, 1.0)
    assert sent(street) == []


@pytest.mark.fault("A6")
async def test_a_429_that_is_not_twilios_own_is_unknown():
    assert at_call(429, 429) is Outcome.UNKNOWN
    assert at_call(429, 21610) is Outcome.UNKNOWN


@pytest.mark.fault("A7")
@pytest.mark.parametrize(
    ("code", "outcome"),
    [("21211", Outcome.PERMANENT), ("21614", Outcome.PERMANENT), ("21408", Outcome.PERMANENT),
     ("21612", Outcome.NOT_SENT), ("21617", Outcome.NOT_SENT), ("29999", Outcome.NOT_SENT)],
)  # fmt: skip
async def test_a_refusal_is_classified_by_its_code(street, sms, code, outcome):
    street.faults.add("twilio", f"400/{code}")
    result = await sms.send(parcel())
    assert (result.outcome, result.code) == (outcome, code)


@pytest.mark.fault("A8")
async def test_a_parent_who_texted_stop_is_not_sent_to_again(street, sms):
    await street.twilio.text_in(PARENT, DEMO_ACCOUNT.numbers[0], "STOP")
    result = await sms.send(parcel())
    assert (result.outcome, result.code) == (Outcome.PERMANENT, "21610")


@pytest.mark.fault("A9")
async def test_a_revoked_token_is_the_accounts_trouble(street):
    sms = sender(street.twilio_url, token="revoked")
    result = await sms.send(parcel())
    await sms.close()
    assert (result.outcome, result.code) == (Outcome.ACCOUNT, "20003")


@pytest.mark.fault("A10")
@pytest.mark.parametrize("fault", ["html200", "truncated_json"])
async def test_a_yes_that_is_not_twilios_is_unknown(street, sms, fault):
    street.faults.add("twilio", fault)
    assert (await sms.send(parcel())).outcome is Outcome.UNKNOWN


@pytest.mark.fault("A10")
@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'{"sid":"CA1"}', b'"x"', b"\xff", b""])
async def test_a_yes_without_a_texts_id_is_unknown(body):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 201 Created\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        sms = sender(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert (await sms.send(parcel())).outcome is Outcome.UNKNOWN
        await sms.close()


async def test_a_text_of_the_same_words_from_another_day_is_not_the_one_looked_for(street, sms):
    await sms.send(parcel())
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert await sms.find(parcel(called_at=later)) == (Found.NO, None)
    assert await sms.find(parcel(body="other words")) == (Found.NO, None)


async def test_a_text_that_waits_unsent_is_found_too(street, sms):
    street.twilio.pace = 60
    asked = parcel()
    await sms.send(asked)
    assert street.twilio.texts.last().sent is None
    assert (await sms.find(asked))[0] is Found.YES


async def test_a_list_that_cannot_be_read_tells_nothing(street, sms):
    street.faults.add("twilio", "500", operation="list")
    assert await sms.find(parcel()) == (Found.CANNOT_TELL, None)


async def test_fifty_at_once_share_connections_and_all_arrive(street):
    patient = sender(street.twilio_url, timeout=30.0)  # a busy machine is not what this is about
    results = await asyncio.gather(*(patient.send(parcel(body=f"{BODY} {n}")) for n in range(50)))
    await patient.close()
    assert {result.outcome for result in results} == {Outcome.ACCEPTED}
    assert len(set(sent(street))) == 50


async def test_no_number_and_no_word_gets_into_the_log(street, sms, caplog):
    caplog.set_level(logging.DEBUG)
    street.faults.add("twilio", "accept_then_drop")
    await sms.send(parcel())
    await sms.send(parcel(address="+447700900124"))
    ours = [r.getMessage() for r in caplog.records if r.name.startswith(("notifier", "twilio"))]
    assert ours
    assert not any("7700" in line or "Amy" in line for line in ours)


def test_every_code_has_one_meaning_and_unknown_ones_the_careful_one():
    from notifier.twilio_codes import _GROUPS

    assert sum(len(codes) for codes in _GROUPS.values()) == len(OUTCOMES)
    assert in_receipt(30005) is Outcome.PERMANENT
    assert in_receipt(30003) is Outcome.NOT_SENT
    assert in_receipt(99999) is Outcome.UNKNOWN
