"""The settings of one installation, read from names and values that app.py hands over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit


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

_LAST_PORT = 65_535
_DAY_SECONDS = 86_400
_CSP_SOURCES = re.compile(r"[!-+\--:<-~]+(?: [!-+\--:<-~]+)*")  # printable, no comma, no semicolon
_TELEGRAM_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+", re.ASCII)
_TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: a name that is no setting, or a value that some part could not use; the
            value itself is told only where it cannot be a secret.
    """
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    given = {k: v for k, v in environment.items() if k.startswith(PREFIX)}
    values: dict[str, str | int | float] = {}
    for name, text in given.items():
        if name not in known:
            raise SettingsError(f"{name} is not a setting; see docs/settings.md")
        if not text.isprintable():
            raise SettingsError(f"{name} holds a character that cannot be printed; type it anew")
        kind = {"int": int, "float": float, "str": str}[str(known[name].type)]
        try:
            values[known[name].name] = kind(text)
        except ValueError:
            raise SettingsError(f"{name} must be a number, not '{text}'") from None
    settings = Settings(**values)  # type: ignore[arg-type]
    for name, problem in _wrong(settings):
        raise SettingsError(f"{PREFIX}{name} {problem}")
    return settings


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over or fetched, taken apart from its address."""

    host: str
    port: int
    username: str
    password: str
    folder: str
    secure: bool


_DATABASES = ("sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+psycopg", "postgres")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MAIL_FORMS = {
    "SMTP": (("smtp",), "smtp://user:password@host:587"),
    "IMAP": (("imaps", "imap"), "imaps://user:password@host:993/INBOX"),
}
_PORTS = {"smtp": 587, "imap": 143, "imaps": 993}


def mail_server(name: str, address: str) -> MailServer:
    """Take the address of ``SMTP`` or ``IMAP`` apart.

    Raises:
        SettingsError: the address is not of that form, or a password would travel in the open.
    """
    schemes, form = _MAIL_FORMS[name]
    parts = _split(address)
    options = parse_qs(parts.query, keep_blank_values=True) if parts else {}
    wanted = options.pop("starttls", ["required"])
    if (
        parts is None
        or parts.scheme not in schemes
        or parts.fragment
        or options
        or wanted not in (["required"], ["off"])
        or bool(parts.username) != bool(parts.password)
        or (name == "IMAP" and not parts.username)
    ):
        raise SettingsError(
            f"{PREFIX}{name} must look like {form}; in the name and password write "
            "@ as %40, : as %3A, / as %2F, ? as %3F and # as %23"
        )
    host = parts.hostname or ""
    secure = parts.scheme == "imaps" or (parts.scheme == "smtp" and wanted == ["required"])
    if not secure and host not in _LOOPBACK:
        raise SettingsError(f"{PREFIX}{name} must be encrypted except on 127.0.0.1: {form}")
    return MailServer(
        host=host,
        port=parts.port or _PORTS[parts.scheme],
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        secure=secure,
    )


def _wrong(settings: Settings) -> Iterator[tuple[str, str]]:
    """Find what the parts of a process would fail on later, and how to mend it."""
    yield from _wrong_places(settings)
    yield from _wrong_accounts(settings)
    for name, address in (("SMTP", settings.smtp), ("IMAP", settings.imap)):
        if address:
            mail_server(name, address)
    for name, seconds in (
        ("IMAP_SECONDS", settings.imap_seconds),
        ("TICK_SECONDS", settings.tick_seconds),
    ):
        if not 0 < seconds <= _DAY_SECONDS:
            yield name, f"must be more than 0 and at most {_DAY_SECONDS}"
    if not _CSP_SOURCES.fullmatch(settings.frame_ancestors):
        yield "FRAME_ANCESTORS", "must be 'none', 'self' or addresses, with spaces between them"


def _wrong_places(settings: Settings) -> Iterator[tuple[str, str]]:
    if not _is_database(settings.database):
        yield (
            "DATABASE",
            "must look like sqlite:///firstday.sqlite3 or postgresql://user:password@host/name",
        )
    for name, url in (
        ("PUBLIC_URL", settings.public_url),
        ("TWILIO_URL", settings.twilio_url),
        ("TELEGRAM_URL", settings.telegram_url),
    ):
        if (url or name == "PUBLIC_URL") and not _is_web_address(url):
            yield name, "must look like https://firstday.school.example"
    if not settings.host or " " in settings.host:
        yield "HOST", "must be an address of this computer, such as 127.0.0.1"
    if not 0 <= settings.port <= _LAST_PORT:
        yield "PORT", f"must be from 0 to {_LAST_PORT}, not '{settings.port}'"


def _wrong_accounts(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.twilio_account and not settings.twilio_token:
        yield "TWILIO_TOKEN", "is missing: FIRSTDAY_TWILIO_ACCOUNT needs it"
    if settings.twilio_token and not settings.twilio_account:
        yield "TWILIO_ACCOUNT", "is missing: FIRSTDAY_TWILIO_TOKEN needs it"
    if settings.twilio_token and not all(t.strip() for t in settings.twilio_token.split(",")):
        yield "TWILIO_TOKEN", "has a comma too many: it is one token, or two with a comma between"
    if settings.telegram_token and not _TELEGRAM_TOKEN.fullmatch(settings.telegram_token):
        yield "TELEGRAM_TOKEN", "must look like 123456:letters, as @BotFather gave it"
    if settings.telegram_secret and not settings.telegram_token:
        yield "TELEGRAM_TOKEN", "is missing: FIRSTDAY_TELEGRAM_SECRET needs it"
    if settings.telegram_secret and not _TELEGRAM_SECRET.fullmatch(settings.telegram_secret):
        yield "TELEGRAM_SECRET", "must be 1 to 256 letters without accents, digits, _ or -"


def _is_database(address: str) -> bool:
    scheme, _, place = address.partition("://")
    if scheme not in _DATABASES:
        return False
    if scheme.startswith("sqlite"):
        # Without a name it would live in memory, and each process would have one of its own.
        return place.startswith("/") and place.partition("?")[0] not in {"/", "/:memory:"}
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def _is_web_address(address: str) -> bool:
    parts = _split(address)
    return (
        parts is not None
        and parts.scheme in {"http", "https"}
        and address.isascii()
        and not re.search(r"[\s?#]", address)
    )


def _split(address: str) -> SplitResult | None:
    """Take an address with a host apart; None where it is none, or its port is no port."""
    try:
        parts = urlsplit(address)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_whole else None
