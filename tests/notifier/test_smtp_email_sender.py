"""Letters by the real SMTP client against the relay's look-alike: a fault at every step."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.email import SmtpSender, is_loopback
from notifier.letter import write
from notifier.sender import Found, Outcome, Parcel
from notifier.smtp_codes import Step, answered
from simulator.street import DEMO_MAIL, Street

PARENT = "sana@families.example"


def parcel(**changed) -> Parcel:
    facts = {
        "outbound_id": 7,
        "attempt_id": 42,
        "address": PARENT,
        "sender": DEMO_MAIL.address,
        "sender_name": "Łarkmead School, Office",
        "body": "Amy was not at registration.\n.\nWhy? – żółć\n" + "long " * 60,
        "subject": "Amy – today",
        "reply_to": None,
        "seconds_left": 7200,
        "called_at": datetime(2027, 1, 12, 9, 31, tzinfo=UTC),
        "message_id": "<fd-0123456789abcdef01234567@larkmead.example>",
    }
    return Parcel(**(facts | changed))


def sender(street, **changed) -> SmtpSender:
    options = {
        "username": DEMO_MAIL.user,
        "password": DEMO_MAIL.password,
        "starttls": "off",
        "message_id_domain": "larkmead.example",
        "timeout": 2.0,
        "dot_timeout": 0.5,
    }
    return SmtpSender("127.0.0.1", street.smtp_port, **(options | changed))


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
async def mail(street):
    mail = sender(street)
    yield mail
    await mail.close()


async def test_a_letter_arrives_as_it_was_written(street, mail):
    result = await mail.send(parcel())
    assert (result.outcome, result.provider_id) == (Outcome.ACCEPTED, parcel().message_id)
    (letter,) = street.mail.letters_to(PARENT)
    got = letter.parsed()
    assert got.get_content().replace("\r\n", "\n").rstrip("\n") == parcel().body.rstrip("\n")
    assert got["From"].addresses[0].display_name == "Łarkmead School, Office"
    assert got["From"].addresses[0].addr_spec == DEMO_MAIL.address
    assert (got["Subject"], got["Message-ID"]) == ("Amy – today", parcel().message_id)
    assert got["Date"].datetime == parcel().called_at
    assert (got["Auto-Submitted"], got["X-Firstday"]) == ("auto-generated", "1")
    assert got["Reply-To"] is None


async def test_an_answer_names_what_it_answers_and_where_to_write(street):
    mail = sender(street, reply_address=lambda p: f"absence+{p.outbound_id}@larkmead.example")
    await mail.send(parcel(reply_to="<1@families.example>"))
    await mail.close()
    got = street.mail.letters_to(PARENT)[0].parsed()
    assert got["In-Reply-To"] == got["References"] == "<1@families.example>"
    assert got["Reply-To"] == "absence+7@larkmead.example"


async def test_another_channels_id_is_no_message_id():
    assert write(parcel(reply_to="501002003:12"), "larkmead.example")["In-Reply-To"] is None


async def test_one_connection_carries_many_letters(street, mail):
    results = await asyncio.gather(*(mail.send(parcel(subject=str(n))) for n in range(20)))
    assert {result.outcome for result in results} == {Outcome.ACCEPTED}
    assert len(street.mail._doors) == 1
    assert len(street.mail.letters_to(PARENT)) == 20


@pytest.mark.fault("A21")
async def test_an_idle_connection_that_was_closed_is_opened_again(street, mail):
    await mail.send(parcel())
    for door in list(street.mail._doors):
        door.transport.close()
    await asyncio.sleep(0.05)
    assert (await mail.send(parcel())).outcome is Outcome.ACCEPTED
    assert len(street.mail.letters_to(PARENT)) == 2


@pytest.mark.fault("A21")
async def test_a_421_on_an_idle_connection_is_the_same(street, mail):
    await mail.send(parcel())
    street.faults.add("smtp", "mail:421 4.4.2 Idle too long")
    assert (await mail.send(parcel())).outcome is Outcome.ACCEPTED


@pytest.mark.fault("A1")
async def test_a_refused_connection_is_surely_not_sent():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        mail = SmtpSender(
            "127.0.0.1", free.getsockname()[1], starttls="off", message_id_domain="x.example"
        )
        assert (await mail.send(parcel())).outcome is Outcome.NOT_SENT
        await mail.close()


async def test_a_relay_that_never_greets_is_surely_not_sent():
    async with silent() as port:
        mail = SmtpSender(
            "127.0.0.1", port, starttls="off", message_id_domain="x.example", timeout=0.2
        )
        assert (await mail.send(parcel())).outcome is Outcome.NOT_SENT
        await mail.close()


@pytest.mark.parametrize(
    ("fault", "outcome", "code"),
    [
        pytest.param("connect:421 4.3.2 Busy", Outcome.THROTTLED, "421 4.3.2"),
        pytest.param("mail:451 4.3.0 Later", Outcome.THROTTLED, "451 4.3.0"),
        pytest.param("mail:550 5.7.1 Not you", Outcome.ACCOUNT, "550 5.7.1"),
        pytest.param(
            "rcpt:450 4.7.1 Greylisted", Outcome.THROTTLED, "450 4.7.1",
            marks=pytest.mark.fault("A19"),
        ),
        pytest.param(
            "rcpt:550 5.1.1 Nobody", Outcome.PERMANENT, "550 5.1.1", marks=pytest.mark.fault("A20")
        ),
        pytest.param("rcpt:550 No such user", Outcome.PERMANENT, "550"),
        pytest.param("rcpt:552 5.2.2 Full", Outcome.NOT_SENT, "552 5.2.2"),
        pytest.param("rcpt:550 5.7.1 Policy", Outcome.NOT_SENT, "550 5.7.1"),
        pytest.param("rcpt:530 5.7.0 Sign in first", Outcome.ACCOUNT, "530 5.7.0"),
        pytest.param("data:451 4.3.0 Later", Outcome.THROTTLED, "451 4.3.0"),
        pytest.param("dot:552 5.3.4 Too big", Outcome.NOT_SENT, "552 5.3.4"),
        pytest.param("dot:554 5.7.1 Spam", Outcome.NOT_SENT, "554 5.7.1"),
        pytest.param("dot:451 4.3.0 Later", Outcome.THROTTLED, "451 4.3.0"),
        pytest.param("dot:421 4.3.2 Leaving", Outcome.UNKNOWN, "421 4.3.2"),
    ],
)  # fmt: skip
async def test_a_refusal_is_classified_by_its_step_and_code(street, mail, fault, outcome, code):
    street.faults.add("smtp", fault)
    result = await mail.send(parcel())
    assert (result.outcome, result.code) == (outcome, code)
    assert street.mail.letters_to(PARENT) == []
    assert (await mail.send(parcel())).outcome is Outcome.ACCEPTED


@pytest.mark.fault("A19")
async def test_a_greylist_asks_for_a_quarter_of_an_hour(street, mail):
    street.faults.add("smtp", "rcpt:450 4.7.1 Greylisted")
    assert (await mail.send(parcel())).wait == 900


@pytest.mark.fault("A21")
async def test_a_line_that_breaks_before_the_text_is_surely_not_sent(street, mail):
    street.faults.add("smtp", "drop_before_data")
    assert (await mail.send(parcel())).outcome is Outcome.NOT_SENT
    assert street.mail.letters_to(PARENT) == []
    assert (await mail.send(parcel())).outcome is Outcome.ACCEPTED


@pytest.mark.fault("A22")
@pytest.mark.parametrize("fault", ["drop_after_dot", "hang_after_dot"])
async def test_a_line_that_breaks_after_the_text_is_unknown(street, mail, fault):
    street.faults.add("smtp", fault)
    assert (await mail.send(parcel())).outcome is Outcome.UNKNOWN
    assert len(street.mail.letters_to(PARENT)) == 1
    assert await mail.find(parcel()) == (Found.CANNOT_TELL, None)
    again = await mail.send(parcel())
    assert again.outcome is Outcome.ACCEPTED
    ids = {letter.parsed()["Message-ID"] for letter in street.mail.letters_to(PARENT)}
    assert ids == {parcel().message_id}


@pytest.mark.fault("A9")
async def test_a_wrong_password_is_the_accounts_trouble(street):
    mail = sender(street, password="wrong")
    result = await mail.send(parcel())
    await mail.close()
    assert (result.outcome, result.code.split()[0]) == (Outcome.ACCOUNT, "535")


@pytest.mark.fault("A23")
async def test_a_relay_without_starttls_gets_neither_password_nor_letter(street):
    mail = sender(street, starttls="required")
    result = await mail.send(parcel())
    await mail.close()
    assert (result.outcome, result.code) == (Outcome.ACCOUNT, "starttls not offered")
    assert street.mail.letters_to(PARENT) == []


@pytest.mark.fault("A23")
@pytest.mark.parametrize("host", ["relay.example", "10.0.0.1", "127.0.0.1.example", ""])
def test_mail_in_the_open_never_leaves_this_machine(host):
    with pytest.raises(ValueError, match="STARTTLS"):
        SmtpSender(host, 25, starttls="off", message_id_domain="x.example")


def test_this_machine_has_these_names():
    assert all(is_loopback(host) for host in ("localhost", "127.0.0.1", "127.8.8.8", "::1"))


@pytest.mark.fault("A2")
async def test_starttls_needs_a_certificate_we_trust():
    async with Street(starttls=True) as street:
        if not street.mail.certificate:
            pytest.skip("no certificate can be made here")
        strict = sender(street, starttls="required")
        assert (await strict.send(parcel())).outcome is Outcome.NOT_SENT
        await strict.close()
        trusting = ssl.create_default_context(cadata=street.mail.certificate)
        trusting.check_hostname = False
        mail = sender(street, starttls="required", tls=trusting)
        assert (await mail.send(parcel())).outcome is Outcome.ACCEPTED
        await mail.close()


@pytest.mark.parametrize("address", ["", "sana", "a b@x.example", "a@b@c", "ż@x.example", "<a@b>"])
async def test_what_is_no_address_is_never_tried(street, mail, address):
    assert (await mail.send(parcel(address=address))).outcome is Outcome.PERMANENT
    assert not street.mail.letters


async def test_a_cancelled_letter_leaves_no_half_connection(street, mail):
    street.faults.add("smtp", "hang_after_dot")
    sending = asyncio.create_task(mail.send(parcel()))
    await asyncio.sleep(0.2)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert (await mail.send(parcel())).outcome is Outcome.ACCEPTED


@pytest.mark.fault("F8")
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=120))
def test_no_name_subject_or_text_makes_a_second_header(name, subject, body):
    body = body.encode("utf-8", "ignore").decode()
    written = parcel(
        sender_name=name.encode("utf-8", "ignore").decode() + "\r\nBcc: x@evil.example",
        subject=subject.encode("utf-8", "ignore").decode() + "\r\nBcc: x@evil.example\n\nx",
        body=body,
    )
    raw = write(written, "larkmead.example").as_bytes()
    got = BytesParser(policy=policy.default).parsebytes(raw)
    assert got["Bcc"] is None
    assert [a.addr_spec for a in got["To"].addresses] == [PARENT]
    assert set(got.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Firstday",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip


@pytest.mark.fault("F9")
async def test_a_text_with_a_smuggled_end_arrives_as_one_letter(street, mail):
    body = "before\n.\r\nMAIL FROM:<x@evil.example>\r.\rafter\n..dots\n."
    await mail.send(parcel(body=body))
    (letter,) = street.mail.letters
    assert "MAIL FROM" in letter.parsed().get_content()
    assert "\n..dots" in letter.parsed().get_content().replace("\r\n", "\n")


def test_the_relays_words_never_get_into_a_code():
    result = answered(Step.RCPT, 550, "5.1.1 <sana@families.example> unknown")
    assert result.code == "550 5.1.1"
