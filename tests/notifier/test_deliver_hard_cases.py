"""Delivery where it is hardest: two workers, late answers, what cannot be written or read."""

import asyncio
from datetime import timedelta

import pytest

from actions import link_telegram
from actions.inbound import Receipt
from actions.receive_receipt import receive
from actions.still_needed import judge
from actions.unsure import put_before_staff
from notifier import deliver as deliver_file
from notifier import render as render_file
from notifier.deliver import Delivery
from notifier.sender import Found, Outcome, Result
from notifier.twilio_codes import at_call
from school.people import Channel
from store import inbox, suppressions
from store.contacts import ContactRow, PupilContactRow
from store.inbox import InboxRow
from store.outbox import AttemptRow, OutboundRow, Status, Urgency
from store.schools import SchoolRow
from store.suppressions import SuppressionRow
from tests import conversation_kit as kit
from tests import larkmead
from tests.larkmead import at, mail, telegram, text

GWEN, SAM = (larkmead.CONTACTS[k][1] for k in ("gwen", "sam"))
ROB, NINA = larkmead.CONTACTS["rob"][2], larkmead.CONTACTS["nina"][3]
LEAD = "+447700900190"


class Post:
    """A sender that answers as scripted; a gate holds its calls or its questions."""

    at_once = 50

    def __init__(self, *results, found=(Found.NO, None), channel=Channel.SMS):
        self.channel = channel
        self.results = list(results)
        self.found = found
        self.calls = []
        self.calling, self.finding = asyncio.Event(), asyncio.Event()
        self.call_gate, self.find_gate = asyncio.Event(), asyncio.Event()
        self.call_gate.set()
        self.find_gate.set()

    async def send(self, parcel):
        self.calls.append(parcel)
        self.calling.set()
        result = self.results.pop(0) if self.results else None
        await self.call_gate.wait()
        return result or Result(Outcome.ACCEPTED, f"SM{parcel.attempt_id:032d}")

    async def find(self, parcel):
        self.finding.set()
        found = self.found
        await self.find_gate.wait()
        return found

    async def close(self):
        return None


def delivery(db, *posts):
    return Delivery(db, {post.channel: post for post in posts}, kit.LANGUAGES)


@pytest.fixture
async def school(db, policy_text):
    return await larkmead.found(db, policy_text)


@pytest.fixture
async def asked(db, school):
    """Amy's mother is about to be asked."""
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 20))
    return school


async def change(db, table, key, **values):
    async with db.work() as session:
        row = await session.get_one(table, key)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


async def only_message(db) -> OutboundRow:
    (row,) = await kit.rows(db, OutboundRow)
    return row


async def ends(db, now):
    """What becomes of every message if it were judged now, with the reason."""
    rows = await kit.rows(db, OutboundRow)
    async with db.work() as session:
        judged = await judge(session, rows, now)
    return [(status, why) for _, status, why in judged.end], judged


async def last_question(db):
    """A message whose call ended unknown, and which is asked about for the last time at 9:30."""
    row = await only_message(db)
    await change(db, OutboundRow, row.key, status=Status.RECONCILING, tries=1, body="x")
    async with db.work() as session:
        session.add(
            AttemptRow(
                school_id=row.school_id, outbound_id=row.key, n=1, call_started_at=at(9, 20),
                checks=3, next_check=at(9, 30),
            )
        )  # fmt: skip


@pytest.mark.fault("B3")
async def test_a_question_is_taken_by_one_worker_only(db, asked):
    await last_question(db)
    slow, quick = Post(), Post()
    slow.find_gate.clear()
    waiting = asyncio.create_task(delivery(db, slow).ask_about_unknown(at(9, 31)))
    await slow.finding.wait()
    assert await delivery(db, quick).ask_about_unknown(at(9, 31)) == 0
    slow.find_gate.set()
    assert await waiting == 1
    assert (await only_message(db)).status == Status.QUEUED


@pytest.mark.fault("B3")
async def test_an_answer_about_an_ended_attempt_does_not_touch_the_next_attempt(db, asked):
    await last_question(db)
    slow, quick = Post(), Post()
    first, second = delivery(db, slow), delivery(db, quick)
    slow.find_gate.clear()
    waiting = asyncio.create_task(first.ask_about_unknown(at(9, 31)))
    await slow.finding.wait()
    assert await second.ask_about_unknown(at(9, 33)) == 1
    quick.call_gate.clear()
    sending = asyncio.create_task(second.deliver_due(at(9, 33)))
    await quick.calling.wait()
    slow.find_gate.set()
    await waiting
    assert (await only_message(db)).status == Status.SENDING
    quick.call_gate.set()
    await sending
    await first.deliver_due(at(9, 34))
    assert (len(quick.calls), len(slow.calls)) == (1, 0)
    assert (await only_message(db)).status == Status.ACCEPTED


