"""E-mails that come in: best-effort reading, machines known as machines, bombs refused."""

import contextlib
import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.email import EmailHook, read
from bot.request import BadRequest, Request
from school.people import Channel

SCHOOL = "absence@larkmead.example"
NOW = datetime(2027, 1, 12, 9, 31, tzinfo=UTC)


def letter(text="Amy is poorly", **headers) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Sana Khan <Sana@Families.example>"
    message["To"] = SCHOOL
    message["Subject"] = "Amy"
    message["Message-ID"] = "<1@families.example>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def heard(raw, addresses=(SCHOOL,)):
    if isinstance(raw, EmailMessage):
        raw = bytes(raw)
    return read(raw, account="mailbox", provider_id="7:1", addresses=addresses)


def raw(body: bytes, content_type="text/plain", more=b"") -> bytes:
    head = f"From: sana@families.example\nTo: {SCHOOL}\nContent-Type: {content_type}\n"
    return head.encode() + more + b"\n" + body


def test_a_letter_is_read():
    said = heard(letter("Amy is poorly\n\n> Where is Amy?\n"))
    assert (said.channel, said.account, said.provider_id) == (Channel.EMAIL, "mailbox", "7:1")
    assert (said.sender, said.addressed_to) == ("sana@families.example", SCHOOL)
    assert (said.text, said.automated) == ("Amy\nAmy is poorly", False)
    assert said.extra == {"subject": "Amy", "message_id": "<1@families.example>"}


def test_the_subject_of_a_new_letter_counts():
    assert heard(letter("\n", Subject="Amy has a cold")).text == "Amy has a cold"
    assert heard(letter("She is ill", Subject="Amy")).text == "Amy\nShe is ill"
    assert heard(letter("She is ill", Subject="")).text == "She is ill"


@pytest.mark.parametrize("subject", ["Tom was hit by his dad last night", "Refuge needed, dad hit"])
def test_safety_words_that_stand_only_in_the_subject_are_kept(subject):
    said = heard(letter("Please ring me.\n\nRob", Subject=subject))
    assert said.text == f"{subject}\nPlease ring me.\n\nRob"


@pytest.mark.parametrize(
    "head",
    [
        {"Subject": "Re: Amy is not in school"},
        {"Subject": "ODP: Amy is not in school"},
        {"Subject": "AW[2]: Amy is not in school"},
        {"Subject": "Fwd: Amy is not in school"},
        {"In_Reply_To": "<fd-1@larkmead.example>"},
    ],
)
def test_the_subject_of_a_reply_is_ours_and_does_not_count(head):
    assert heard(letter("She is ill", **head)).text == "She is ill"


@pytest.mark.parametrize(
    ("date", "sent_at"),
    [
        ("Tue, 15 Jun 2027 09:31:00 +0100", "2027-06-15T08:31:00+00:00"),
        ("Tue, 15 Jun 2027 09:31:00 -0000", "2027-06-15T09:31:00+00:00"),
    ],
)
def test_the_time_of_sending_is_kept_in_utc(date, sent_at):
    assert heard(letter(Date=date)).extra["sent_at"] == sent_at


@pytest.mark.fault("F2")
@pytest.mark.parametrize(
    "date", [b"", b"soon", b"Mon, 99 Jan 2027 00:00:00 +0000", b"Fri, 31 Dec 9999 23:59 -2359"]
)
def test_a_time_of_sending_that_cannot_be_read_is_left_out(date):
    assert "sent_at" not in heard(raw(b"ill", more=b"Date: " + date + b"\n")).extra


def test_the_first_of_our_addresses_is_the_one_written_to():
    both = (SCHOOL, "absence@beech.example")
    said = heard(letter(To="friend@families.example", Cc="Beech <Absence@beech.example>"), both)
    assert said.addressed_to == "absence@beech.example"


def test_the_part_behind_the_plus_sign_is_kept():
    said = heard(letter(To="absence+Tok3n_x@larkmead.example"))
    assert (said.addressed_to, said.extra["tag"]) == (SCHOOL, "Tok3n_x")


def test_a_blind_copy_is_for_the_only_school_or_for_nobody():
    hidden = letter(To="friend@families.example")
    assert heard(hidden).addressed_to == SCHOOL
    assert heard(hidden, (SCHOOL, "absence@beech.example")).addressed_to == ""


def test_html_alone_is_read_as_a_person_sees_it():
    page = (
        b"<html><head><title>x</title><style>p{color:red}</style></head><body>"
        b"<!--[if mso]><xml>96</xml><![endif]--><p>Amy&nbsp;is <b>poorly</b></p>"
        b"<div>Back <br>Thursday</div><div>On 12 Jan 2027, at 09:31, Larkmead wrote:</div>"
        b"<blockquote><p>Where is Amy?</p></blockquote><script>alert(1)</script></body></html>"
    )
    assert heard(raw(page, "text/html")).text == "Amy is poorly\n\nBack\nThursday"


