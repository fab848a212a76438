"""Texts and reports from Twilio: the published signatures, forgeries, rotation, reading."""

import base64
import contextlib
import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.request import BadRequest, Request
from bot.sms import TwilioHook
from school.people import Channel

ACCOUNT = "AC00112233445566778899aabbccddeeff"
TOKEN = "5f2b8c1d9e7a4b3c8d6e0f1a2b3c4d5e"
PUBLIC = "https://absence.example.sch.uk"
SID = "SM0f1e2d3c4b5a69788796a5b4c3d2e1f0"
TEXT = [
    ("ToCountry", "GB"), ("ToState", ""), ("SmsMessageSid", SID), ("NumMedia", "0"),
    ("ToCity", ""), ("FromZip", ""), ("SmsSid", SID), ("FromState", ""),
    ("SmsStatus", "received"), ("FromCity", ""), ("Body", "Amir ill today – back Thu & sorry"),
    ("FromCountry", "GB"), ("To", "+447700900001"), ("ToZip", ""), ("NumSegments", "1"),
    ("MessageSid", SID), ("AccountSid", ACCOUNT), ("From", "+447700900123"),
    ("ApiVersion", "2010-04-01"),
]  # fmt: skip
REPORT_SID = "SM0a0b0c0d0e0f10111213141516171819"
REPORT = [
    ("SmsSid", REPORT_SID), ("MessageSid", REPORT_SID), ("SmsStatus", "undelivered"),
    ("MessageStatus", "undelivered"), ("To", "+447700900123"), ("AccountSid", ACCOUNT),
    ("From", "+447700900001"), ("ApiVersion", "2010-04-01"), ("ErrorCode", "30005"),
    ("RawDlrDoneDate", "2611220915"),
]  # fmt: skip
FORM = "application/x-www-form-urlencoded; charset=UTF-8"


def hook(*tokens: str, public: str = PUBLIC) -> TwilioHook:
    return TwilioHook(tokens or (TOKEN,), ACCOUNT, public)


def post(path, query, fields, signature, **more_headers) -> Request:
    headers = {"content-type": FORM, "x-twilio-signature": signature}
    headers |= {name.replace("_", "-"): value for name, value in more_headers.items()}
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    return Request("POST", path, query, headers, body)


def text(signature="Tjf4Hat6nFvdparFW+oT7yclizQ=", **more) -> Request:
    return post("/hooks/twilio/sms", "acct=main", TEXT, signature, **more)


def signed(fields, path="/hooks/twilio/sms", query="", token=TOKEN, public=PUBLIC) -> Request:
    """Sign by the rule itself, not by the library that checks."""
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    whole = f"{public}{path}" + (f"?{query}" if query else "")
    whole += "".join(name + v for name in sorted(values) for v in sorted(values[name]))
    mac = hmac.new(token.encode(), whole.encode(), hashlib.sha1).digest()
    return post(path, query, fields, base64.b64encode(mac).decode())


def changed(**new) -> list[tuple[str, str]]:
    return [(name, new.get(name, value)) for name, value in TEXT]


def test_the_worked_example_of_an_inbound_text_is_genuine():
    assert hook().verify(text())


def test_the_worked_example_of_a_status_report_is_genuine():
    request = post("/hooks/twilio/status", "a=01J9ZK3V5Q", REPORT, "DmtN1gNArZrrWG9UL0StQAL73J4=")
    assert hook().verify(request)


def test_a_signature_by_the_newer_algorithm_is_genuine():
    settings = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256"
    request = text(
        "wbcGfJSffYYFdclwzrJ89FxD1jYXkZipGgWA6TpG0Ho=",
        x_twilio_webhooks_signature_settings=settings,
    )
    assert hook().verify(request)


@pytest.mark.parametrize("algorithm", ["MD5", "none", "HMAC_SHA256"])
def test_a_signature_by_another_algorithm_is_refused(algorithm):
    assert not hook().verify(text(x_twilio_webhooks_signature_settings=f"algorithm={algorithm}"))