async def test_a_late_accepted_keeps_a_queued_message_from_going_again(db, asked):
    slow, other = Post(), Post()
    slow.call_gate.clear()
    sending = asyncio.create_task(delivery(db, slow).deliver_due(at(9, 20)))
    await slow.calling.wait()
    for minute in (23, 25, 30, 36):
        await delivery(db, other).ask_about_unknown(at(9, minute))
    assert (await only_message(db)).status == Status.QUEUED
    slow.call_gate.set()
    await sending
    row = await only_message(db)
    assert (row.status, row.provider_id) == (Status.ACCEPTED, f"SM{1:032d}")
    await delivery(db, other).deliver_due(at(9, 37))
    assert other.calls == []


async def test_a_late_accepted_leaves_a_later_attempt_alone(db, asked):
    slow, other = Post(), Post()
    slow.call_gate.clear()
    other.call_gate.clear()
    sending = asyncio.create_task(delivery(db, slow).deliver_due(at(9, 20)))
    await slow.calling.wait()
    for minute in (23, 25, 30, 36):
        await delivery(db, other).ask_about_unknown(at(9, minute))
    again = asyncio.create_task(delivery(db, other).deliver_due(at(9, 37)))
    await other.calling.wait()
    slow.call_gate.set()
    await sending
    assert (await only_message(db)).status == Status.SENDING
    other.call_gate.set()
    await again
    assert (await only_message(db)).provider_id == f"SM{2:032d}"


async def test_a_call_that_a_worthless_receipt_has_ended_is_still_recorded(db, asked):
    class Early(Post):
        async def send(self, parcel):
            receipt = Receipt("SM9", "sending", "", parcel.attempt_id)
            await receive(db, receipt, at(9, 20), kit.LANGUAGES)
            return Result(Outcome.ACCEPTED, "SM9")

    await delivery(db, Early()).deliver_due(at(9, 20))
    row = await only_message(db)
    assert (row.status, row.provider_id) == (Status.ACCEPTED, "SM9")


async def test_a_refusal_that_comes_too_late_raises_nothing(db, asked):
    slow, other = Post(Result(Outcome.PERMANENT, code="21614")), Post()
    slow.call_gate.clear()
    sending = asyncio.create_task(delivery(db, slow).deliver_due(at(9, 20)))
    await slow.calling.wait()
    other.found = (Found.YES, "SM9")
    await delivery(db, other).ask_about_unknown(at(9, 23))
    slow.call_gate.set()
    await sending
    assert (await only_message(db)).status == Status.ACCEPTED
    assert await kit.rows(db, SuppressionRow) == []
    assert await kit.tasks(db) == []


async def test_an_unknown_end_is_asked_about_after_20_60_300_and_600_seconds(db, asked):
    post = delivery(db, Post(Result(Outcome.UNKNOWN, code="timeout")))
    await post.deliver_due(at(9, 20))
    when = [
        seconds
        for seconds in range(0, 700, 5)
        if await post.ask_about_unknown(at(9, 20) + timedelta(seconds=seconds))
    ]
    assert when == [20, 60, 300, 600]
    assert (await only_message(db)).status == Status.QUEUED


async def test_an_alert_to_an_address_that_has_changed_does_not_go(db, asked):
    await change(db, ContactRow, asked.contacts["gwen"], phone="+447700900555")
    found, _ = await ends(db, at(9, 25))
    assert found == [(Status.CANCELLED, "the address has changed")]


@pytest.mark.fault("I9")
async def test_the_reason_for_a_forbidden_contact_is_not_that_somebody_told_us(db, asked):
    await change(db, PupilContactRow, 1, no_contact=True)
    found, _ = await ends(db, at(9, 25))
    assert found == [(Status.CANCELLED, "contact is not allowed any more")]


@pytest.mark.fault("I9")
async def test_an_answer_about_a_child_that_the_contact_may_not_hear_of_is_cancelled(db, school):
    await kit.say(db, text(GWEN, "Amy has a temperature of 39"), at(8, 40))
    found, judged = await ends(db, at(8, 41))
    assert (found, len(judged.send)) == ([], 1)
    for link in await kit.rows(db, PupilContactRow):
        if (link.contact_id, link.pupil_id) == (school.contacts["gwen"], school.pupils["Amy"]):
            await change(db, PupilContactRow, link.id, no_contact=True)
    found, judged = await ends(db, at(8, 41))
    assert found == [(Status.CANCELLED, "contact is not allowed any more")]


