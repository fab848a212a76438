"""The Today page in a real browser: keys, two clerks, no JavaScript, a phone."""

import asyncio
import os
import shutil
import socket
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import morning
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import async_playwright, expect
from sqlmodel import select
from visitor import Clock

from office.headers import protect
from office.site import Options, site
from store.codings import AmendmentRow, CodingRow
from store.pupils import PupilRow
from store.reports import ReportRow, ReportStatus
from store.tasks import TaskRow


def chromium():
    wanted = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    return wanted if Path(wanted).exists() else shutil.which("chromium")


pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium here; set CHROMIUM")


@pytest.fixture
async def browser():
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
def clock(nine_thirty):
    return Clock(nine_thirty)


@pytest.fixture
async def address(sqlite_db, clock):
    """The pages behind a real server on a free port; it ends with the test."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app, options = FastAPI(), Options(url, secure_cookies=False)
        app.include_router(site(sqlite_db, clock=clock, options=options))
        protect(app, options)
        # What a page that closes has just asked is still answered: its connection goes back.
        config = uvicorn.Config(
            app, log_level="warning", lifespan="off", timeout_graceful_shutdown=5
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield url
        server.should_exit = True
        await serving


@pytest.fixture
async def at_work(browser, address, sqlite_db, policy_text):
    """Seed a school and open its Today page, as one person or several."""

    async def seeded(fill):
        async with sqlite_db.work() as session:
            return await fill(
                await morning.school(session, policy_text, staff=("Jo Marsh", "Sam Okoro"))
            )

    @asynccontextmanager
    async def opened(who="jo", **given):
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **given})
        page = await context.new_page()
        page.trouble, page.elsewhere = [], []
        page.on(
            "console",
            lambda m: page.trouble.append(m.text) if m.type in {"error", "warning"} else None,
        )
        page.on("pageerror", lambda wrong: page.trouble.append(str(wrong)))
        page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith(address) else page.elsewhere.append(asked.url)
            ),
        )
        await page.goto(address)
        await page.fill("#email", f"{who}@larkmead.example")
        await page.fill("#password", morning.PASSWORD)
        await page.click("form button")
        await page.wait_for_url("**/today*")
        if given.get("java_script_enabled", True):
            await page.wait_for_selector("html[data-ready]")
        yield page
        assert page.elsewhere == []
        assert [text for text in page.trouble if "422" not in text and "409" not in text] == []
        await context.close()

    opened.seeded = seeded
    return opened


async def rows_of(db, table):
    async with db.read() as session:
        return list(await session.exec(select(table)))


async def settled(page):
    await expect(page.locator(".row[aria-busy]")).to_have_count(0)


@pytest.mark.feature("F38")
async def test_forty_reports_are_coded_within_fifty_five_keys(at_work, sqlite_db):
    await at_work.seeded(morning.forty)
    keys = 0
    async with at_work() as page:
        for n in range(40):
            for key in ("m",) if n % 8 == 7 else ("y", "1") if n % 8 == 3 else ("Enter",):
                await page.keyboard.press(key)
                keys += 1
        await expect(page.get_by_text("Nothing to code. Well done.")).to_be_visible(timeout=30_000)

    codes = [row.code for row in await rows_of(sqlite_db, CodingRow)]
    assert keys <= 55
    assert (len(codes), codes.count("I"), codes.count("M"), codes.count("Y1")) == (80, 60, 10, 10)
    reports = await rows_of(sqlite_db, ReportRow)
    assert [n for n, row in enumerate(reports) if row.status != ReportStatus.CODED] == []
    by_report = {row.report_id: row.code for row in await rows_of(sqlite_db, CodingRow)}
    assert [by_report[row.id] for row in reports[:8]] == ["I", "I", "I", "Y1", "I", "I", "I", "M"]


async def test_enter_confirms_and_moves_on_and_ctrl_z_takes_it_back(at_work, sqlite_db):
    await at_work.seeded(morning.realistic)
    async with at_work() as page:
        await expect(page.locator(".row.chosen")).to_contain_text("Zainab S")
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("#card h2")).to_have_text("Maya Pryce")
        await page.keyboard.press("Enter")
        await expect(page.locator(".did")).to_contain_text("Maya P: I Illness")
        await expect(page.locator(".row:focus")).to_contain_text("Tom R")
        await expect(page.get_by_role("link", name="14 To code")).to_be_visible()

        await page.keyboard.press("Control+z")

        await expect(page.locator(".did")).to_contain_text("Taken back: Maya P")
        await expect(page.locator(".row:focus")).to_contain_text("Maya P")
        await expect(page.get_by_role("link", name="15 To code")).to_be_visible()
    record = [(row.original, row.amended) for row in await rows_of(sqlite_db, AmendmentRow)][4:]
    assert record == [
        ("N", "I"),
        ("", "I"),
        ("", "I"),
        ("", "I"),
        ("I", "N"),
        ("I", "N"),
        ("I", "N"),
        ("I", "N"),
    ]


async def test_ctrl_z_pressed_at_once_takes_back_what_is_still_on_its_way(at_work, sqlite_db):
    await at_work.seeded(morning.forty)
    async with at_work() as page:
        for key in ("Enter", "Enter", "Control+z"):
            await page.keyboard.press(key)
        await expect(page.locator(".did")).to_contain_text("Taken back: Child01 I")
        await page.keyboard.press("Control+z")
        await expect(page.locator(".did")).to_contain_text("Taken back: Child00 I")

    assert await rows_of(sqlite_db, CodingRow) == []


async def test_a_granted_code_opens_the_reason_and_waits_for_it(at_work, sqlite_db):
    await at_work.seeded(morning.forty)
    async with at_work() as page:
        await page.keyboard.press("c")
        await expect(page.locator("#reason")).to_be_focused(timeout=3000)
        assert await page.locator("#code").input_value() == "C"
        await page.keyboard.type("Head agreed, funeral of a grandparent")
        await page.keyboard.press("Enter")
        await expect(page.locator(".did")).to_contain_text(
            "Child00 I: C Leave, exceptional circumstance"
        )

    assert {row.reason for row in await rows_of(sqlite_db, AmendmentRow)} == {
        "Head agreed, funeral of a grandparent"
    }


async def test_a_refusal_keeps_what_was_typed_and_leads_to_the_missing_reason(at_work, sqlite_db):
    await at_work.seeded(morning.forty)
    async with at_work() as page:
        await page.locator(".other summary").click()
        await page.locator("#code").select_option("C1")
        await page.locator("#sessions").select_option("AM")
        await page.get_by_role("button", name="Record").click()
        await expect(page.locator(".trouble")).to_contain_text(
            "Child00 I: C1 is leave that the school grants"
        )
        await expect(page.locator("#reason")).to_be_focused()
        await page.keyboard.type("licence seen")
        await page.keyboard.press("Enter")
        await expect(page.locator(".did")).to_contain_text(
            "Child00 I: C1 Leave for a regulated performance"
        )

    assert [(row.session, row.code) for row in await rows_of(sqlite_db, CodingRow)] == [
        ("AM", "C1")
    ]


async def test_letters_that_are_no_code_write_nothing_and_say_so(at_work, sqlite_db):
    await at_work.seeded(morning.forty)
    async with at_work() as page:
        await page.keyboard.press("h")
        await expect(page.locator(".news")).to_contain_text("H is not a code")
        await page.keyboard.press("c")
        await page.keyboard.press("i")
        await expect(page.locator(".news")).to_contain_text("CI is not a code")
        await page.keyboard.press("j")
        await expect(page.locator(".news")).to_contain_text("J is not a code", timeout=3000)
        await page.keyboard.press("c")
        await page.keyboard.press("ArrowDown")
        await page.wait_for_timeout(1000)
        await expect(page.locator(".row:focus")).to_contain_text("Child01")

    assert await rows_of(sqlite_db, CodingRow) == []


async def test_letter_keys_can_be_switched_off_and_stay_off(at_work, sqlite_db):
    await at_work.seeded(morning.forty)
    async with at_work() as page:
        await page.get_by_label("Letter keys set codes").uncheck()
        await page.reload()
        await page.wait_for_selector("html[data-ready]")
        await page.keyboard.press("m")
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        await expect(page.locator(".did")).to_contain_text("Child00 I: I Illness")

    assert {row.code for row in await rows_of(sqlite_db, CodingRow)} == {"I"}


@pytest.mark.fault("H8")
async def test_the_slower_of_two_clerks_sees_who_did_it(at_work, sqlite_db):
    await at_work.seeded(morning.forty)
    async with at_work("jo") as jo, at_work("sam") as sam:
        await jo.keyboard.press("Enter")
        await expect(jo.locator(".did")).to_contain_text("Child00")
        await sam.keyboard.press("m")
        said = "Child00 I: Jo Marsh has already confirmed this as I at 09:30"
        await expect(sam.locator(".trouble")).to_have_text(said)
        await sam.wait_for_timeout(5000)
        await expect(sam.locator(".trouble")).to_have_text(said)

    assert {row.code for row in await rows_of(sqlite_db, CodingRow)} == {"I"}


async def test_the_list_renews_itself_and_keeps_focus_and_typed_words(at_work, sqlite_db):
    await at_work.seeded(morning.forty)
    async with at_work() as page:
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("#card h2")).to_have_text("Child01 Invented")
        await page.locator(".other summary").click()
        await page.locator("#reason").fill("half a sen")
        async with sqlite_db.work() as session:
            told = await session.get(ReportRow, 1)
            told.words, told.version = "this is new", told.version + 1
            (await session.get(PupilRow, 3)).first = "Renamed"
        await expect(page.locator("#row-r1")).to_contain_text("this is new", timeout=9000)

        assert await page.locator("#reason").input_value() == "half a sen"
        await expect(page.locator("#reason")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator(".row:focus")).to_contain_text("Child01")
        await expect(page.locator("#row-r3")).to_contain_text("Renamed")


async def test_when_the_line_is_down_the_page_says_so_and_nothing_is_lost_silently(
    at_work, sqlite_db
):
    await at_work.seeded(morning.forty)
    async with at_work() as page:
        await page.context.set_offline(True)
        await page.keyboard.press("Enter")
        await expect(page.locator("#live")).to_contain_text("Not connected")
        await expect(page.locator("#row-r1")).to_be_visible()
        await settled(page)
        await page.context.set_offline(False)
        await expect(page.locator("#live")).to_contain_text("As of", timeout=9000)
        page.trouble.clear()

    assert await rows_of(sqlite_db, CodingRow) == []


async def test_an_answer_that_is_no_list_is_shown_and_the_row_can_be_pressed_again(
    at_work, sqlite_db
):
    await at_work.seeded(morning.forty)
    async with at_work() as page:
        await page.route("**/confirm", lambda route: route.fulfill(status=500, body="no"))
        await page.keyboard.press("Enter")
        await expect(page.locator(".trouble")).to_have_text("That was not recorded. Try again.")
        await settled(page)
        await page.unroute("**/confirm")
        await page.locator("#row-r1").get_by_role("button").click()
        await expect(page.locator(".did")).to_contain_text("Child00 I: I Illness")
        page.trouble.clear()


async def test_a_sign_in_that_ended_leads_to_the_door(at_work, clock):
    await at_work.seeded(morning.forty)
    async with at_work() as page:
        clock.now += timedelta(hours=2)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/sign-in")


async def test_without_javascript_the_mouse_confirms_changes_and_undoes(at_work, sqlite_db):
    await at_work.seeded(morning.realistic)
    async with at_work(java_script_enabled=False) as page:
        row = page.locator(".row", has_text="vomiting")
        await row.get_by_role("button", name="Confirm I, Illness, for Maya P").click()
        await expect(page.locator(".did")).to_contain_text("Maya P: I Illness")
        await page.locator(".did").get_by_role("button", name="Undo").click()
        await expect(page.locator(".did")).to_contain_text("Taken back: Maya P")
        await page.locator(".row", has_text="funeral").get_by_role("link", name="Choose").click()
        await page.get_by_role("button", name="Record").click()
        await expect(page.locator(".trouble")).to_contain_text(
            "Freya L: C is leave that the school grants"
        )
        await page.get_by_label("Reason").fill("Head agreed")
        await page.get_by_role("button", name="Record").click()
        await expect(page.locator(".did")).to_contain_text(
            "Freya L: C Leave, exceptional circumstance"
        )
        await page.get_by_role("link", name="1 Urgent").click()
        await page.get_by_label("What came of it").fill("Found in class, father told")
        await page.get_by_role("button", name="Done").click()
        await expect(page.locator(".did")).to_contain_text("the outcome is kept")
        page.trouble.clear()  # a refusal answers 422, which the console repeats

    assert {
        row.code
        for row in await rows_of(sqlite_db, CodingRow)
        if row.report_id and row.report_id > 3
    } >= {"C"}


@pytest.mark.mission("S0-37")
async def test_without_javascript_what_was_told_at_the_desk_is_noted_and_coded(at_work, sqlite_db):
    await at_work.seeded(morning.realistic)
    async with at_work(java_script_enabled=False) as page:
        await page.get_by_role("link", name="Waiting for reply").click()
        await page.locator(".row", has_text="Max H").get_by_role("link", name="Open").click()
        await page.get_by_text("They told us in person or by phone").click()
        await page.get_by_role("checkbox", name="Ivy H").uncheck()
        await page.get_by_label("Who told us").fill("his grandmother")
        await page.get_by_label("What they said").fill("high temperature since last night")
        await page.locator("#code").select_option("I")
        await page.get_by_role("button", name="Record").click()
        await expect(page.locator(".did")).to_contain_text("Max H: I Illness")
        await expect(page.get_by_role("link", name="3 Waiting for reply")).to_be_visible()

        await page.locator(".did").get_by_role("button", name="Undo").click()
        await expect(page.locator(".did")).to_contain_text("Taken back: Max H")

    told = (await rows_of(sqlite_db, ReportRow))[-1]
    assert (told.channel, told.words) == ("in_person", "high temperature since last night")


async def test_what_was_told_at_the_desk_is_typed_from_the_row_without_the_mouse(at_work):
    await at_work.seeded(morning.realistic)
    async with at_work() as page:
        await page.get_by_role("link", name="Waiting for reply").click()
        await page.wait_for_selector("html[data-ready]")
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("#card h2")).to_have_text("Ruby Stone")
        await page.keyboard.press("m")
        await expect(page.locator("#words")).to_be_focused()
        assert await page.locator("#code").input_value() == "M"
        await page.keyboard.type("dentist, her dad rang")
        await page.get_by_role("button", name="Record").click()
        await expect(page.locator(".did")).to_contain_text("Ruby S: M Medical")


async def test_a_safety_alarm_shows_on_the_open_page_within_three_seconds(at_work, sqlite_db):
    made = await at_work.seeded(morning.forty)
    async with at_work() as page:
        await page.wait_for_timeout(2500)  # the page has been open and idle
        async with sqlite_db.work() as session:
            session.add(
                TaskRow(
                    school_id=made.id,
                    kind="safeguarding",
                    dedupe_key="alarm",
                    pupil_id=made.pupils[0],
                    note="says the child was taken to school",
                    raised_at=morning.EIGHT,
                )
            )

        await expect(page.locator(".row.alarm")).to_contain_text("Safety: act now", timeout=3000)
        await expect(page.get_by_role("link", name="1 Urgent")).to_be_visible()


async def test_an_idle_page_is_answered_with_nothing_and_a_hidden_one_asks_seldom(at_work):
    await at_work.seeded(morning.forty)
    async with at_work() as page:
        answers = []
        page.on("response", lambda answer: answers.append(answer.status))
        await page.wait_for_timeout(7000)
        assert answers[0] == 200
        assert set(answers[1:]) == {204}
        await page.evaluate(
            "Object.defineProperty(document, 'hidden', { value: true });"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        await page.wait_for_timeout(500)
        answers.clear()
        await page.wait_for_timeout(5000)
        assert answers == []


async def test_beside_the_card_in_a_frame_the_words_have_the_width_of_the_list(at_work):
    await at_work.seeded(morning.realistic)
    async with at_work(viewport={"width": 950, "height": 900}) as page:
        share = await page.evaluate(
            "[...document.querySelectorAll('.row')].map("
            "row => row.querySelector('.words').offsetWidth / row.offsetWidth)"
        )
        assert min(share) > 0.9


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 950, 1280])
async def test_nothing_runs_off_the_side_and_every_press_is_large_enough(at_work, width, scheme):
    await at_work.seeded(morning.realistic)
    async with at_work(viewport={"width": width, "height": 844}, color_scheme=scheme) as page:
        for tab in ("urgent", "to-code", "waiting", "not-told", "tasks", "done"):
            await page.goto(page.url.split("/today")[0] + f"/today?list={tab}")
            sideways = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert sideways <= 0, tab
            small = await page.evaluate(
                "[...document.querySelectorAll('button, .btn, .tab, select, input:not([type=hidden], [type=checkbox])')]"
                ".filter(e => e.checkVisibility()).filter(e => e.getBoundingClientRect().height < 39.5).map(e => e.outerHTML)"
            )
            assert small == [], tab


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_word_stands_out_from_its_ground(at_work, scheme):
    await at_work.seeded(morning.realistic)
    async with at_work(color_scheme=scheme) as page:
        for tab in ("urgent", "to-code", "waiting", "tasks", "done"):
            await page.goto(page.url.split("/today")[0] + f"/today?list={tab}")
            assert await page.evaluate(CONTRAST) == [], tab


CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (colour, under) => {
    canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (c) => c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
  const ground = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
    return layers.reduce((under, layer) => `rgb(${rgb(layer, under).join(',')})`, 'white');
  };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility({ opacityProperty: true }) || e.closest('.sr, option, optgroup')) continue;
    const under = ground(e);
    const [a, b] = [light(rgb(getComputedStyle(e).color, under)), light(rgb(under, 'white'))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${e.className || e.tagName}: ${e.textContent.trim().slice(0, 30)}`);
  }
  return poor;
}"""
