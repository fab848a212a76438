"""The Telegram look-alike, spoken to by aiogram; its updates are read back by aiogram's types."""

import asyncio

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    Update,
)
from aiohttp import web

from simulator.street import DEMO_BOT, Street

CHAT = 501002003


def keyboard(*data):
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=d.title(), callback_data=d)] for d in data]
    )


def bot_at(street, token=DEMO_BOT.token, seconds=10):
    session = AiohttpSession(api=TelegramAPIServer.from_base(street.telegram_url), timeout=seconds)
    return Bot(token, session=session)


@pytest.fixture
async def street():
    async with Street(speed=100) as street:
        yield street


@pytest.fixture
async def bot(street):
    bot = bot_at(street)
    yield bot
    await bot.session.close()


@pytest.fixture
async def product():
    """A webhook in the product's place, which answers with the statuses it was given first."""

    class Product:
        def __init__(self):
            self.updates, self.secrets, self.statuses, self.headers = [], [], [], {}

        async def hook(self, request):
            status = self.statuses.pop(0) if self.statuses else 200
            self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
            self.updates.append((status, Update.model_validate(await request.json())))
            return web.Response(status=status, headers=self.headers)

        def taken(self):
            return [update for status, update in self.updates if status == 200]

    product = Product()
    app = web.Application()
    app.router.add_post("/hook", product.hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    product.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield product
    await runner.cleanup()


async def test_bot_sends_edits_and_answers(street, bot):
    assert (await bot.get_me()).username == DEMO_BOT.username
    street.telegram.start(CHAT, "9f3Kq_x7")
    sent = await bot.send_message(
        CHAT, "Is <b>Amir</b> ill & at home?", reply_markup=keyboard("ill", "late"), parse_mode=None
    )
    assert sent.text == "Is <b>Amir</b> ill & at home?"
    assert sent.reply_markup.inline_keyboard[0][0].callback_data == "ill"
    (shown,) = street.phones.received("telegram", str(CHAT))
    assert [row[0].label for row in shown.buttons] == ["Ill", "Late"]

    changed = await bot.edit_message_text("Thank you.", chat_id=CHAT, message_id=sent.message_id)
    assert changed.text == "Thank you."
    assert changed.edit_date
    (shown,) = street.phones.received("telegram", str(CHAT))
    assert (shown.text, shown.buttons) == ("Thank you.", ())
    assert await bot.set_my_commands([BotCommand(command="help", description="Help")])


async def test_html_is_shown_without_tags(street, bot):
    street.telegram.start(CHAT)
    sent = await bot.send_message(CHAT, "Is <b>Amir</b> ill &amp; at home?", parse_mode="HTML")
    assert sent.text == "Is Amir ill & at home?"


@pytest.mark.parametrize(
    ("text", "more", "why"),
    [
        ("   ", {}, "message text is empty"),
        ("x" * 4097, {}, "message is too long"),
        ("😀" * 2049, {}, "message is too long"),
        ("é" * 20000, {}, "text is too long"),
        ("<b>open", {"parse_mode": "HTML"}, "can't parse entities"),
        ("<wrong>x</wrong>", {"parse_mode": "HTML"}, "can't parse entities"),
        ("hello", {"reply_markup": keyboard("ś" * 33)}, "BUTTON_DATA_INVALID"),
    ],
)
async def test_wrong_messages_are_refused(street, bot, text, more, why):
    street.telegram.start(CHAT)
    with pytest.raises(TelegramBadRequest, match=why):
        await bot.send_message(CHAT, text, **more)


async def test_editing_needs_a_message_and_a_change(street, bot):
    street.telegram.start(CHAT)
    sent = await bot.send_message(CHAT, "hello")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("hello", chat_id=CHAT, message_id=sent.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("hello", chat_id=CHAT, message_id=1)


async def test_nobody_can_be_written_to_before_they_start_or_after_they_block(street, bot):
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(CHAT, "hello")
    street.telegram.person(CHAT)
    with pytest.raises(TelegramForbiddenError, match="can't initiate"):
        await bot.send_message(CHAT, "hello")
    street.telegram.start(CHAT)
    await bot.send_message(CHAT, "hello")
    street.telegram.block(CHAT)
    with pytest.raises(TelegramForbiddenError, match="blocked by the user"):
        await bot.send_message(CHAT, "hello")
    street.telegram.start(CHAT)
    await bot.send_message(CHAT, "hello again")


async def test_wrong_token_is_unauthorized(street):
    bot = bot_at(street, "7000000001:another-token")
    with pytest.raises(TelegramUnauthorizedError):
        await bot.get_me()
    await bot.session.close()


async def test_polling_keeps_updates_until_the_offset_confirms_them(street, bot):
    telegram = street.telegram
    telegram.person(CHAT, "Sana", "ur")
    first = telegram.start(CHAT, "9f3Kq_x7")
    telegram.say(CHAT, "وہ بیمار ہے")
    telegram.share_contact(CHAT, "+447700900123")
    telegram.share_contact(CHAT, "+447700900124", own=False)
    telegram.send_photo(CHAT, "the letter")
    started, said, own, other, photo = await bot.get_updates()
    assert [u.update_id for u in (started, said, own, other, photo)] == list(
        range(first, first + 5)
    )
    assert started.message.text == "/start 9f3Kq_x7"
    assert started.message.entities[0].type == "bot_command"
    assert said.message.from_user.language_code == "ur"
    assert own.message.contact.user_id == own.message.from_user.id == CHAT
    assert own.message.contact.phone_number == "447700900123"
    assert other.message.contact.user_id is None
    assert photo.message.caption == "the letter"
    assert len(await bot.get_updates(offset=first)) == 5
    assert [u.update_id for u in await bot.get_updates(offset=first + 3, limit=1)] == [first + 3]
    assert len(await bot.get_updates()) == 2


async def test_long_polling_answers_as_soon_as_something_comes(street, bot):
    polling = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    assert not polling.done()
    street.telegram.say(CHAT, "poorly")
    (update,) = await asyncio.wait_for(polling, 2)
    assert update.message.text == "poorly"


async def test_polling_twice_or_beside_a_webhook_is_a_conflict(street, bot, product):
    polling = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    assert await bot.get_updates() == []
    with pytest.raises(TelegramConflictError):
        await polling
    await bot.set_webhook(product.url)
    with pytest.raises(TelegramConflictError):
        await bot.get_updates()


async def test_webhook_gets_the_secret_and_every_kind_of_update(street, bot, product):
    assert await bot.set_webhook(product.url, secret_token="quiet-otter_1")
    telegram = street.telegram
    telegram.start(CHAT)
    await telegram.updates.all_taken()
    await bot.send_message(CHAT, "Is Amir ill?", reply_markup=keyboard("r:01J9ZK3V5Q:ill"))
    telegram.press(CHAT, "r:01J9ZK3V5Q:ill")
    telegram.block(CHAT)
    telegram.unblock(CHAT)
    await telegram.updates.all_taken()
    assert set(product.secrets) == {"quiet-otter_1"}
    _, pressed, blocked, unblocked = product.taken()
    assert pressed.callback_query.data == "r:01J9ZK3V5Q:ill"
    assert pressed.callback_query.message.text == "Is Amir ill?"
    assert blocked.my_chat_member.new_chat_member.status == "kicked"
    assert unblocked.my_chat_member.new_chat_member.status == "member"
    assert await bot.answer_callback_query(pressed.callback_query.id, "Noted")
    assert telegram.answers[pressed.callback_query.id] == "Noted"
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(pressed.callback_query.id)
    with pytest.raises(LookupError):
        telegram.press(CHAT, "no such button")


async def test_failing_webhook_is_tried_again_and_holds_up_only_its_own_chat(street, bot, product):
    product.statuses = [500, 502]
    await bot.set_webhook(product.url)
    telegram = street.telegram
    first = telegram.say(CHAT, "one")
    await asyncio.sleep(0.005)
    second = telegram.say(CHAT, "two")
    await telegram.updates.all_taken()
    assert [u.update_id for u in product.taken()] == [first, second]
    assert [u.update_id for s, u in product.updates if s != 200] == [first, first]
    info = await bot.get_webhook_info()
    assert info.pending_update_count == 0
    assert info.last_error_message == "Wrong response from the webhook: 502"
    assert info.url == product.url


async def test_presses_expire_while_messages_wait(street, product, bot):
    await bot.set_webhook(product.url)
    telegram = street.telegram
    telegram.updates.speed = 1000
    product.statuses = [500] * 12
    telegram.start(CHAT)
    await telegram.updates.all_taken()
    await bot.send_message(CHAT, "Is Amir ill?", reply_markup=keyboard("ill"))
    product.statuses = [500] * 12
    telegram.press(CHAT, "ill")
    telegram.say(CHAT, "he is ill")
    await telegram.updates.all_taken()
    assert [update.kind for update in telegram.updates.expired] == ["callback_query"]
    assert product.taken()[-1].message.text == "he is ill"


async def test_retry_after_is_honoured(street, bot, product):
    await bot.set_webhook(product.url)
    product.statuses, product.headers = [503], {"Retry-After": "30"}
    started = asyncio.get_running_loop().time()
    street.telegram.say(CHAT, "poorly")
    await street.telegram.updates.all_taken()
    assert asyncio.get_running_loop().time() - started >= 0.3


async def test_webhook_conditions(street, bot, product):
    with pytest.raises(TelegramBadRequest, match="HTTPS"):
        await bot.set_webhook("http://absence.example.sch.uk/hook")
    with pytest.raises(TelegramBadRequest, match="ports"):
        await bot.set_webhook("https://absence.example.sch.uk:8000/hook")
    with pytest.raises(TelegramBadRequest, match="secret token"):
        await bot.set_webhook(product.url, secret_token="not allowed!")
    street.telegram.say(CHAT, "dropped")
    await bot.set_webhook(
        product.url, drop_pending_updates=True, allowed_updates=["callback_query"]
    )
    street.telegram.say(CHAT, "not wanted")
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    assert not product.updates


async def test_what_waited_for_polling_goes_to_a_webhook_set_later(street, bot, product):
    street.telegram.say(CHAT, "poorly")
    await bot.set_webhook(product.url)
    await street.telegram.updates.all_taken()
    assert product.taken()[0].message.text == "poorly"


async def test_contact_button_is_shown(street, bot):
    street.telegram.start(CHAT)
    ask = ReplyKeyboardMarkup(
        keyboard=[[KeyboardButton(text="Share my number", request_contact=True)]]
    )
    sent = await bot.send_message(CHAT, "Please share your number.", reply_markup=ask)
    assert sent.reply_markup is None
    assert street.phones.received("telegram", str(CHAT))[0].buttons[0][0].kind == "contact"


async def test_an_edited_message_arrives_as_one(street, bot):
    street.telegram.say(CHAT, "pooly")
    (first,) = await bot.get_updates()
    street.telegram.change(CHAT, first.message.message_id, "poorly")
    assert (await bot.get_updates())[-1].edited_message.text == "poorly"
    assert street.phones.conversation("telegram", str(CHAT))[0].text == "poorly"


@pytest.mark.parametrize(
    ("fault", "error", "arrives"),
    [
        ("blocked", TelegramForbiddenError, False),
        ("403", TelegramForbiddenError, False),
        ("400:Bad Request: chat not found", TelegramBadRequest, False),
        ("429:7", TelegramRetryAfter, False),
        ("migrate:-100200", TelegramMigrateToChat, False),
        ("500", TelegramServerError, False),
        ("502", ClientDecodeError, False),
        ("html502_accepted", ClientDecodeError, True),
        ("truncated_json", ClientDecodeError, True),
        ("html200", ClientDecodeError, False),
        ("drop", TelegramNetworkError, False),
        ("accept_then_drop", TelegramNetworkError, True),
        ("hang", TelegramNetworkError, False),
        ("accept_then_hang", TelegramNetworkError, True),
    ],
)
async def test_scripted_faults(street, fault, error, arrives):
    bot = bot_at(street, seconds=1)
    street.telegram.start(CHAT)
    street.faults.add("telegram", fault, to=str(CHAT), call=2)
    await bot.send_message(CHAT, "first")
    with pytest.raises(error) as raised:
        await bot.send_message(CHAT, "second")
    await bot.send_message(CHAT, "third")
    await bot.session.close()
    expected = ["first", "second", "third"] if arrives else ["first", "third"]
    assert [m.text for m in street.phones.received("telegram", str(CHAT))] == expected
    if error is TelegramRetryAfter:
        assert raised.value.retry_after == 7
    if error is TelegramMigrateToChat:
        assert raised.value.migrate_to_chat_id == -100200


async def test_faults_of_other_methods_and_the_header_of_a_429(street, bot):
    street.faults.add("telegram", "429:3", operation="answerCallbackQuery")
    url = f"{street.telegram_url}/bot{DEMO_BOT.token}/AnswerCallbackQuery"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json={"callback_query_id": "1"}) as reply,
    ):
        assert reply.status == 429
        assert reply.headers["Retry-After"] == "3"
        assert (await reply.json())["parameters"] == {"retry_after": 3}
    assert (await bot.get_me()).is_bot


async def test_closing_ends_a_long_poll_at_once():
    async with Street() as street:
        bot = bot_at(street)
        polling = asyncio.create_task(bot.get_updates(timeout=50))
        await asyncio.sleep(0.1)
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 1
    assert await polling == []
    await bot.session.close()