async def test_joining_a_chat_lifts_what_an_earlier_failure_said_of_it(db, school):
    async with db.work() as session:
        nina = await session.get_one(ContactRow, school.contacts["nina"])
        nina.telegram = None
        session.add(nina)
        for address, reason in ((NINA, "does not work"), ("7", "wrong number")):
            await suppressions.stop(
                session, school_id=school.school, channel="telegram", address=address,
                reason=reason, now=at(7),
            )  # fmt: skip
        payload = await link_telegram.make_link(session, nina, at(7))
    await kit.say(db, telegram(NINA, "/start", start=payload), at(8))
    assert [row.address for row in await kit.rows(db, SuppressionRow)] == ["7"]


@pytest.mark.parametrize("reason", ["opted out", "does not work"])
async def test_start_lifts_what_was_stopped_but_never_a_wrong_number(db, school, reason):
    async with db.work() as session:
        for address, why in ((GWEN, reason), (SAM, "wrong number")):
            await suppressions.stop(
                session, school_id=school.school, channel="sms", address=address, reason=why,
                now=at(7),
            )  # fmt: skip
    for sender in (GWEN, SAM):
        await kit.say(db, text(sender, "START"), at(8))
    assert [row.reason for row in await kit.rows(db, SuppressionRow)] == ["wrong number"]


async def test_a_number_that_texted_stop_is_stored_as_opted_out(db, asked):
    await delivery(db, Post(Result(Outcome.PERMANENT, code="21610"))).deliver_due(at(9, 20))
    assert [row.reason for row in await kit.rows(db, SuppressionRow)] == ["opted out"]


@pytest.mark.parametrize(("reason", "goes"), [("opted out", True), ("does not work", False)])
async def test_an_alarm_to_staff_passes_an_opt_out_only(db, school, reason, goes):
    async with db.work() as session:
        await suppressions.stop(
            session, school_id=school.school, channel="sms", address=LEAD, reason=reason, now=at(7)
        )
        session.add(
            OutboundRow(
                school_id=school.school, channel="sms", address=LEAD, urgency=Urgency.STAFF,
                dedupe_key="alarm", sentence="staff_attention", words={"school": "Larkmead"},
                not_before=at(8), expires_at=at(12), created_at=at(8),
            )
        )  # fmt: skip
    _, judged = await ends(db, at(8, 1))
    assert bool(judged.send) is goes


async def test_a_policy_that_cannot_be_read_holds_the_alerts_of_its_school_only(
    db, policy_text, caplog
):
    sick = await larkmead.found(db, policy_text, slug="sick")
    await larkmead.register(db, sick, {"Amy": "N"})
    await kit.run(db, sick.school, at(9, 20))
    await change(db, SchoolRow, sick.school, policy="no_such_key = 1", sms_number=None)
    async with db.work() as session:
        healthy = SchoolRow(
            slug="healthy", name="Healthy", office_phone="01632 960124", policy=policy_text,
            created_at=at(7),
        )  # fmt: skip
        session.add(healthy)
        await session.flush()
        session.add(
            OutboundRow(
                school_id=healthy.key, channel="sms", address="+447700900999",
                urgency=Urgency.CONVERSATION, dedupe_key="other", sentence="staff_attention",
                words={"school": "Healthy"}, not_before=at(9), expires_at=at(12), created_at=at(9),
            )
        )  # fmt: skip
    post = Post()
    assert await delivery(db, post).deliver_due(at(9, 21)) == 2
    assert [call.address for call in post.calls] == ["+447700900999"]
    held, _ = await kit.rows(db, OutboundRow)
    assert (held.status, held.not_before) == (Status.QUEUED, at(9, 21) + timedelta(seconds=20))
    assert f"the policy of school {sick.school} cannot be read" in caplog.text
    await change(db, SchoolRow, sick.school, policy=policy_text)
    await delivery(db, post).deliver_due(at(9, 22))
    assert post.calls[-1].address == GWEN


async def test_a_subject_whose_translation_does_not_fit_is_written_in_english(
    db, school, monkeypatch
):
    monkeypatch.setattr(render_file, "translate", lambda *_: "{szkola}: dzisiaj")
    await change(db, ContactRow, school.contacts["rob"], language="pl")
    await kit.say(db, mail(ROB, "Tom has a temperature of 39"), at(8))
    post = Post(channel=Channel.EMAIL)
    await delivery(db, post).deliver_due(at(8, 1))
    assert [call.subject for call in post.calls] == ["Larkmead Primary: about today"]


