"""The settings of one installation, read from names and values that app.py hands over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import parse_qs, unquote, urlsplit


class SettingsError(ValueError):
    """A setting cannot be used; the message names it and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default; the environment name is ``FIRSTDAY_`` and the field's name.

    Attributes:
        database: ``sqlite:///firstday.sqlite3`` or ``postgresql://…``.
        public_url: how the outside reaches this service; signatures and links are built from it.
        host: the interface that the web process listens on.
        port: its port; 0 picks a free one.
        twilio_account: account SID; texts are on when it and the token are set.
        twilio_token: auth token; several, separated by commas, while a token is being changed.
        twilio_url: another address of Twilio's API, for a look-alike.
        telegram_token: the bot's token; Telegram is on when it is set.
        telegram_bot: the bot's user name, for deep links.
        telegram_url: another address of the Bot API, for a look-alike.
        telegram_secret: what Telegram's webhook must carry; with it the webhook is used, without
            it polling.
        smtp: ``smtp://user:password@host:587``; ``?starttls=off`` on loopback only.
        imap: ``imaps://user:password@host:993/INBOX``; ``imap://`` on loopback only.
        imap_seconds: how often the mailbox is looked at.
        mail_secret: signs mail that a provider posts to us.
        tick_seconds: how often the clock looks whether a run is due.
        frame_ancestors: who may show our pages in a frame (a CSP source list).
    """

    database: str = "sqlite:///firstday.sqlite3"
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    twilio_account: str = ""
    twilio_token: str = ""
    twilio_url: str = ""
    telegram_token: str = ""
    telegram_bot: str = ""
    telegram_url: str = ""
    telegram_secret: str = ""
    smtp: str = ""
    imap: str = ""
    imap_seconds: float = 30.0
    mail_secret: str = ""
    tick_seconds: float = 60.0
    frame_ancestors: str = "'none'"

    @property
    def is_https(self) -> bool:
        """Whether parents and staff reach us over https, so that cookies may be secure."""
        return self.public_url.startswith("https://")


PREFIX = "FIRSTDAY_"


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: a value of the wrong kind, or a name that is no setting.
    """
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    given = {k: v for k, v in environment.items() if k.startswith(PREFIX)}
    values: dict[str, str | int | float] = {}
    for name, text in given.items():
        if name not in known:
            raise SettingsError(f"{name} is not a setting; see docs/settings.md")
        kind = {"int": int, "float": float, "str": str}[str(known[name].type)]
        try:
            values[known[name].name] = kind(text)
        except ValueError:
            raise SettingsError(f"{name} must be a number, not '{text}'") from None
    return Settings(**values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over or fetched, taken apart from its address."""

    host: str
    port: int
    username: str
    password: str
    folder: str
    secure: bool


_PORTS = {"smtp": 587, "imap": 143, "imaps": 993}


def mail_server(name: str, address: str) -> MailServer:
    """Take an ``smtp://``, ``imap://`` or ``imaps://`` address apart.

    Raises:
        SettingsError: the address is not of that form.
    """
    parts = urlsplit(address)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise SettingsError(f"{PREFIX}{name} must look like smtp://user:password@host:587")
    options = parse_qs(parts.query)
    is_off = options.get("starttls", ["required"]) == ["off"]
    return MailServer(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        secure=parts.scheme == "imaps" or (parts.scheme == "smtp" and not is_off),
    )
