"""The office pages without a browser: what they show, to whom, and what they refuse."""

import html
import re
from datetime import timedelta
from html.parser import HTMLParser

import morning
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import select
from visitor import Client

from office.guard import Options
from office.site import site
from office.words import days, pieces
from store import codings
from store.codings import AmendmentRow
from store.outbox import OutboundRow
from store.pupils import PupilRow
from store.registers import MarkRow
from store.reports import ReportRow
from store.schools import SchoolRow
from store.tasks import TaskRow

OPEN = {"/sign-in", "/static/{version}/{name}"}


def routes():
    """Every route of the site with an address that could be somebody's."""
    every = site(None, clock=None, options=Options("https://x.example", secure_cookies=True)).routes
    return [(method, route.path) for route in every for method in sorted(route.methods)]


def filled(path, number):
    return re.sub(r"{\w+_id}", str(number), path)


async def report_of(db, first):
    async with db.read() as session:
        rows = await session.exec(select(ReportRow).order_by(ReportRow.id))
        return next(row for row in rows if first in row.words)


def visible(text):
    """The text of a page as somebody reads it, white space joined."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


# Who may see what ---------------------------------------------------------------------------------


@pytest.mark.fault("H4")
@pytest.mark.parametrize(("method", "path"), [r for r in routes() if r[1] not in OPEN])
async def test_every_route_needs_a_sign_in(visitor, larkmead, method, path):
    answer = await visitor.ask(
        method,
        filled(path, larkmead.reports[2]),
        b"",
        {"origin": "https://office.larkmead.example"},
    )

    assert (answer.status, answer.location) == (303, "/sign-in")
    assert "Maya" not in answer.text


@pytest.mark.fault("H4")
@pytest.mark.parametrize(("method", "path"), [r for r in routes() if "_id}" in r[1]])
@pytest.mark.parametrize("number", ["theirs", "nobody's", "words", "0", "99999999999999999999"])
async def test_another_schools_ids_are_not_there(sqlite_db, jo, elsewhere, method, path, number):
    theirs = elsewhere.tasks[0] if "task" in path else elsewhere.reports[0]
    target = filled(path, {"theirs": theirs, "nobody's": 987654}.get(number, number))
    fields = {"form_token": await jo.token(), "outcome": "seen", "code": "I", "reason": "because"}

    answer = await (jo.get(target) if method == "GET" else jo.post(target, fields))

    assert answer.status == 404
    assert "Secret" not in answer.text
    async with sqlite_db.read() as session:
        assert await codings.amendments(session, elsewhere.reports[0]) == []
        assert (await session.get(TaskRow, elsewhere.tasks[0])).closed_at is None


@pytest.mark.fault("H4")
async def test_a_report_of_another_school_cannot_ride_along_with_ones_own(
    sqlite_db, jo, larkmead, elsewhere
):
    fields = {"form_token": await jo.token(), "also": f"{elsewhere.reports[0]}:0"}

    answer = await jo.post(f"/reports/{larkmead.reports[3]}/confirm", fields)

    assert answer.status == 404
    async with sqlite_db.read() as session:
        assert await codings.amendments(session, larkmead.reports[3]) == []


@pytest.mark.fault("H4")
@pytest.mark.parametrize("tab", ["urgent", "to-code", "waiting", "not-told", "tasks", "done"])
async def test_no_list_shows_another_schools_children(jo, elsewhere, tab):
    page = await jo.get(
        f"/today?list={tab}&report={elsewhere.reports[0]}&did={elsewhere.reports[0]}&task={elsewhere.tasks[0]}&child={elsewhere.pupils[0]}"
    )

    assert page.status == 200
    assert "Secret" not in page.text
    assert "another school" not in page.text


@pytest.mark.parametrize(("method", "path"), routes())
async def test_every_answer_carries_the_security_headers(visitor, larkmead, method, path):
    answer = await visitor.ask(method, filled(path, 1).replace("{version}/{name}", "old/paper.css"))

    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"


# Forms --------------------------------------------------------------------------------------------


@pytest.mark.fault("H1")
@pytest.mark.parametrize(
    "path", ["/reports/{}/confirm", "/reports/{}/undo", "/tasks/{}/done", "/told", "/sign-out"]
)
@pytest.mark.parametrize(
    "forged",
    [
        "no token",
        "wrong token",
        "another person's token",
        "another origin",
        "null origin",
        "cross-site",
    ],
)
async def test_a_form_from_elsewhere_changes_nothing(sqlite_db, jo, sam, larkmead, path, forged):
    token = {
        "no token": "",
        "wrong token": "x" * 43,
        "another person's token": await sam.token(),
    }.get(forged)
    fields = {"form_token": await jo.token() if token is None else token, "outcome": "done"}
    origin = {
        "another origin": "https://evil.example",
        "null origin": "null",
        "cross-site": None,
    }.get(forged, "https://office.larkmead.example")
    extra = {"sec-fetch-site": "cross-site"} if forged == "cross-site" else {}

    answer = await jo.post(path.format(larkmead.reports[3]), fields, origin=origin, **extra)

    assert answer.status == 403
    assert "nothing was changed" in answer.text
    async with sqlite_db.read() as session:
        assert await codings.amendments(session, larkmead.reports[3]) == []
    assert (await jo.get("/today")).status == 200


@pytest.mark.fault("H1")
async def test_nobody_is_signed_in_by_a_form_from_elsewhere(visitor, larkmead):
    answer = await visitor.post(
        "/sign-in",
        {"email": larkmead.email, "password": morning.PASSWORD},
        origin="https://evil.example",
    )

    assert answer.status == 403
    assert visitor.cookies == {}


async def test_a_form_that_is_too_long_or_not_readable_is_refused_kindly(jo, larkmead):
    path = f"/reports/{larkmead.reports[3]}/confirm"

    assert (await jo.post(path, {"reason": "x" * 70_000})).status == 413
    assert (
        await jo.ask("POST", path, b"a=%ff\xff", {"origin": "https://office.larkmead.example"})
    ).status == 400
    assert (
        await jo.ask(
            "POST", path, b"", {"content-length": "", "origin": "https://office.larkmead.example"}
        )
    ).status == 413


# Signing in ---------------------------------------------------------------------------------------


@pytest.mark.fault("H2")
async def test_signing_in_gives_a_new_cookie_that_scripts_and_other_sites_do_not_get(app, larkmead):
    client = Client(app)
    client.cookies["firstday"] = "chosen-by-somebody-else"

    answer = await client.sign_in("jo@larkmead.example")

    assert (answer.status, answer.location) == (303, "/today")
    assert client.cookies["firstday"] != "chosen-by-somebody-else"
    cookie = answer.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=lax", "secure", "path=/"):
        assert part in cookie


@pytest.mark.fault("H2")
async def test_signing_in_again_ends_the_sign_in_before(app, jo):
    old = Client(app)
    old.cookies = dict(jo.cookies)
    await jo.sign_in("jo@larkmead.example")

    assert (await old.get("/today")).location == "/sign-in"
    assert (await jo.get("/today")).status == 200


@pytest.mark.fault("H2")
async def test_signing_out_ends_it_in_the_store_too(app, jo):
    old = Client(app)
    old.cookies = dict(jo.cookies)
    answer = await jo.post("/sign-out", {"form_token": await jo.token()})

    assert answer.location == "/sign-in"
    assert jo.cookies == {}
    assert (await old.get("/today")).location == "/sign-in"


@pytest.mark.fault("H3")
async def test_a_wrong_password_and_an_unknown_account_read_the_same(visitor, larkmead):
    wrong = await visitor.sign_in("jo@larkmead.example", "wrong wrong wrong")
    unknown = await visitor.sign_in("xx@larkmead.example", "wrong wrong wrong")

    assert (wrong.status, unknown.status) == (403, 403)
    assert wrong.text.replace("jo@", "xx@") == unknown.text


@pytest.mark.fault("H3")
async def test_a_forwarded_header_does_not_get_round_the_throttle(visitor, larkmead):
    for n in range(10):
        await visitor.post(
            "/sign-in",
            {"email": f"a{n}@x.example", "password": "x"},
            x_forwarded_for=f"198.51.100.{n}",
        )

    assert (
        await visitor.post(
            "/sign-in",
            {"email": larkmead.email, "password": morning.PASSWORD},
            x_forwarded_for="203.0.113.5",
        )
    ).status == 403


@pytest.mark.fault("H2")
async def test_a_page_that_only_refreshes_itself_goes_idle(clock, jo):
    for _ in range(7):
        clock.now += timedelta(minutes=9)
        answer = await jo.get("/today", x_firstday_refresh="1")

    assert answer.location == "/sign-in"


async def test_the_front_door_leads_to_the_list_or_to_signing_in(visitor, jo):
    assert (await visitor.get("/")).location == "/sign-in"
    assert (await jo.get("/")).location == "/today"
    assert (await jo.get("/sign-in")).location == "/today"
    assert (await visitor.get("/sign-in")).status == 200


@pytest.mark.fault("H11")
@pytest.mark.parametrize(
    "following",
    ["//evil.example", "https://evil.example", "r1\r\nSet-Cookie: a=b", "r", "rr1", "r-1"],
)
async def test_where_a_press_leads_is_never_chosen_by_the_form(jo, larkmead, following):
    fields = {"form_token": await jo.token(), "next": following, "list": following}

    answer = await jo.post(f"/reports/{larkmead.reports[3]}/confirm", fields, host="evil.example")

    assert answer.location.startswith("/today?list=to-code&did=")
    assert "evil" not in answer.location


# What the page shows ------------------------------------------------------------------------------


async def test_the_tabs_count_the_morning(jo):
    text = visible((await jo.get("/today")).text)

    for words in (
        "1 Urgent",
        "15 To code",
        "4 Waiting for reply",
        "2 Not told us yet",
        "2 Tasks",
        "2 Done",
    ):
        assert words in text
    assert "Morning registers 5 of 7 in · missing 3A, 5C" in text
    assert "First-day messages went at 09:21 to 3 families" in text


async def test_urgent_stands_first_then_what_waits_longest(jo):
    page = (await jo.get("/today")).text

    order = [
        page.index(f"<bdi>{name}</bdi>")
        for name in ("Ali K", "Zainab S", "Maya P", "Tom R", "Ana L", "Leo F", "Amy Q", "Harley F")
    ]
    assert order == sorted(order)


async def test_a_row_shows_the_words_their_evidence_who_when_and_the_code_in_words(jo):
    page = (await jo.get("/today")).text

    assert (
        '<q dir="auto" lang="en">she&#39;s been <mark>vomiting since 3am</mark>, back Thurs hopefully x</q>'
        in page
    )
    assert '<q dir="auto" lang="ar">' in page
    assert "Mother · text 07:41 · today and tomorrow, AM + PM" in page
    assert "<b>I</b> <small>Illness</small>" in page
    assert "School transport not available, all 4" in page


async def test_waiting_children_show_who_was_asked_and_what_became_of_it(jo):
    text = visible((await jo.get("/today?list=waiting")).text)

    assert "Mother asked by text 09:21 · delivered · next contact from 09:41" in text
    assert "Max H , Ivy H" in text
    assert "We asked what is wrong, 08:58" in text


async def test_children_nobody_answers_for_show_why(jo):
    text = visible((await jo.get("/today?list=not-told")).text)

    assert "Kit M 4B N in the register, AM · ring the family Message not delivered" in text
    assert "Eve L Reception N in the register, AM · find a number and ring Nobody to reach" in text


async def test_the_card_shows_the_thread_the_reason_and_whom_to_ring(sqlite_db, jo):
    report = await report_of(sqlite_db, "vomiting")

    text = visible((await jo.get(f"/reports/{report.id}", x_firstday_fragment="card")).text)

    assert "Maya Pryce" in text
    assert "Suggests I, Illness : vomiting since 3am" in text
    assert "Today and tomorrow, 4 sessions. Back Thu 14 January." in text
    assert "07:41 · delivered" in text
    assert "Kate Pryce , mother" in text
    assert "Today · Larkmead" not in text


async def test_before_the_run_the_strip_says_when_it_goes_and_to_how_many(
    app, sqlite_db, policy_text, clock, nine_thirty
):
    async with sqlite_db.work() as session:
        seed = await morning.school(session, policy_text)
        for children in (["Ada Ng/2A", "Bo Ng/3A"], ["Kit Marlow/4B"]):
            ids, _ = await seed.family(*children)
            await seed.mark(ids)
    clock.now = nine_thirty - timedelta(minutes=20)
    client = Client(app)
    await client.sign_in("jo@larkmead.example")

    assert "First-day messages go at 09:20 to 2 families so far" in visible(
        (await client.get("/today")).text
    )
    clock.now = nine_thirty + timedelta(days=4)
    await client.sign_in("jo@larkmead.example")
    assert "No school today." in visible((await client.get("/today")).text)


@pytest.mark.parametrize(
    ("tab", "says"),
    [
        ("to-code", "Nothing to code. Well done."),
        ("urgent", "Nothing urgent"),
        ("waiting", "Nobody owes us"),
        ("not-told", "explained"),
        ("tasks", "No tasks"),
        ("done", "Nothing coded yet"),
    ],
)
async def test_an_empty_list_says_so_and_what_will_stand_there(
    app, sqlite_db, policy_text, tab, says
):
    async with sqlite_db.work() as session:
        await morning.school(session, policy_text)
    client = Client(app)
    await client.sign_in("jo@larkmead.example")

    assert says in (await client.get(f"/today?list={tab}")).text


async def test_the_page_stays_small_and_its_questions_few_with_sixty_families(
    app, sqlite_db, policy_text
):
    async with sqlite_db.work() as session:
        seed = await morning.school(session, policy_text)
        await seed.told(["First Child/2A"], "sick in the night")
    client = Client(app)
    await client.sign_in("jo@larkmead.example")
    asked = []
    event.listen(
        sqlite_db.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2])
    )
    await client.get("/today")
    few = len(asked)
    async with sqlite_db.work() as session:
        seed.session = session
        await morning.forty(seed)
        for n in range(20):
            await seed.told([f"More{n} Invented/2A"], morning.LONG, because="temperature of 39.2")
    asked.clear()

    page = await client.get("/today")

    assert len(asked) == few < 25
    assert len(page.text.encode()) < 100_000


# Pressing -----------------------------------------------------------------------------------------


@pytest.mark.mission("S3-43")
async def test_one_press_confirms_and_the_next_row_is_chosen(sqlite_db, jo):
    report = await report_of(sqlite_db, "vomiting")
    page = (await jo.get("/today")).text
    form = page.split(f'action="/reports/{report.id}/confirm"')[1].split("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))

    answer = await jo.post(f"/reports/{report.id}/confirm", fields)

    following = await report_of(sqlite_db, "dentist")
    assert answer.location == f"/today?list=to-code&did={report.id}&report={following.id}"
    text = visible((await jo.get(answer.location)).text)
    assert "✓ Maya P : I Illness Undo" in text
    assert "14 To code" in text
    async with sqlite_db.read() as session:
        record = await codings.amendments(session, report.id)
    assert {(row.staff_name, row.staff_role, row.reason) for row in record} == {
        ("Jo Marsh", "attendance_officer", f"parent's report {report.reference}")
    }


async def test_one_press_confirms_every_child_of_one_reply(sqlite_db, jo):
    page = (await jo.get("/today")).text
    first = await report_of(sqlite_db, "bus never")
    form = page.split(f'action="/reports/{first.id}/confirm"')[1].split("</form>")[0]
    fields = [*re.findall(r'name="(\w+)" value="([^"]*)"', form)]

    answer = await jo.post(f"/reports/{first.id}/confirm", fields)

    page = (await jo.get(answer.location)).text
    assert "Ada N, Bo N, Cy N and Di N" in page
    async with sqlite_db.read() as session:
        assert (
            len([row for row in await session.exec(select(AmendmentRow)) if row.amended == "Y1"])
            == 8
        )
    undo = page.split(f'action="/reports/{first.id}/undo"')[1].split("</form>")[0]
    await jo.post(f"/reports/{first.id}/undo", [*re.findall(r'name="(\w+)" value="([^"]*)"', undo)])
    assert "15 To code" in visible((await jo.get("/today")).text)


@pytest.mark.fault("H8")
async def test_the_slower_clerk_reads_who_was_quicker(sqlite_db, jo, sam):
    report = await report_of(sqlite_db, "vomiting")
    path = f"/reports/{report.id}/confirm"
    await jo.post(path, {"form_token": await jo.token(), "version": 0})

    other = await sam.post(
        path, {"form_token": await sam.token(), "version": 0, "code": "M", "reason": "I think"}
    )
    same = await sam.post(path, {"form_token": await sam.token(), "version": 0})

    assert other.status == 409
    assert "Maya P : Jo Marsh has already confirmed this as I at 09:30" in visible(other.text)
    assert same.status == 303
    text = visible((await sam.get(same.location)).text)
    assert "Maya P : I Illness · Jo Marsh, 09:30" in text


@pytest.mark.mission("S3-44")
async def test_a_refused_change_keeps_what_was_typed(sqlite_db, jo):
    report = await report_of(sqlite_db, "vomiting")
    token = await jo.token()

    answer = await jo.post(
        f"/reports/{report.id}/confirm", {"form_token": token, "code": "C", "sessions": "AM"}
    )

    assert answer.status == 422
    assert "leave that the school grants" in answer.text
    assert '<option value="C" selected>' in answer.text
    assert '<option value="AM" selected>' in answer.text


async def test_undo_is_offered_for_ten_minutes_and_only_to_who_confirmed(sqlite_db, clock, jo, sam):
    report = await report_of(sqlite_db, "vomiting")
    await jo.post(f"/reports/{report.id}/confirm", {"form_token": await jo.token()})
    shown = f"/today?did={report.id}"

    def offered(page):
        return 'class="undo"' in page.text.split('data-block="list"')[0]

    assert offered(await jo.get(shown))
    assert not offered(await sam.get(shown))
    clock.now += timedelta(minutes=11)
    assert not offered(await jo.get(shown))


async def test_after_a_change_is_taken_back_the_list_names_who_confirmed_what_stands(
    sqlite_db, clock, jo, sam
):
    report = await report_of(sqlite_db, "vomiting")
    path = f"/reports/{report.id}"
    await jo.post(f"{path}/confirm", {"form_token": await jo.token()})
    clock.now += timedelta(minutes=2)
    await sam.post(
        f"{path}/confirm", {"form_token": await sam.token(), "code": "M", "reason": "letter"}
    )
    await sam.post(f"{path}/undo", {"form_token": await sam.token()})

    text = visible((await jo.get("/today?list=done")).text)

    assert "I Illness Jo Marsh, 09:30" in text
    assert "Sam" not in text.split("Maya P", 1)[1].split("Change", 1)[0]


async def test_the_record_of_every_change_stands_on_the_card(sqlite_db, jo):
    report = await report_of(sqlite_db, "vomiting")
    token = await jo.token()
    await jo.post(f"/reports/{report.id}/confirm", {"form_token": token})
    await jo.post(
        f"/reports/{report.id}/confirm",
        {"form_token": token, "code": "M", "reason": "hospital letter"},
    )

    text = visible((await jo.get(f"/reports/{report.id}")).text)

    assert "Tue 12 AM: N to I · parent's report" in text
    assert "I to M · hospital letter Jo Marsh, attendance officer · 12/01/2027 09:30" in text


async def test_a_task_is_done_with_an_outcome(sqlite_db, jo, larkmead):
    path = f"/tasks/{larkmead.tasks[0]}/done"
    token = await jo.token()

    empty = await jo.post(path, {"form_token": token, "outcome": " ", "list": "urgent"})
    done = await jo.post(
        path, {"form_token": token, "outcome": "found in the library", "list": "urgent"}
    )

    assert (empty.status, done.location) == (422, "/today?list=urgent&closed=1")
    async with sqlite_db.read() as session:
        task = await session.get(TaskRow, larkmead.tasks[0])
    assert (task.closed_by, task.outcome) == ("Jo Marsh", "found in the library")
    text = visible((await jo.get("/today?list=urgent")).text)
    assert "Safety" in text, "the escalated report stays until somebody codes it"


async def test_a_page_that_has_not_changed_is_not_sent_again(sqlite_db, jo):
    first = await jo.get("/today")

    same = await jo.get("/today", x_firstday_stamp=first.headers["x-firstday-stamp"])
    async with sqlite_db.work() as session:
        row = await session.get(ReportRow, (await report_of(sqlite_db, "vomiting")).id)
        row.words, row.version = f"{row.words} sorry", row.version + 1
    changed = await jo.get("/today", x_firstday_stamp=first.headers["x-firstday-stamp"])

    assert (same.status, same.text, changed.status) == (204, "", 200)


async def test_a_page_that_has_not_changed_costs_few_questions(sqlite_db, clock, jo):
    stamp = (await jo.get("/today")).headers["x-firstday-stamp"]
    asked = []
    event.listen(
        sqlite_db.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2])
    )

    same = await jo.get("/today", x_firstday_stamp=stamp)

    assert (same.status, len([question for question in asked if "SELECT" in question])) == (204, 3)
    clock.now += timedelta(minutes=1)
    assert (await jo.get("/today", x_firstday_stamp=stamp)).status == 200, "the time is shown"


async def test_every_thing_that_happens_makes_the_page_new(sqlite_db, jo, larkmead):
    async def stamp():
        return (await jo.get("/today?list=waiting")).headers["x-firstday-stamp"]

    async def changed(table, number, **given):
        async with sqlite_db.work() as session:
            row = await session.get(table, number)
            for name, value in given.items():
                setattr(row, name, value)
            session.add(row)

    stamps = [await stamp()]
    for table, number, values in (
        (TaskRow, larkmead.tasks[0], {"closed_at": morning.EIGHT}),
        (ReportRow, larkmead.reports[3], {"status": "cancelled"}),
        (OutboundRow, 1, {"status": "failed"}),
        (MarkRow, 1, {"code": "L"}),
        (SchoolRow, larkmead.id, {"held_until": morning.EIGHT + timedelta(hours=3)}),
    ):
        await changed(table, number, **values)
        stamps.append(await stamp())

    assert len(set(stamps)) == len(stamps)


# Told in person -----------------------------------------------------------------------------------


def told(page, **given):
    """The fields of the form on a child's card, as the page has them."""
    form = page.split('action="/told"')[1].split("</form>")[0]
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    ticked = re.findall(r'type="checkbox" name="(child)" value="(\d+)"', form)
    fields = {}
    for name, value in (*hidden, *ticked):
        fields.setdefault(name, []).append(value)
    return fields | {"words": "his aunt says it is flu", "code": "I"} | given