def test_plain_words_win_over_html():
    message = letter("plain words")
    message.add_alternative("<p>page</p>", subtype="html")
    assert heard(message).text == "Amy\nplain words"


def test_attachments_are_named_and_logos_are_not():
    message = letter("see photo")
    message.add_attachment(b"x", maintype="image", subtype="jpeg", filename="note.jpg")
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="letter.pdf")
    message.add_attachment(b"x", maintype="audio", subtype="ogg", filename="said.ogg")
    message.add_attachment(
        b"x", maintype="image", subtype="png", cid="<logo>", disposition="inline"
    )
    assert heard(message).attachments == ("photo", "document", "voice")


@pytest.mark.fault("F12")
def test_a_forwarded_message_is_a_document_and_its_words_are_not_the_senders():
    message = letter("see below")
    message.add_attachment(letter("Somebody else's words"))
    said = heard(message)
    assert (said.text, said.attachments) == ("Amy\nsee below", ("document",))


@pytest.mark.fault("F2")
@pytest.mark.parametrize(
    ("body", "content_type", "more", "text"),
    [
        ("żółć".encode(), "text/plain; charset=x-unknown", b"", "żółć"),
        ("żółć".encode(), "text/plain", b"", "żółć"),
        ("café".encode("latin-1"), "text/plain; charset=us-ascii", b"", "café"),
        ("żółć".encode("iso-8859-2"), "text/plain; charset=iso-8859-2", b"", "żółć"),
        (b"ill", "text/plain; charset=idna", b"", "ill"),
        (b"ill", "text/plain; charset=hex", b"", "ill"),
        (b"aWxs", "text/plain", b"Content-Transfer-Encoding: base64\n", "ill"),
        (b"%%%", "text/plain", b"Content-Transfer-Encoding: base64\n", ""),
        (b"ill=", "text/plain", b"Content-Transfer-Encoding: quoted-printable\n", "ill"),
        (b"ill", "text/plain", b"Content-Transfer-Encoding: x-odd\n", "ill"),
        (b"ill\x00", "text/plain", b"", "ill"),
        (b"", "multipart/mixed", b"", ""),
        (b"", "multipart/mixed; boundary=b", b"", ""),
    ],
)
def test_odd_encodings_are_read_as_well_as_can_be(body, content_type, more, text):
    assert heard(raw(body, content_type, more)).text == text


@pytest.mark.fault("F2")
@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        (b"=?utf-8?B?xbzDs8WCxIc=?=", "żółć"),
        (b"=?x-unknown?Q?Amy?=", "Amy"),
        (b"=?utf-8?B?a?=", "=?utf-8?B?a?="),
        ("żółć".encode(), "żółć"),
        (b"=?utf-8?Q?Amy=0D=0ABcc:_x?=", "Amy Bcc: x"),
    ],
)
def test_a_subject_is_one_readable_line(subject, shown):
    message = b"From: sana@families.example\nSubject: " + subject + b"\n\nill"
    assert heard(message).extra["subject"] == shown


@pytest.mark.fault("F3")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "auto-generated; owner-email=x"),
        ("X-Autoreply", "yes"),
        ("X-Autorespond", "Away"),
        ("Precedence", "bulk"),
        ("Precedence", "auto_reply"),
        ("Precedence", "Junk"),
        ("Return-Path", "<>"),
        ("From", "MAILER-DAEMON@mx.example"),
        ("From", "MAILER-DAEMON"),
    ],
)
def test_a_machines_letter_is_filed_as_one(name, value):
    message = b"From: sana@families.example\n" if name != "From" else b""
    message += f"{name}: {value}\n\nI am away".encode()
    assert heard(message).automated


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Auto-Response-Suppress", "All"),
        ("Auto-Submitted", "no"),
        ("Precedence", "first-class"),
        ("Return-Path", "<s@f.example>"),
    ],
)
def test_a_persons_letter_is_not(name, value):
    assert not heard(letter(**{name: value})).automated


@pytest.mark.fault("F5")
def test_a_bounce_is_filed_as_a_machines():
    bounce = raw(
        b"--B1\n\nNot delivered\n--B1\nContent-Type: message/delivery-status\n\n"
        b"Final-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1\n\n--B1--\n",
        "multipart/report; report-type=delivery-status; boundary=B1",
    )
    assert heard(bounce).automated


@pytest.mark.fault("F4")
@pytest.mark.parametrize(
    "sign",
    [
        {"X_Firstday": "1"},
        {"From": f"Larkmead <{SCHOOL}>"},
        {"Message_ID": "<fd-0123456789abcdef01234567@larkmead.example>"},
    ],
)
def test_our_own_letter_that_comes_back_is_filed_as_a_machines(sign):
    assert heard(letter(**sign)).automated


@pytest.mark.parametrize("head", [b"", b"From: \n", b"From: nobody\n", b"From: a b c <>\n"])
def test_a_letter_from_nobody_is_refused(head):
    with pytest.raises(BadRequest, match="who wrote it"):
        heard(head + b"Subject: x\n\nill")


