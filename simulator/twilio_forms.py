"""What Twilio's webhooks say: the statuses a text goes through, and the forms that tell of it."""

from simulator.faults import Fault
from simulator.twilio_texts import API_VERSION, Text

Form = list[tuple[str, str]]


def course(fault: Fault | None) -> list[tuple[str, int | None]]:
    """Return the statuses a text goes through after its first, each with its error code."""
    good: list[tuple[str, int | None]] = [("sent", None), ("delivered", None)]
    if fault is None:
        return good
    code = int(fault.number(30003))
    courses: dict[str, list[tuple[str, int | None]]] = {
        "undelivered": [("sent", None), ("undelivered", code)],
        "failed": [("failed", code)],
        "stuck_at_sent": good[:1],
        "disordered_callbacks": good[::-1],
        "delivered_then_undelivered": [*good, ("undelivered", code)],
    }
    return courses.get(fault.kind, good)


def status_form(text: Text, status: str, code: int | None) -> Form:
    """Write a status callback in the order British accounts get it."""
    form = [
        ("SmsSid", text.sid),
        ("SmsStatus", status),
        ("MessageStatus", status),
        ("To", text.to),
        ("MessageSid", text.sid),
        ("AccountSid", text.account),
        ("From", text.from_ or ""),
        ("ApiVersion", API_VERSION),
    ]
    if code is not None:
        form.append(("ErrorCode", str(code)))
    if status in {"delivered", "undelivered"}:
        form.append(("RawDlrDoneDate", f"{text.updated:%y%m%d%H%M}"))
    if text.service:
        form.append(("MessagingServiceSid", text.service))
    return form


def inbound_form(text: Text, media: tuple[str, ...]) -> Form:
    """Write the form of a parent's text in the order British accounts get it, empty fields too."""
    form = [
        ("ToCountry", "GB"),
        ("ToState", ""),
        ("SmsMessageSid", text.sid),
        ("NumMedia", str(len(media))),
        ("ToCity", ""),
        ("FromZip", ""),
        ("SmsSid", text.sid),
        ("FromState", ""),
        ("SmsStatus", "received"),
        ("FromCity", ""),
        ("Body", text.body),
        ("FromCountry", "GB"),
        ("To", text.to),
        ("ToZip", ""),
        ("NumSegments", str(text.segments)),
        ("MessageSid", text.sid),
        ("AccountSid", text.account),
        ("From", text.from_ or ""),
        ("ApiVersion", API_VERSION),
    ]
    for place, url in enumerate(media):
        form += [(f"MediaContentType{place}", "image/jpeg"), (f"MediaUrl{place}", url)]
    return form
