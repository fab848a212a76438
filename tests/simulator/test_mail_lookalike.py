"""The mail look-alike, spoken to by aiosmtplib and by the standard library's imaplib."""

import asyncio
import email
import email.policy
import imaplib
import ssl
from email.message import EmailMessage

import aiosmtplib
import pytest

from simulator.street import DEMO_MAIL, Street

PARENT = "gwen.okafor@families.example"
SCHOOL = DEMO_MAIL.address


@pytest.fixture
async def street():
    async with Street() as street:
        yield street


def letter(to=PARENT, text="Amy is not in school today. Żaba, بابا."):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SCHOOL, to, "Amy – absent today"
    message["Message-ID"] = "<att-01J9ZK3V5Q@mail.larkmead.example>"
    message.set_content(text)
    return message


async def send(street, message=None, **more):
    return await aiosmtplib.send(
        message or letter(),
        hostname="127.0.0.1",
        port=street.smtp_port,
        start_tls=False,
        timeout=2,
        **more,
    )


async def test_relay_keeps_letters_and_shows_them_on_the_handset(street):
    await send(street)
    (shown,) = street.phones.received("email", PARENT)
    assert (shown.subject, shown.text) == (
        "Amy – absent today",
        "Amy is not in school today. Żaba, بابا.",
    )
    assert shown.reference == "<att-01J9ZK3V5Q@mail.larkmead.example>"
    (kept,) = street.mail.letters_to(PARENT.upper())
    assert kept.mail_from == SCHOOL
    assert kept.parsed()["Message-ID"] == shown.reference


async def test_signing_in_to_the_relay(street):
    await send(street, username=DEMO_MAIL.user, password=DEMO_MAIL.password)
    with pytest.raises(aiosmtplib.SMTPAuthenticationError) as refused:
        await send(street, username=DEMO_MAIL.user, password="wrong")
    assert refused.value.code == 535


async def test_starttls_with_the_certificate_of_the_day():
    async with Street(starttls=True) as street:
        if not street.mail.certificate:
            pytest.skip("openssl is not installed")
        trust = ssl.create_default_context(cadata=street.mail.certificate)
        await aiosmtplib.send(
            letter(),
            hostname="127.0.0.1",
            port=street.smtp_port,
            start_tls=True,
            tls_context=trust,
            timeout=5,
        )
        assert street.phones.received("email", PARENT)


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("rcpt:550 5.1.1 No such mailbox", aiosmtplib.SMTPRecipientsRefused, 550),
        ("rcpt:451 4.7.1 Greylisted", aiosmtplib.SMTPRecipientsRefused, 451),
        ("data:451 4.3.0 Later", aiosmtplib.SMTPDataError, 451),
        ("dot:552 5.2.2 Mailbox full", aiosmtplib.SMTPDataError, 552),
        ("mail:553 5.7.1 Not you", aiosmtplib.SMTPSenderRefused, 553),
        ("connect:421 4.3.2 Not now", aiosmtplib.SMTPConnectError, 421),
    ],
)
async def test_scripted_replies_at_each_phase(street, fault, error, code):
    early = fault.startswith(("mail", "connect"))
    street.faults.add("smtp", fault, to=None if early else PARENT)
    with pytest.raises(error) as refused:
        await send(street)
    got = (
        refused.value.recipients[0].code
        if error is aiosmtplib.SMTPRecipientsRefused
        else refused.value.code
    )
    assert got == code
    assert not street.mail.letters
    await send(street)
    assert len(street.mail.letters) == 1


@pytest.mark.parametrize(("fault", "kept"), [("drop_before_data", 0), ("drop_after_dot", 1)])
async def test_dropped_connections_keep_the_letter_only_after_the_dot(street, fault, kept):
    street.faults.add("smtp", fault, to=PARENT)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(street)
    assert len(street.mail.letters) == kept


async def test_hanging_after_the_dot(street):
    street.faults.add("smtp", "hang_after_dot", to=PARENT)
    with pytest.raises(aiosmtplib.SMTPReadTimeoutError):
        await send(street)
    assert len(street.mail.letters) == 1


async def test_only_the_scripted_recipient_and_call_fail(street):
    street.faults.add("smtp", "rcpt:451 4.7.1 Greylisted", to=PARENT, call=2)
    await send(street)
    await send(street, letter(to="someone.else@families.example"))
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send(street)


def read_mailbox(port):
    with imaplib.IMAP4("127.0.0.1", port, timeout=5) as box:
        assert "IMAP4REV1" in box.capabilities
        box.login(DEMO_MAIL.user, DEMO_MAIL.password)
        assert box.select("INBOX")[1] == [b"2"]
        validity = box.response("UIDVALIDITY")[1][0]
        following = box.response("UIDNEXT")[1][0]
        unseen = box.uid("SEARCH", None, "UNSEEN")[1][0].split()
        later = box.uid("SEARCH", "UID", "9:*")[1][0].split()
        status, data = box.uid("FETCH", "1:2", "(UID FLAGS BODY.PEEK[])")
        assert status == "OK"
        raw = [part[1] for part in data if isinstance(part, tuple)]
        still_unseen = box.uid("SEARCH", "UNSEEN")[1][0].split()
        box.uid("STORE", "1", "+FLAGS", "(\\Seen firstday-done)")
        done = box.uid("SEARCH", "KEYWORD", "firstday-done")[1][0].split()
        whole = box.uid("FETCH", "2", "(RFC822)")[1]
        flags = box.uid("FETCH", "2", "(FLAGS)")[1][0]
        found = box.uid("SEARCH", "HEADER", "Subject", '"second"')[1][0].split()
        box.noop()
        box.close()
    return locals()