async def card_of(jo, sqlite_db, first, tab="waiting"):
    async with sqlite_db.read() as session:
        row = next(r for r in await session.exec(select(PupilRow)) if r.first == first)
    return (await jo.get(f"/today?list={tab}&child={row.id}")).text


@pytest.mark.mission("S0-37")
async def test_a_child_nobody_reported_is_coded_from_what_was_said_at_the_desk(sqlite_db, jo):
    page = await card_of(jo, sqlite_db, "Ruby")

    answer = await jo.post("/told", told(page, teller="her aunt"))

    assert answer.status == 303
    assert re.fullmatch(r"/today\?list=waiting&did=\d+(&child=\d+)?", answer.location)
    text = visible((await jo.get(answer.location)).text)
    assert "Ruby S : I Illness" in text
    done = visible((await jo.get(answer.location.replace("waiting", "done"))).text)
    assert "Somebody · told the office 09:30" in done
    number = re.search(r"did=(\d+)", answer.location).group(1)
    card = visible((await jo.get(f"/reports/{number}")).text)
    assert "his aunt says it is flu" in card
    assert "told in person or by phone by her aunt, report" in card


async def test_brothers_and_sisters_are_coded_together_or_one_alone(sqlite_db, jo):
    page = await card_of(jo, sqlite_db, "Max")
    both = told(page)["child"]

    await jo.post("/told", told(page, child=both[:1]))
    await jo.post("/told", told(page, child=both[1:], code="M", words="dentist"))

    async with sqlite_db.read() as session:
        rows = [r for r in await session.exec(select(ReportRow)) if r.channel == "in_person"]
    assert [(str(row.pupil_id), row.codes) for row in rows] == [(both[0], ["I"]), (both[1], ["M"])]