def nested(depth: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth)
    )
    return b"From: a@b.example\n" + opened + b"\nill"


BOMBS = {
    "200,000 parts": raw(b"--b\n\nx\n" * 200_000, "multipart/mixed; boundary=b"),
    "200,000 parts, split boundary": raw(
        b"--bb\n\nx\n" * 30_000, 'multipart/mixed; boundary*0="b"; boundary*1="b"'
    ),
    "1,000 deep": nested(1000),
    "1,000 messages deep": b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 1000,
    "30 MB": raw(b"x" * 30_000_000),
    "5 million lines": raw(b"\n" * 5_000_000, "multipart/mixed; boundary=b"),
    "carriage returns": raw(b"--b\r\rx\r" * 1_000, "multipart/mixed; boundary=b"),
}


@pytest.mark.fault("F1")
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_before_it_is_parsed(bomb):
    began = time.process_time()
    with pytest.raises(BadRequest, match="too"):
        heard(bomb)
    assert time.process_time() - began < 1


PAINS = {
    "nested comments": b"From: " + b"(" * 5_000 + b"a@b.example\n\nill",
    "open comments in To": b"From: a@b.example\nTo: " + b"(<" * 50_000 + b"\n\nill",
    "encoded words": b"From: a@b.example\nSubject: " + b"=?a?q?" * 50_000 + b"\n\nill",
    "open tags": raw(b"<style" * 100_000, "text/html"),
    "open comments": raw(b"<!--" * 100_000, "text/html"),
    "open brackets": raw(b"<" * 200_000, "text/html"),
    "entities": raw(b"&#1;" * 100_000, "text/html"),
    "parameters": raw(b"x", "text/plain; " + "a=" * 50_000),
    "deep and long": nested(14) + b"\nx" * 95_000,
    "quotes": raw(b"On 1 Jan x <a@b> wrote\n" * 9_000),
    "five megabytes of one line": raw(b"x" * 5_000_000),
}


@pytest.mark.fault("F1")
@pytest.mark.parametrize("pain", PAINS.values(), ids=PAINS)
def test_what_is_made_to_hurt_is_read_or_refused_in_short_time(pain):
    began = time.process_time()
    with contextlib.suppress(BadRequest):
        heard(pain)
    assert time.process_time() - began < 3


HEADS = st.sampled_from([
    b"From: a@b.example\n", b"From: =?utf-8?q?\xff?= <a@b>\n", b"Content-Type: multipart/mixed;",
    b" boundary=b\n", b"Content-Type: text/html; charset=", b"utf-16\n", b"\n", b"--b\n", b"--b--",
    b"Content-Transfer-Encoding: base64\n", b"Content-Type: message/rfc822\n", b"To: ;;,<\n",
    b"Content-Disposition: attachment; filename*=utf-8''%ff\n", b"Subject: =?x?b?a?=\n",
])  # fmt: skip


@pytest.mark.fault("F2")
@settings(deadline=None)
@given(st.lists(HEADS | st.binary(max_size=20), max_size=20).map(b"".join))
def test_no_bytes_make_reading_raise_anything_else(anything):
    with contextlib.suppress(BadRequest):
        heard(anything)
    with contextlib.suppress(BadRequest):
        heard(b"From: a@b.example\n" + anything)


def posted(body=b"From: sana@families.example\n\nill", at=NOW, secret="s3cret", signature=None):
    stamp = str(int(at.timestamp()))
    known = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "x-firstday-timestamp": stamp,
        "x-firstday-signature": f"sha256={known}" if signature is None else signature,
    }
    return Request("POST", "/hooks/email", "", headers, body)


HOOK = EmailHook("s3cret", account="relay", addresses=[SCHOOL])


def test_a_signed_letter_is_genuine_and_its_content_is_its_id():
    assert HOOK.verify(posted(), NOW)
    first, second = HOOK.read(posted()), HOOK.read(posted(at=NOW + timedelta(minutes=1)))
    assert first.provider_id == second.provider_id
    assert first.account == "relay"


@pytest.mark.fault("D1")
@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "é"])
def test_a_letter_without_the_right_signature_is_refused(signature):
    assert not HOOK.verify(posted(signature=signature), NOW)
    assert not HOOK.verify(posted(secret="other"), NOW)


@pytest.mark.fault("D3")
@pytest.mark.parametrize("late", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_a_genuine_letter_outside_five_minutes_is_refused(late):
    assert not HOOK.verify(posted(), NOW + late)
    assert HOOK.verify(posted(), NOW + late / 2)


def test_an_e_mail_hook_without_a_secret_is_refused():
    with pytest.raises(ValueError, match="secret"):
        EmailHook("", account="relay", addresses=[])


@given(st.dictionaries(
    st.sampled_from(["x-firstday-timestamp", "x-firstday-signature"]), st.text(max_size=20)
))  # fmt: skip
def test_no_headers_make_verifying_a_letter_raise(headers):
    assert HOOK.verify(Request("POST", "/", "", headers, b""), NOW) is False