async def test_imaplib_reads_searches_and_marks(street):
    street.mail.mail_in(
        PARENT, SCHOOL, "Amy", "poorly – gorączka, لا تشعر بخير", quoted="Amy is not in school."
    )
    street.mail.mail_in(
        PARENT, SCHOOL, "the second", "and Ben", in_reply_to="<att-1@mail.larkmead.example>"
    )
    got = await asyncio.to_thread(read_mailbox, street.imap_port)
    assert (got["validity"], got["following"]) == (b"1700000001", b"3")
    assert got["unseen"] == got["still_unseen"] == [b"1", b"2"]
    assert got["later"] == [b"2"]
    assert got["done"] == [b"1"]
    assert got["found"] == [b"2"]
    assert b"\\Seen" in got["flags"]
    first, second = (
        email.message_from_bytes(raw, policy=email.policy.default) for raw in got["raw"]
    )
    text = first.get_content().replace("\r\n", "\n")
    assert text.startswith("poorly – gorączka, لا تشعر بخير\n\nOn ")
    assert "> Amy is not in school.\n" in text
    assert second["In-Reply-To"] == "<att-1@mail.larkmead.example>"
    assert got["whole"][0][1] == got["raw"][1]
    assert street.phones.conversation("email", PARENT)[0].direction == "sent"


def read_only(port):
    with imaplib.IMAP4("127.0.0.1", port, timeout=5) as box:
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            box.login("nobody", 'a "wrong" \\ one')
        with pytest.raises(imaplib.IMAP4.error):
            box.uid("SEARCH", "ALL")
        box.login(DEMO_MAIL.user, DEMO_MAIL.password)
        with pytest.raises(imaplib.IMAP4.error):
            box.uid("SEARCH", "ALL")
        box.select("INBOX", readonly=True)
        box.uid("FETCH", "1", "(BODY[])")
        assert box.uid("STORE", "1", "+FLAGS", "(\\Seen)")[0] == "NO"
        header = box.uid("FETCH", "1", "(BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)])")[1][0][1]
        assert box.fetch("1", "(FLAGS RFC822.SIZE INTERNALDATE)")[0] == "OK"
        with pytest.raises(imaplib.IMAP4.error):
            box.uid("SEARCH", "SMALLER", "3")
        return header, box.uid("SEARCH", "ALL")[1][0], box.uid("SEARCH", "UNSEEN")[1][0]


async def test_wrong_password_wrong_state_and_examining(street):
    street.mail.mail_in(PARENT, SCHOOL, "Amy", "poorly")
    header, everything, unseen = await asyncio.to_thread(read_only, street.imap_port)
    assert header == b"From: gwen.okafor@families.example\r\nSubject: Amy\r\n\r\n"
    assert everything == unseen == b"1"


def wait_for_news(port, put):
    with imaplib.IMAP4("127.0.0.1", port, timeout=5) as box:
        box.login(DEMO_MAIL.user, DEMO_MAIL.password)
        box.select()
        put()
        box.noop()
        news = box.response("EXISTS")[1]
        box.store("1", "+FLAGS", "\\Deleted")
        return news, box.expunge()[1]


async def test_new_mail_is_told_and_deleted_mail_goes(street):
    loop = asyncio.get_running_loop()

    def put():
        async def one():
            street.mail.mail_in(PARENT, SCHOOL, "Amy", "poorly")

        asyncio.run_coroutine_threadsafe(one(), loop).result(5)

    news, gone = await asyncio.to_thread(wait_for_news, street.imap_port, put)
    assert news[-1] == b"1"
    assert gone == [b"1"]
    assert not street.mail.mailbox.messages


async def test_renumbering_changes_uidvalidity(street):
    for _ in range(3):
        street.mail.mail_in(PARENT, SCHOOL, "Amy", "poorly")
    del street.mail.mailbox.messages[0]
    before = street.mail.mailbox.uid_validity
    street.mail.mailbox.renumber()
    assert street.mail.mailbox.uid_validity == before + 1
    assert [m.uid for m in street.mail.mailbox.messages] == [1, 2]


async def test_a_bounce_is_a_delivery_report_about_our_letter(street):
    await send(street)
    street.mail.bounce(street.mail.letters[0])
    report = email.message_from_bytes(
        street.mail.mailbox.messages[0].raw, policy=email.policy.default
    )
    assert report.get_content_type() == "multipart/report"
    human, machine, original = report.iter_parts()
    assert PARENT in human.get_content()
    blocks = machine.get_payload()
    assert blocks[1]["Status"] == "5.1.1"
    assert "att-01J9ZK3V5Q" in original.as_string()


async def test_closing_with_open_connections_leaves_nothing(street):
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=street.smtp_port, start_tls=False)
    await client.connect()
    reader, writer = await asyncio.open_connection("127.0.0.1", street.imap_port)
    assert (await reader.readline()).startswith(b"* OK")
    await street.mail.close()
    assert await reader.read() == b""
    writer.close()
    client.close()