@pytest.mark.parametrize(
    ("given", "says", "status"),
    [
        ({"words": " "}, "Write down what they said", 422),
        ({"code": ""}, "Choose a code", 422),
        ({"code": "C"}, "C is leave that the school grants", 422),
        ({"child": []}, "Tick the child this is about", 422),
        ({"child": ["x", "0"]}, "Tick the child this is about", 422),
    ],
)
async def test_what_is_missing_is_said_and_what_was_typed_stays(sqlite_db, jo, given, says, status):
    page = await card_of(jo, sqlite_db, "Ruby")

    answer = await jo.post("/told", told(page, teller="her aunt") | given)

    assert answer.status == status
    assert says in visible(answer.text)
    assert 'value="her aunt"' in answer.text
    async with sqlite_db.read() as session:
        assert not [r for r in await session.exec(select(ReportRow)) if r.channel == "in_person"]


async def test_the_slower_of_two_who_were_told_the_same_reads_that_it_is_done(sqlite_db, jo, sam):
    mine, theirs = await card_of(jo, sqlite_db, "Ruby"), await card_of(sam, sqlite_db, "Ruby")
    await sam.post("/told", told(theirs, words="flu"))

    answer = await jo.post("/told", told(mine))

    assert answer.status == 409
    assert "Somebody has reported this child meanwhile" in visible(answer.text)


