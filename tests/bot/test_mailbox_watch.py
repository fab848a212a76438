"""The school's mailbox by IMAP: each e-mail once, marked only after it is kept."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta

import pytest

from bot.email import read
from bot.mailbox import Mailbox
from bot.request import BadRequest
from simulator.street import DEMO_MAIL, Street

PARENT = "sana@families.example"


@pytest.fixture
async def street():
    async with Street() as street:
        yield street


def mailbox(street, **changed) -> Mailbox:
    options = {"username": DEMO_MAIL.user, "password": DEMO_MAIL.password, "tls": False} | changed
    return Mailbox("127.0.0.1", street.imap_port, timeout=2, **options)


def write(street, *texts) -> None:
    for text in texts:
        street.mail.mail_in(PARENT, DEMO_MAIL.address, "", text)


def words(mails) -> list[str]:
    return [
        read(raw, account="m", provider_id="1", addresses=[DEMO_MAIL.address]).text
        for _, _, raw in mails
    ]


def seen(street) -> list[bool]:
    return [r"\Seen" in message.flags for message in street.mail.mailbox.messages]


class Keeper:
    """Keeps what it is handed, as the inbox would, and can be made to fail."""

    def __init__(self, failures=0, error=OSError) -> None:
        self.kept: list[tuple[int, int]] = []
        self.tries = 0
        self.failures = failures
        self.error = error
        self.at_handling: list[list[bool]] = []
        self.street = None

    async def handle(self, uidvalidity, uid, raw):
        self.tries += 1
        if self.street is not None:
            self.at_handling.append(seen(self.street))
        if self.tries <= self.failures:
            raise self.error("not kept")
        self.kept.append((uidvalidity, uid))

    async def last(self):
        return max(self.kept, default=(0, 0))


async def watched(box, keeper, until, every=0.01) -> None:
    stop = asyncio.Event()
    watching = asyncio.create_task(box.watch(keeper.handle, keeper.last, every, stop))
    for _ in range(1000):
        if until():
            break
        await asyncio.sleep(0.01)
    assert until()
    stop.set()
    async with asyncio.timeout(5):
        await watching


async def test_new_mail_comes_oldest_first_and_stays_unread(street):
    write(street, "Amy is poorly", "Ben too")
    mails = await mailbox(street).new_since(0, 0)
    assert words(mails) == ["Amy is poorly", "Ben too"]
    assert seen(street) == [False, False]


@pytest.mark.fault("F10")
async def test_only_what_is_behind_the_last_number_is_new(street):
    write(street, "one", "two")
    box = mailbox(street)
    (validity, first, _), (_, second, _) = await box.new_since(0, 0)
    assert words(await box.new_since(validity, first)) == ["two"]
    assert await box.new_since(validity, second) == []


@pytest.mark.fault("F10")
async def test_a_folder_made_anew_is_read_from_its_beginning(street):
    write(street, "one")
    box = mailbox(street)
    ((validity, uid, _),) = await box.new_since(0, 0)
    assert words(await box.new_since(validity + 1, uid + 100)) == ["one"]


def came_in(street, *times) -> None:
    for message, at in zip(street.mail.mailbox.messages, times, strict=True):
        message.at = at


MIDNIGHT = datetime(2027, 1, 12, tzinfo=UTC)


async def test_the_first_start_leaves_what_was_there_before_unanswered(street):
    write(street, "last term", "yesterday", "at midnight", "today")
    came_in(
        street,
        MIDNIGHT - timedelta(days=90),
        MIDNIGHT - timedelta(seconds=1),
        MIDNIGHT,
        MIDNIGHT + timedelta(hours=8),
    )
    box = mailbox(street, since=MIDNIGHT)
    mails = await box.new_since(0, 0)
    assert words(mails) == ["at midnight", "today"]
    keeper = Keeper()
    await watched(box, keeper, lambda: len(keeper.kept) == 2)
    assert seen(street) == [False, False, True, True]


async def test_a_first_start_with_nothing_new_waits_for_the_first_new_one(street):
    box = mailbox(street, since=MIDNIGHT)
    assert await box.new_since(0, 0) == []
    write(street, "last term")
    came_in(street, MIDNIGHT - timedelta(hours=20))
    assert await box.new_since(0, 0) == []


async def test_the_time_of_coming_in_counts_in_the_zone_of_the_server():
    async def serve(reader, writer):
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            writer.write(_answer(command) + f"{tag} OK done\r\n".encode())
        writer.close()

    def _answer(command):
        if "EXAMINE" in command:
            return b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"
        if "SEARCH SINCE 11-Jan-2027" in command:
            return b"* SEARCH 3 4\r\n"
        if "INTERNALDATE" in command:
            return (
                b'* 1 FETCH (UID 3 INTERNALDATE "12-Jan-2027 00:30:00 +0100")\r\n'
                b'* 2 FETCH (UID 4 INTERNALDATE "11-Jan-2027 23:00:00 -0800")\r\n'
            )
        if "PEEK" in command:
            return b"* 1 FETCH (UID 4 BODY[] {3}\r\nill)\r\n"
        return b"* CAPABILITY IMAP4rev1\r\n" if command == "CAPABILITY" else b""

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        box = Mailbox("127.0.0.1", port, "u", "p", tls=False, since=MIDNIGHT)
        mails = await box.new_since(0, 0)
    assert [uid for _, uid, _ in mails] == [4]


async def test_without_a_date_the_first_start_takes_only_what_is_unread(street):
    write(street, "read", "unread")
    await mailbox(street).mark_seen([1])
    assert words(await mailbox(street).new_since(0, 0)) == ["unread"]


async def test_a_folder_made_anew_is_not_answered_back_to_its_first_year(street):
    write(street, "last term", "yesterday")
    came_in(street, MIDNIGHT - timedelta(days=90), MIDNIGHT - timedelta(days=1))
    box = mailbox(street, since=MIDNIGHT)
    assert words(await box.new_since(3, 100)) == ["yesterday"]


async def test_a_large_folder_comes_in_portions(street):
    write(street, *(str(n) for n in range(25)))
    keeper = Keeper()
    await watched(mailbox(street), keeper, lambda: len(keeper.kept) == 25, every=60)
    assert keeper.tries == 25


async def test_an_e_mail_above_the_limit_is_fetched_only_so_far_and_then_refused():
    asked = []

    async def serve(reader, writer):
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            asked.append(command)
            writer.write(_answer(command) + f"{tag} OK done\r\n".encode())
        writer.close()

    def _answer(command):
        if "SELECT" in command or "EXAMINE" in command:
            return b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"
        if "SEARCH" in command:
            return b"* SEARCH 3\r\n"
        if "SIZE" in command:
            return b"* 1 FETCH (UID 3 RFC822.SIZE 900000000)\r\n"
        if "PEEK" in command:
            size = int(command.partition("<0.")[2].partition(">")[0])
            return b"* 1 FETCH (UID 3 BODY[]<0> {%d}\r\n%s)\r\n" % (size, b"x" * size)
        return b"* CAPABILITY IMAP4rev1\r\n" if command == "CAPABILITY" else b""

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        box = Mailbox("127.0.0.1", server.sockets[0].getsockname()[1], "u", "p", tls=False)
        ((validity, uid, raw),) = await box.new_since(0, 0)
    assert (validity, uid) == (7, 3)
    with pytest.raises(BadRequest, match="too large"):
        read(raw, account="m", provider_id="1", addresses=[])


@pytest.mark.fault("F10")
async def test_an_e_mail_is_marked_only_after_it_was_kept(street):
    write(street, "Amy is poorly")
    keeper = Keeper(failures=1)
    keeper.street = street
    await watched(mailbox(street), keeper, lambda: seen(street) == [True])
    assert keeper.at_handling == [[False], [False]]
    assert len(keeper.kept) == 1


@pytest.mark.fault("F10")
async def test_a_failure_holds_back_what_is_behind_it(street):
    write(street, "one", "two")
    keeper = Keeper(failures=2)
    await watched(mailbox(street), keeper, lambda: len(keeper.kept) == 2)
    assert keeper.kept == sorted(keeper.kept)


async def test_one_that_cannot_be_read_holds_up_no_other_and_stays_unread(street):
    write(street, "one", "two")
    keeper = Keeper(failures=1, error=BadRequest)
    await watched(mailbox(street), keeper, lambda: seen(street) == [False, True])
    assert keeper.tries == 2


@pytest.mark.fault("F11")
async def test_a_refused_sign_in_is_tried_again_and_nothing_is_lost(street, caplog):
    write(street, "one")
    box = mailbox(street, password="wrong")
    stop = asyncio.Event()
    keeper = Keeper()
    watching = asyncio.create_task(box.watch(keeper.handle, keeper.last, 0.01, stop))
    await asyncio.sleep(0.3)
    stop.set()
    await watching
    assert keeper.tries == 0
    assert "again in" in caplog.text
    assert DEMO_MAIL.user not in caplog.text
    assert len(await mailbox(street).new_since(0, 0)) == 1


@pytest.mark.fault("F11")
async def test_an_unreachable_server_ends_no_watch():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box = Mailbox("127.0.0.1", free.getsockname()[1], "u", "p", tls=False, timeout=1)
        stop = asyncio.Event()
        keeper = Keeper()
        watching = asyncio.create_task(box.watch(keeper.handle, keeper.last, 0.01, stop))
        await asyncio.sleep(0.1)
        assert not watching.done()
        stop.set()
        await watching


@pytest.mark.fault("F11")
async def test_a_server_that_says_nothing_is_given_up_after_our_own_time():
    async def hold(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        box = Mailbox("127.0.0.1", port, "u", "p", tls=False, timeout=0.2)
        with pytest.raises(OSError, match="timed out"):
            await box.new_since(0, 0)


async def test_a_folder_that_is_not_there_is_a_failure(street):
    import imaplib

    with pytest.raises(imaplib.IMAP4.error, match="folder"):
        await mailbox(street, folder='No "such" folder').new_since(0, 0)


async def test_marking_nothing_asks_nobody():
    await Mailbox("127.0.0.1", 1, "u", "p", tls=False).mark_seen([])


def test_a_password_never_travels_in_the_open():
    with pytest.raises(ValueError, match="TLS"):
        Mailbox("imap.example", 143, "u", "p", tls=False)
