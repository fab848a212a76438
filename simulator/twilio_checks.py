"""What Twilio checks before it takes a text, and the errors it answers with."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from simulator.twilio import Account

E164 = re.compile(r"\+[1-9]\d{6,14}")
ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
LONGEST_BODY = 1600
LONGEST_VALIDITY = 36_000

MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal server error",
    20503: "Service unavailable",
    21408: "Permission to send a text has not been enabled for the region of the 'To' number",
    21602: "A text or media is required",
    21603: "A 'From' or a 'MessagingServiceSid' is required",
    21604: "A 'To' phone number is required",
    21609: "The 'StatusCallback' URL is not valid",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "The 'To' number is not a valid mobile number",
    21617: "The message body exceeds the 1600 character limit",
    21624: "The 'ValidityPeriod' must be a whole number from 1 to 36000",
}
# A bare status stands for the code Twilio usually sends with it; a bare 429 has none on purpose.
USUAL_CODES = {401: 20003, 404: 20404, 500: 20500, 503: 20503}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as the API writes it."""

    status: int
    code: int
    message: str

    @classmethod
    def of(cls, status: int, code: int, message: str = "") -> "Refusal":
        """Make the refusal with the usual words of its code."""
        return cls(status, code, message or MESSAGES.get(code, f"Request refused with {code}"))

    def as_json(self) -> dict[str, Any]:
        """Write the error envelope."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def refusal(form: Mapping[str, str], account: Account) -> Refusal | None:
    """Say why this text is not taken, or None where it is."""
    return (
        _recipient(form)
        or _sender(form, account)
        or _content(form)
        or _validity(form)
        or _callback(form)
    )


def _recipient(form: Mapping[str, str]) -> Refusal | None:
    to = form.get("To", "")
    if not to:
        return Refusal.of(400, 21604)
    if not E164.fullmatch(to):
        return Refusal.of(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    return None


def _sender(form: Mapping[str, str], account: Account) -> Refusal | None:
    from_, service = form.get("From", ""), form.get("MessagingServiceSid", "")
    if service:
        known = service == account.service_sid
        return None if known else Refusal.of(400, 21701, "The Messaging Service does not exist")
    if not from_:
        return Refusal.of(400, 21603)
    if from_ in account.numbers:
        return None
    if E164.fullmatch(from_):
        return Refusal.of(
            400, 21660, f"Mismatch between the 'From' number {from_} and the account {account.sid}"
        )
    if ALPHANUMERIC.fullmatch(from_) or from_.isdigit():
        return Refusal.of(400, 21606, f"The 'From' {from_} cannot send texts for your account")
    return Refusal.of(400, 21212, f"The 'From' {from_} is neither a number nor a sender's name")


def _content(form: Mapping[str, str]) -> Refusal | None:
    if not form.get("Body") and not form.get("MediaUrl") and not form.get("ContentSid"):
        return Refusal.of(400, 21602)
    if len(form.get("Body", "")) > LONGEST_BODY:
        return Refusal.of(400, 21617)
    return None


def _validity(form: Mapping[str, str]) -> Refusal | None:
    written = form.get("ValidityPeriod")
    if written is None:
        return None
    fits = written.isdigit() and 1 <= int(written) <= LONGEST_VALIDITY
    return None if fits else Refusal.of(400, 21624)


def _callback(form: Mapping[str, str]) -> Refusal | None:
    url = form.get("StatusCallback")
    if not url:
        return None
    parts = urlsplit(url)
    host = parts.hostname or ""
    good = parts.scheme in {"http", "https"} and host and "_" not in host
    return None if good and ("." in host or _is_address(host)) else Refusal.of(400, 21609)


def _is_address(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