@pytest.mark.parametrize("row", ["r", "rx", "p", "p9" * 9, "", "t-1", "\0"])
async def test_a_row_that_is_none_does_no_harm(sqlite_db, jo, row):
    page = await card_of(jo, sqlite_db, "Ruby")

    answer = await jo.post("/told", told(page, row=row, words=""))

    assert answer.status == 422


@pytest.mark.fault("H4")
async def test_nobody_can_be_told_about_another_schools_child(sqlite_db, jo, elsewhere):
    page = await card_of(jo, sqlite_db, "Ruby")

    answer = await jo.post("/told", told(page, child=[elsewhere.pupils[0]]))

    assert answer.status == 404
    async with sqlite_db.read() as session:
        assert not [r for r in await session.exec(select(ReportRow)) if r.channel == "in_person"]


@pytest.mark.fault("H13")
async def test_addresses_hold_ids_and_nothing_else(jo, larkmead):
    pages = [
        (await jo.get(f"/today?list={tab}")).text for tab in ("to-code", "done", "waiting", "tasks")
    ]

    for link in re.findall(r'(?:href|action)="(/[^"]*)"', " ".join(pages)):
        assert re.fullmatch(
            r"/(sign-out|told|static/\w+/[\w.]+|(today|reports/\d+/\w+|tasks/\d+/done)(\?[\w=&;.-]*)?(#[\w-]+)?)",
            html.unescape(link),
        ), link


