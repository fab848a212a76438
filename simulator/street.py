"""The whole street: every look-alike on loopback, started together and closed together."""

from collections.abc import Mapping, Sequence
from typing import Self

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from simulator.errands import Errands
from simulator.faults import Faults
from simulator.handsets import Family, Handset
from simulator.mail import Mail, MailAccount
from simulator.phones import Clock, Phones, real_time
from simulator.phones_page import DemoClock, PhonesPage
from simulator.postman import Postman
from simulator.telegram import Telegram
from simulator.telegram_api import bot_app
from simulator.telegram_people import BotAccount
from simulator.twilio import Account, Twilio
from simulator.twilio_rest import rest_app
from simulator.web_server import HOST, WebServer

DEMO_ACCOUNT = Account(
    "AC00112233445566778899aabbccddeeff",
    "5f2b8c1d9e7a4b3c8d6e0f1a2b3c4d5e",
    ("+447700900001",),
)
DEMO_MAIL = MailAccount("absence@larkmead.example", "absence@larkmead.example", "quiet-otter-42")
DEMO_BOT = BotAccount("7000000001:look-alike-token-of-the-demo-bot-00", "larkmead_absence_bot")


class Street:
    """`async with Street(...) as street:` runs the look-alikes and tells where they are."""

    def __init__(
        self,
        *,
        account: Account = DEMO_ACCOUNT,
        bot: BotAccount = DEMO_BOT,
        mail_account: MailAccount = DEMO_MAIL,
        starttls: bool = False,
        speed: float = 1.0,
        port: int = 0,
        smtp_port: int = 0,
        imap_port: int = 0,
        clock: Clock = real_time,
        tunnels: Mapping[str, str] | None = None,
        handsets: Sequence[Handset] = (),
        office_url: str | None = None,
        demo_clock: DemoClock | None = None,
    ) -> None:
        self.phones = Phones(clock)
        self.faults = Faults()
        self.errands = Errands()
        self.postman = Postman(tunnels)
        self.twilio = Twilio(account, self.phones, self.postman, self.errands, clock)
        self.telegram = Telegram(bot, self.phones, self.postman, self.errands, clock, speed)
        self.mail = Mail(mail_account, self.phones, self.faults, clock)
        family = Family(self.phones, self.twilio, self.telegram, self.mail, self.errands)
        self.page = PhonesPage(
            handsets,
            family,
            self.phones,
            self.faults.closing,
            office_url=office_url,
            clock=demo_clock,
        )
        self._mail_ports = (smtp_port, imap_port)
        self._starttls = starttls
        self._web = WebServer(port)

    async def __aenter__(self) -> Self:
        try:
            await self._web.open(self._app())
            await self.mail.open(*self._mail_ports, starttls=self._starttls)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End everything that is under way and listen no more."""
        self.faults.closing.set()
        await self.errands.close()
        await self.mail.close()
        await self._web.close()
        await self.postman.close()

    @property
    def url(self) -> str:
        """Where the demo page is."""
        return f"http://{HOST}:{self._web.port}"

    @property
    def twilio_url(self) -> str:
        """What `client.api.base_url` is set to."""
        return f"{self.url}/twilio"

    @property
    def telegram_url(self) -> str:
        """What `TelegramAPIServer.from_base` is given."""
        return f"{self.url}/telegram"

    @property
    def phones_url(self) -> str:
        """Where the families' phones are shown."""
        return f"{self.url}/phones/"

    @property
    def smtp_port(self) -> int:
        """Where the relay takes letters."""
        return self.mail.smtp_port

    @property
    def imap_port(self) -> int:
        """Where the school's mailbox is read."""
        return self.mail.imap_port

    @property
    def faults_url(self) -> str:
        """Where scripted faults are set over HTTP."""
        return f"{self.url}/_control/faults"

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Mount("/twilio", rest_app(self.twilio, self.faults)),
                Mount("/telegram", bot_app(self.telegram, self.faults)),
                Route("/_control/faults", self.faults.control, methods=["GET", "POST", "DELETE"]),
                *self.page.routes(),
            ]
        )