def test_the_worked_example_of_a_json_body_is_genuine_and_a_changed_body_is_not():
    body = b'{"CallSid":"CA00112233445566778899aabbccddeeff","event":"completed"}'
    digest = "3c3bcb37451a18083c44e34e78153ba380b56bbfe9aef1f712824c829dd1bf0b"
    request = post(
        "/hooks/twilio/events", f"bodySHA256={digest}", body, "evB/DdLYC2DWPO0/4YIZIM0zkxw=",
        content_type="application/json",
    )  # fmt: skip
    assert hook().verify(request)
    other = Request("POST", request.path, request.query, request.headers, body + b" ")
    assert not hook().verify(other)


def test_a_json_body_of_any_letters_is_judged_by_its_hash():
    body = '{"Body":"żółć"}'.encode()
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    mac = hmac.new(TOKEN.encode(), f"{PUBLIC}/hooks?{query}".encode(), hashlib.sha1).digest()
    signature = base64.b64encode(mac).decode()
    assert hook().verify(post("/hooks", query, body, signature, content_type="application/json"))


def test_a_json_body_without_its_hash_in_the_query_is_refused():
    assert not hook().verify(
        post("/hooks/twilio/sms", "", json.dumps({}).encode(), "x", content_type="application/json")
    )


@pytest.mark.parametrize(
    ("public", "signature", "fields"),
    [
        (
            "https://mycompany.com",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            [("CallSid", "CA1234567890ABCDE"), ("Digits", "1234"), ("From", "+14158675309"),
             ("To", "+18005551212"), ("Caller", "+14158675309")],
        ),
        (
            "https://example.com",
            "L/OH5YylLD5NRKLltdqwSvS0BnU=",
            [("CallSid", "CA1234567890ABCDE"), ("Digits", "1234"), ("From", "+14158675310"),
             ("To", "+18005551212"), ("Caller", "+14158675310")],
        ),
    ],
)  # fmt: skip
def test_the_vectors_that_twilio_publishes_are_genuine(public, signature, fields):
    request = post("/myapp.php", "foo=1&bar=2", fields, signature)
    assert TwilioHook(["12345"], ACCOUNT, public).is_signed(request)


@pytest.mark.fault("D1")
@pytest.mark.parametrize("signature", ["", "x", "Tjf4Hat6nFvdparFW+oT7yclizq=", "é" * 28])
def test_a_forged_or_missing_signature_is_refused(signature):
    assert not hook().verify(text(signature))


@pytest.mark.fault("D2")
@pytest.mark.parametrize(
    ("path", "query"), [("/hooks/twilio/status", "acct=main"), ("/hooks/twilio/sms", "acct=other")]
)
def test_a_signature_for_another_address_is_refused(path, query):
    assert not hook().verify(post(path, query, TEXT, "Tjf4Hat6nFvdparFW+oT7yclizQ="))


@pytest.mark.fault("D2")
def test_a_genuine_signature_for_another_account_is_refused():
    assert not hook().verify(signed(changed(AccountSid="AC" + "0" * 32)))


@pytest.mark.fault("D5")
@pytest.mark.parametrize(
    ("public", "path"),
    [
        ("https://school.example/firstday", "/hooks/twilio/sms"),
        ("https://school.example/firstday/", "/hooks/twilio/sms"),
        ("https://school.example:8443", "/hooks/twilio/sms"),
        ("https://school.example", "/hooks/twilio/sms"),
    ],
)
def test_the_public_address_is_what_was_signed_whatever_a_proxy_does(public, path):
    request = signed(TEXT, path, public=public.rstrip("/"))
    assert hook(public=public).verify(request)


@pytest.mark.fault("D5")
def test_a_prefix_that_the_proxy_leaves_on_is_not_added_again():
    whole = signed(TEXT, "/firstday/hooks/twilio/sms", public="https://school.example")
    assert hook(public="https://school.example/firstday").verify(whole)


@pytest.mark.fault("D7")
def test_forwarding_headers_move_no_address():
    request = signed(TEXT, public="https://evil.example")
    headers = {**request.headers, "x-forwarded-host": "evil.example", "host": "evil.example"}
    forged = Request("POST", request.path, request.query, headers, request.body)
    assert not hook().verify(forged)