async def test_a_message_that_cannot_be_packed_fails_alone(db, school, monkeypatch):
    def spoilt(words, language):
        raise TypeError

    monkeypatch.setattr(deliver_file, "subject", spoilt)
    await kit.say(db, mail(ROB, "Tom has a temperature of 39"), at(8))
    await kit.say(db, text(GWEN, "Amy has a temperature of 39"), at(8))
    letters, texts = Post(channel=Channel.EMAIL), Post()
    assert await delivery(db, letters, texts).deliver_due(at(8, 1)) == 2
    assert (len(letters.calls), len(texts.calls)) == (0, 1)
    letter, sent = await kit.rows(db, OutboundRow)
    assert (letter.status, letter.trouble) == (Status.QUEUED, "could not be written")
    assert sent.status == Status.ACCEPTED


async def test_a_question_that_cannot_be_packed_spoils_no_other_question(db, school, monkeypatch):
    lost = [Result(Outcome.UNKNOWN)]
    letters, texts = Post(*lost, channel=Channel.EMAIL), Post(*lost, found=(Found.YES, "SM9"))
    await kit.say(db, mail(ROB, "Tom has a temperature of 39"), at(8))
    await kit.say(db, text(GWEN, "Amy has a temperature of 39"), at(8))
    post = delivery(db, letters, texts)
    await post.deliver_due(at(8, 1))

    def spoilt(words, language):
        raise KeyError

    monkeypatch.setattr(deliver_file, "subject", spoilt)
    assert await post.ask_about_unknown(at(8, 2)) == 2
    assert not letters.finding.is_set()
    assert (await kit.rows(db, OutboundRow))[1].status == Status.ACCEPTED


async def test_one_region_that_is_not_enabled_leaves_the_channel_running(db, school):
    assert at_call(400, 21408) is Outcome.PERMANENT
    await larkmead.register(db, school, {"Amy": "N", "Zosia": "N"})
    await kit.run(db, school.school, at(9, 20))
    post = delivery(db, Post(Result(at_call(400, 21408), code="21408")))
    assert await post.deliver_due(at(9, 20)) == 2
    assert not post.breaker.is_open(Channel.SMS, at(9, 20))
    statuses = {row.status for row in await kit.rows(db, OutboundRow)}
    assert {Status.FAILED, Status.ACCEPTED} <= statuses


@pytest.mark.parametrize(("status", "outcome"), [("delivered", "it arrived"), ("sent", "")])
async def test_a_late_receipt_closes_the_task_of_an_uncertain_message(db, asked, status, outcome):
    row = await only_message(db)
    await change(db, OutboundRow, row.key, status=Status.UNCERTAIN, provider_id="SM9")
    async with db.work() as session:
        await put_before_staff(session, row, at(9, 31))
    await receive(db, Receipt("SM9", status), at(9, 40), kit.LANGUAGES)
    (task,) = await kit.tasks(db)
    assert (task.outcome, task.closed_at is not None) == (outcome, bool(outcome))


async def test_a_dead_letter_holds_nothing(db, asked):
    async with db.work() as session:
        session.add(
            InboxRow(
                channel="sms", account="AC1", provider_id="SM0", sender=GWEN,
                addressed_to=larkmead.NUMBER, text="…", received_at=at(9), tries=inbox.MAX_TRIES,
            )
        )  # fmt: skip
    post = Post()
    await delivery(db, post).deliver_due(at(9, 20))
    assert len(post.calls) == 1


@pytest.mark.fault("A12")
async def test_a_question_on_a_channel_that_is_not_set_up_ends_with_somebody_ringing(db, asked):
    letters = Post(channel=Channel.EMAIL)
    assert await delivery(db, letters).deliver_due(at(9, 21)) == 0
    assert (await only_message(db)).status == Status.QUEUED
    assert await delivery(db, letters).deliver_due(at(11, 21)) == 1
    assert (await only_message(db)).status == Status.EXPIRED
    (task,) = await kit.tasks(db)
    assert (task.kind, task.pupil_id) == ("call", asked.pupils["Amy"])


async def test_nobody_has_to_ring_about_a_child_whose_absence_was_told(db, asked):
    await kit.say(db, text(SAM, "Amy has a temperature of 39"), at(9, 21))
    await delivery(db, Post(channel=Channel.EMAIL)).deliver_due(at(11, 21))
    assert (await kit.rows(db, OutboundRow))[0].status == Status.EXPIRED
    assert [task.kind for task in await kit.tasks(db)] == []