async def test_static_files_are_ours_and_nothing_outside_the_folder_is_served(visitor):
    page = (await visitor.get("/sign-in")).text
    style = re.search(r'href="(/static/[^"]*paper.css)"', page).group(1)

    kept = await visitor.get(style)
    assert (kept.status, kept.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in kept.headers["cache-control"]
    for name in ("..%2fsite.py", "site.py", "%2e%2e"):
        assert (await visitor.get(f"/static/old/{name}")).status == 404


# Words from outside -------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, tuple(name for name, _ in attributes)))


@pytest.mark.fault("H6")
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example("</q><script>alert(1)</script>")
@example('" onmouseover="alert(1)')
@example("{{ 7*7 }}<img src=x onerror=alert(1)>")
@given(
    words=st.text(
        st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=80
    )
)
async def test_words_and_names_from_outside_never_become_markup(sqlite_db, jo, larkmead, words):
    async def tags():
        reader = Tags()
        reader.feed((await jo.get("/today")).text)
        return reader.found

    async def tags_of(text):
        async with sqlite_db.work() as session:
            row = await session.get(ReportRow, larkmead.reports[4])
            row.words, row.evidence = text, []
            pupil = await session.get(PupilRow, row.pupil_id)
            pupil.first = text
        return await tags()

    assert await tags_of(words) == await tags_of("plain")


@given(
    st.text(max_size=40),
    st.lists(st.tuples(st.integers(-3, 45), st.integers(-3, 45), st.just("code")), max_size=6),
)
def test_evidence_cuts_words_without_changing_them(words, evidence):
    cut = pieces(words, evidence)

    assert "".join(piece.text for piece in cut) == words
    marked = {
        n for start, end, _ in evidence if 0 <= start < end <= len(words) for n in range(start, end)
    }
    assert sum(len(piece.text) for piece in cut if piece.marked) == len(marked)


@pytest.mark.parametrize(
    ("covered", "says"),
    [
        (["2027-01-12"], "today"),
        (["2027-01-11"], "yesterday"),
        (["2027-01-12", "2027-01-13"], "today and tomorrow"),
        (["2027-01-20"], "Wed 20 January"),
        (["2027-01-12", "2027-01-13", "2027-01-14"], "today to Thu 14 January, 3 school days"),
        (
            ["2027-01-28", "2027-01-29", "2027-02-01"],
            "Thu 28 January to Mon 1 February, 3 school days",
        ),
        ([], "today"),
    ],
)
def test_days_read_as_somebody_would_say_them(covered, says):
    assert days(covered, morning.TODAY) == says