@pytest.mark.fault("D6")
@given(
    st.lists(st.tuples(st.sampled_from("ab c+%&é"), st.text(max_size=8)), max_size=6),
    st.sampled_from(["", "a=1&b=2", "b=2&a=1", "x=%20y", "x=+y", "x=", "x=1&x=2"]),
)
def test_whatever_the_fields_and_the_query_the_reference_signature_verifies(fields, query):
    fields = [(name, value.encode("utf-8", "ignore").decode()) for name, value in fields]
    assert hook().verify(signed([*fields, ("AccountSid", ACCOUNT)], query=query))


@pytest.mark.fault("D21")
def test_while_the_token_is_replaced_both_are_taken():
    assert hook("new-token", TOKEN).verify(text())
    assert not hook("new-token").verify(text())


@pytest.mark.parametrize("tokens", [(), ("",), (TOKEN, "")])
def test_without_a_token_there_is_no_hook(tokens):
    with pytest.raises(ValueError, match="token"):
        TwilioHook(tokens, ACCOUNT, PUBLIC)


@pytest.mark.fault("D11")
def test_a_form_of_ten_thousand_fields_is_refused():
    assert not hook().verify(signed([("AccountSid", ACCOUNT), *[("a", "b")] * 10_000]))


def test_a_text_is_read():
    message = hook().read(text())
    assert (message.channel, message.account, message.provider_id) == (Channel.SMS, ACCOUNT, SID)
    assert (message.sender, message.addressed_to) == ("+447700900123", "+447700900001")
    assert message.text == "Amir ill today – back Thu & sorry"
    assert not message.automated


def test_pictures_and_opt_outs_are_named():
    media = [("MediaContentType0", "image/jpeg"), ("MediaContentType1", "text/vcard")]
    message = hook().read(post("/", "", [*TEXT, *media, ("OptOutType", "STOP")], ""))
    assert message.attachments == ("photo", "document")
    assert message.extra == {"opt_out": "STOP"}


@pytest.mark.fault("D12")
def test_nul_is_taken_out_and_odd_letters_stay():
    fields = changed(Body="Amy\x00 \u202epoorly z\u0351\u0352 \U0001f912")
    assert (
        hook().read(post("/", "", fields, "")).text == "Amy \u202epoorly z\u0351\u0352 \U0001f912"
    )


def test_a_service_that_texts_by_name_is_filed_as_a_machine():
    assert hook().read(post("/", "", changed(From="60300"), "")).automated


@pytest.mark.parametrize(
    "broken", [{"MessageSid": "SM1"}, {"From": "whatsapp:+447700900123"}, {"From": ""}]
)
def test_what_is_no_text_is_refused_without_repeating_it(broken):
    with pytest.raises(BadRequest) as refused:
        hook().read(post("/", "", changed(**broken), ""))
    assert "7700" not in str(refused.value)


def test_a_report_is_read_with_our_attempt():
    receipt = hook().read_receipt(post("/hooks/twilio/status", "a=42", REPORT, ""))
    assert (receipt.provider_id, receipt.status) == (REPORT_SID, "undelivered")
    assert (receipt.code, receipt.attempt_id) == ("30005", 42)


@pytest.mark.parametrize("query", ["", "a=", "a=x", "a=-1", "b=1", "a=" + "9" * 40])
def test_a_report_without_a_usable_attempt_is_still_a_report(query):
    assert hook().read_receipt(post("/", query, REPORT, "")).attempt_id is None


@pytest.mark.fault("D1")
@given(
    st.binary(max_size=300),
    st.text(max_size=40),
    st.dictionaries(
        st.sampled_from(
            ["content-type", "x-twilio-signature", "x-twilio-webhooks-signature-settings"]
        ),
        st.text(max_size=40) | st.just("application/json"),
    ),
)
def test_no_request_makes_verifying_raise(body, query, headers):
    assert hook().verify(Request("POST", "/hooks/twilio/sms", query, headers, body)) is False


@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_request_makes_reading_raise_anything_else(body, query):
    request = Request("POST", "/", query, {"content-type": FORM}, body)
    for read in (hook().read, hook().read_receipt):
        with contextlib.suppress(BadRequest):
            read(request)
