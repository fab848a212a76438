"""The families' phones: as plain pages and forms, and live in a browser."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from simulator.handsets import Handset
from simulator.phones import KEPT_PER_ADDRESS, Button, Phones
from simulator.street import DEMO_MAIL, Street

GWEN = Handset(
    "Gwen Okafor", "sms", "+447700900123", "Amy’s mother", ("poorly", "sick twice in the night")
)
SANA = Handset(
    "Sana Malik", "telegram", "501002003", "Amir’s mother", (), "9f3Kq_x7", "+447700900124"
)
TOM = Handset("Tomasz Nowak", "email", "tomasz@families.example", "Ben’s father")
CHROMIUM = Path("/usr/bin/chromium")


class Clock:
    def __init__(self):
        self.moment = datetime(2027, 1, 12, 9, 16, tzinfo=UTC)

    async def now(self):
        return self.moment

    async def advance(self, minutes):
        self.moment += timedelta(minutes=minutes)


@pytest.fixture
async def street():
    clock = Clock()
    async with Street(
        handsets=(GWEN, SANA, TOM),
        office_url="http://127.0.0.1:9/office",
        demo_clock=clock,
        clock=lambda: clock.moment,
    ) as street:
        yield street


@pytest.fixture
async def browser(street):
    async with aiohttp.ClientSession(street.url) as session:
        yield session


async def page(browser, path="/phones/"):
    async with browser.get(path) as reply:
        assert reply.status == 200
        return await reply.text()


async def post(browser, path, data):
    async with browser.post(path, data=data) as reply:
        assert reply.status == 200


async def test_page_shows_every_handset_and_loads_nothing_from_elsewhere(street, browser):
    street.phones.record(
        "sms", GWEN.address, "received", "<b>Amy</b> is not in school today.", peer="+447700900001"
    )
    async with browser.get("/phones/") as reply:
        text = await reply.text()
        assert reply.headers["Content-Security-Policy"] == "default-src 'self'; frame-src *"
    for handset in (GWEN, SANA, TOM):
        assert handset.name in text
    assert "&lt;b&gt;Amy" in text
    assert "09:16" in text
    assert text.count('dir="auto"') > 8
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', text)
    assert "<script>" not in text
    assert "style=" not in text
    for asset in re.findall(r'(?:src|href)="(/phones/static/[^"]+)"', text):
        await page(browser, asset)


async def test_without_a_script_a_form_sends_and_leads_back(street, browser):
    form = {"handset": "h1", "text": "poorly", "back": "/phones/"}
    async with browser.post("/phones/say", data=form, allow_redirects=False) as reply:
        assert (reply.status, reply.headers["Location"]) == (303, "/phones/#h1")
    assert "poorly" in await page(browser)
    assert [m.text for m in street.phones.conversation("sms", GWEN.address)] == ["poorly"]
    async with browser.post(
        "/phones/say", data={**form, "back": "https://elsewhere.example/"}, allow_redirects=False
    ) as reply:
        assert reply.headers["Location"] == "/phones/#h1"
    async with browser.post("/phones/say", data={**form, "handset": "h9"}) as reply:
        assert reply.status == 404
    async with browser.post(
        "/phones/say", data={**form, "text": "  "}, headers={"X-Quiet": "1"}
    ) as reply:
        assert reply.status == 204
    assert len(street.phones.conversation("sms", GWEN.address)) == 2


async def test_answers_by_mail_go_where_the_letter_asks(street, browser):
    await post(browser, "/phones/say", {"handset": "h3", "text": "Ben is poorly"})
    street.mail._keep(
        "bounce+1@larkmead.example",
        TOM.address,
        b"From: Larkmead <absence@larkmead.example>\r\nReply-To: reply+4F7K@larkmead.example\r\n"
        b"Subject: Ben\r\nMessage-ID: <att-1@larkmead.example>\r\n\r\nWhat is wrong with Ben?\r\n",
    )
    await post(browser, "/phones/say", {"handset": "h3", "text": "a temperature of 39"})
    first, second = (m.raw.decode() for m in street.mail.mailbox.messages)
    assert f"To: {DEMO_MAIL.address}" in first
    assert "To: reply+4F7K@larkmead.example" in second
    assert "Subject: Re: Ben" in second
    assert "In-Reply-To: <att-1@larkmead.example>" in second
    assert "> What is wrong with Ben?" in second


async def test_telegram_is_opened_by_start_and_buttons_are_pressed(street, browser):
    assert "This chat is not open yet." in await page(browser)
    await post(browser, "/phones/press", {"handset": "h2", "button": "start:"})
    assert street.telegram.updates.waiting()[0].content["text"] == "/start 9f3Kq_x7"
    person = street.telegram.reach(501002003)
    markup = {"inline_keyboard": [[{"text": "Ill", "callback_data": "r:1:ill"}]]}
    street.telegram.show(person, "Is Amir ill?", markup, ((Button("Ill", "r:1:ill"),),))
    assert 'value="callback:r:1:ill"' in await page(browser)
    for pressed in ("callback:r:1:ill", "callback:gone", "contact:", "text:Yes"):
        await post(browser, "/phones/press", {"handset": "h2", "button": pressed})
    _, query, contact, said = street.telegram.updates.waiting()
    assert query.content["data"] == "r:1:ill"
    assert contact.content["contact"]["phone_number"] == "447700900124"
    assert said.content["text"] == "Yes"


async def test_demo_page_has_the_office_and_a_clock_to_push(browser):
    text = await page(browser, "/")
    assert '<iframe src="http://127.0.0.1:9/office"' in text
    assert "Tuesday 12 January · 09:16" in text
    async with browser.post("/clock", data={"minutes": "10"}) as reply:
        assert "Tuesday 12 January · 09:26" in await reply.text()
    assert await page(browser, "/clock") == "Tuesday 12 January · 09:26"
    for wrong in ("", "-1", "9999", "x"):
        async with browser.post("/clock", data={"minutes": wrong}) as reply:
            assert reply.status == 422


async def test_without_an_office_the_street_shows_the_phones():
    async with Street() as street, aiohttp.ClientSession(street.url) as session:
        assert "No family has a phone here yet." in await page(session, "/")
        async with session.get("/clock") as reply:
            assert reply.status == 404


async def test_news_come_as_events_and_end_when_the_street_closes():
    async with aiohttp.ClientSession() as session:
        async with Street(handsets=[GWEN]) as street:
            reply = await session.get(f"{street.phones_url}events")
            assert (await reply.content.readline()).startswith(b"retry:")
            street.phones.record("sms", "+447700900999", "received", "somebody else")
            street.phones.record("sms", GWEN.address, "received", "hello")
            news = b"".join([await reply.content.readline() for _ in range(3)])
            assert b'event: handset\ndata: "h1"' in news
            started = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started < 1
        assert b"event" not in await reply.content.read()


async def test_phones_keep_the_last_messages_and_wake_who_waits():
    phones = Phones()
    for number in range(KEPT_PER_ADDRESS + 5):
        phones.record(
            "email", " Tomasz@Families.example", "received", f"letter {number}", subject="Ben"
        )
    assert len(phones.conversation("email", TOM.address)) == KEPT_PER_ADDRESS
    assert len(list(phones.everything())) == KEPT_PER_ADDRESS
    waiting = asyncio.create_task(phones.wait_for("sms", GWEN.address, "not in school"))
    await asyncio.sleep(0)
    phones.record("sms", GWEN.address, "received", "Good morning")
    phones.record("sms", GWEN.address, "received", "Amy is not in school today")
    assert (await waiting).text == "Amy is not in school today"
    with pytest.raises(TimeoutError):
        await phones.wait_for("sms", GWEN.address, "good night", within=0.05)


@pytest.mark.skipif(not CHROMIUM.exists(), reason="no browser is installed here")
async def test_in_a_browser_new_messages_appear_and_quick_answers_go_out(street):
    from playwright.async_api import async_playwright

    troubles = []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox"]
        )
        tab = await chromium.new_page(viewport={"width": 390, "height": 844})
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        await tab.goto(street.phones_url)
        typing = tab.get_by_label("Write as Gwen Okafor")
        await typing.fill("half a sen")
        street.phones.record(
            "sms", GWEN.address, "received", "Amy is not in school today. " + "x" * 300
        )
        await tab.get_by_text("Amy is not in school today.").wait_for(timeout=5000)
        assert await typing.input_value() == "half a sen"
        await tab.get_by_role("button", name="poorly").click()
        await tab.locator(".own", has_text="poorly").wait_for(timeout=5000)
        await typing.fill("sick in the night")
        await typing.press("Enter")
        await tab.locator(".own", has_text="sick in the night").wait_for(timeout=5000)
        assert not await typing.input_value()
        assert await tab.evaluate("document.documentElement.scrollWidth") == 390
        smallest = await tab.evaluate(
            "Math.min(...[...document.querySelectorAll('button')].map(b => b.getBoundingClientRect().height))"
        )
        assert smallest >= 44
        assert tab.url == street.phones_url
        await chromium.close()
    assert not troubles
    assert [m.text for m in street.phones.conversation("sms", GWEN.address)][1:] == [
        "poorly",
        "sick in the night",
    ]
