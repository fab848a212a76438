"""The fence and what follows from the end of a call, with a sender that does as it is told."""

import asyncio
from datetime import timedelta

import pytest

from actions.inbound import Receipt
from actions.receive_receipt import receive
from notifier.deliver import Delivery
from notifier.sender import Found, Outcome, Result
from school.people import Channel
from store.outbox import AttemptRow, OutboundRow, Status
from tests import conversation_kit as kit
from tests import larkmead
from tests.larkmead import at, text

GWEN, SAM = (larkmead.CONTACTS[k][1] for k in ("gwen", "sam"))


class Scripted:
    """A sender that answers as scripted and remembers every call."""

    channel = Channel.SMS
    at_once = 50

    def __init__(self, *results, found=(Found.NO, None)):
        self.results = list(results)
        self.found = found
        self.calls = []

    async def send(self, parcel):
        self.calls.append(parcel)
        if not self.results:
            return Result(Outcome.ACCEPTED, f"SM{parcel.outbound_id:032d}")
        result = self.results.pop(0)
        if isinstance(result, BaseException):
            raise result
        return result

    async def find(self, parcel):
        return self.found

    async def close(self):
        return None


def delivery(db, sender):
    return Delivery(db, {Channel.SMS: sender}, kit.LANGUAGES)


@pytest.fixture
async def asked(db, policy_text):
    """Amy's mother is about to be asked."""
    school = await larkmead.found(db, policy_text)
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 20))
    return school


async def only_message(db) -> OutboundRow:
    (row,) = await kit.rows(db, OutboundRow)
    return row


async def test_an_accepted_message_is_sent_once_and_never_again(db, asked):
    sender = Scripted()
    post = delivery(db, sender)
    assert await post.deliver_due(at(9, 20)) == 1
    assert await post.deliver_due(at(9, 21)) == 0
    assert len(sender.calls) == 1
    row = await only_message(db)
    assert (row.status, row.provider_id) == (Status.ACCEPTED, f"SM{row.id:032d}")
    assert row.body == sender.calls[0].body


async def test_a_batch_of_several_messages_is_recorded_each_with_its_own_end(db, policy_text):
    school = await larkmead.found(db, policy_text)
    await larkmead.register(db, school, {"Amy": "N", "Zosia": "N", "Idris": "N"})
    await kit.run(db, school.school, at(9, 20))
    sender = Scripted(Result(Outcome.ACCEPTED, "SM1"), Result(Outcome.UNKNOWN, code="timeout"))
    assert await delivery(db, sender).deliver_due(at(9, 20)) == 2
    statuses = {r.address: r.status for r in await kit.rows(db, OutboundRow)}
    assert sorted(statuses.values()) == [Status.ACCEPTED, Status.RECONCILING]


@pytest.mark.fault("B3", "B4")
async def test_a_call_whose_process_died_is_asked_about_and_not_made_again(db, asked):
    dying = Scripted(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await delivery(db, dying).deliver_due(at(9, 20))
    assert (await only_message(db)).status == Status.SENDING
    after = Scripted(found=(Found.YES, "SM1"))
    post = delivery(db, after)
    assert await post.deliver_due(at(9, 23)) == 0
    assert await post.ask_about_unknown(at(9, 23)) == 1
    assert after.calls == []
    assert (await only_message(db)).status == Status.ACCEPTED


@pytest.mark.fault("A3", "A5")
async def test_an_unknown_end_that_the_provider_proves_absent_leads_to_one_new_attempt(db, asked):
    sender = Scripted(Result(Outcome.UNKNOWN, code="timeout"))
    post = delivery(db, sender)
    await post.deliver_due(at(9, 20))
    for minute in (21, 22, 26, 31):
        assert await post.deliver_due(at(9, minute)) == 0
        await post.ask_about_unknown(at(9, minute))
    await post.deliver_due(at(9, 32))
    assert len(sender.calls) == 2
    assert (await only_message(db)).status == Status.ACCEPTED
    first, second = await kit.rows(db, AttemptRow)
    assert (first.outcome, second.outcome) == ("not sent", "accepted")


async def test_what_nobody_can_know_is_put_before_staff(db, asked):
    sender = Scripted(Result(Outcome.UNKNOWN), found=(Found.CANNOT_TELL, None))
    post = delivery(db, sender)
    await post.deliver_due(at(9, 20))
    for minute in (21, 22, 26, 31, 40):
        await post.ask_about_unknown(at(9, minute))
    assert len(sender.calls) == 1
    assert (await only_message(db)).status == Status.UNCERTAIN
    assert [t.kind for t in await kit.tasks(db)] == ["uncertain"]


@pytest.mark.feature("F10", "F62")
async def test_a_dead_number_is_retired_and_the_next_contact_is_asked_at_once(db, asked):
    sender = Scripted(Result(Outcome.PERMANENT, code="21614"))
    post = delivery(db, sender)
    await post.deliver_due(at(9, 20))
    await post.deliver_due(at(9, 20))
    assert [c.address for c in sender.calls] == [GWEN, SAM]
    assert "undelivered" in [t.kind for t in await kit.tasks(db)]


@pytest.mark.fault("A13")
async def test_an_undelivered_receipt_asks_the_next_contact_at_once(db, asked):
    post = delivery(db, Scripted())
    await post.deliver_due(at(9, 20))
    sent = await only_message(db)
    await receive(db, Receipt(sent.provider_id, "undelivered", "30005"), at(9, 22), kit.LANGUAGES)
    assert len(await kit.owed(db, SAM)) == 1


@pytest.mark.fault("D8")
async def test_a_receipt_moves_a_message_up_and_never_down(db, asked):
    post = delivery(db, Scripted())
    await post.deliver_due(at(9, 20))
    sent = await only_message(db)
    for status in ("delivered", "sent", "no-such-status", "delivered"):
        await receive(db, Receipt(sent.provider_id, status), at(9, 22), kit.LANGUAGES)
    assert (await only_message(db)).status == Status.DELIVERED


@pytest.mark.fault("D9")
async def test_a_receipt_that_comes_before_our_own_record_settles_the_call(db, asked):
    class Early(Scripted):
        async def send(self, parcel):
            await receive(
                db, Receipt("SM9", "delivered", "", parcel.attempt_id), at(9, 20), ("en",)
            )
            return Result(Outcome.UNKNOWN, code="the answer was lost")

    post = delivery(db, Early())
    await post.deliver_due(at(9, 20))
    row = await only_message(db)
    assert (row.status, row.provider_id) == (Status.DELIVERED, "SM9")
    assert await post.ask_about_unknown(at(9, 30)) == 0


@pytest.mark.fault("A9")
async def test_a_refused_account_stops_the_channel_and_keeps_the_messages(db, asked):
    sender = Scripted(Result(Outcome.ACCOUNT, code="20003"))
    post = delivery(db, sender)
    await post.deliver_due(at(9, 20))
    assert await post.deliver_due(at(9, 20) + timedelta(seconds=30)) == 0
    assert (await only_message(db)).status == Status.QUEUED
    await post.deliver_due(at(9, 22))
    assert (await only_message(db)).status == Status.ACCEPTED


@pytest.mark.fault("A6")
async def test_too_fast_waits_as_long_as_it_is_told(db, asked):
    sender = Scripted(Result(Outcome.THROTTLED, wait=90))
    post = delivery(db, sender)
    await post.deliver_due(at(9, 20))
    assert await post.deliver_due(at(9, 21)) == 0
    assert await post.deliver_due(at(9, 22)) == 1
    assert len(sender.calls) == 2


@pytest.mark.feature("F3")
async def test_an_answer_a_second_before_the_send_stops_it(db, asked):
    await kit.say(db, text(GWEN, "Amy has an ear infection"), at(9, 20))
    sender = Scripted()
    post = delivery(db, sender)
    await post.deliver_due(at(9, 20))
    assert ["is not in school" in c.body for c in sender.calls] == [False]
    statuses = [r.status for r in await kit.rows(db, OutboundRow)]
    assert statuses == [Status.CANCELLED, Status.ACCEPTED]


@pytest.mark.feature("F3")
async def test_an_unread_message_of_a_contact_holds_the_send_for_a_while(db, asked):
    from actions import hear

    unread = await hear.keep(db, text(SAM, "…"), at(9, 20))
    sender = Scripted()
    post = delivery(db, sender)
    await post.deliver_due(at(9, 20))
    assert sender.calls == []
    assert unread is not None
    for minute in range(21, 27):
        await post.deliver_due(at(9, minute))
    assert len(sender.calls) == 1


async def test_one_of_two_siblings_is_explained_and_only_the_other_is_asked_about(db, policy_text):
    school = await larkmead.found(db, policy_text)
    await larkmead.register(db, school, {"Amy": "N", "Ben": "N"})
    await kit.run(db, school.school, at(9, 20))
    await kit.say(db, text(GWEN, "Ben has an ear infection"), at(9, 20))
    sender = Scripted()
    await delivery(db, sender).deliver_due(at(9, 20))
    (alert,) = [c.body for c in sender.calls if "not in school" in c.body]
    assert "Amy is not in school" in alert
    assert "Ben" not in alert


@pytest.mark.fault("I9")
async def test_a_no_contact_order_after_queueing_stops_the_send(db, asked):
    from store.contacts import PupilContactRow

    async with db.work() as session:
        link = await session.get_one(PupilContactRow, 1)
        link.no_contact = True
        session.add(link)
    sender = Scripted()
    await delivery(db, sender).deliver_due(at(9, 20))
    assert sender.calls == []


@pytest.mark.fault("A12")
async def test_a_message_that_is_too_late_to_be_of_use_expires(db, asked):
    sender = Scripted()
    await delivery(db, sender).deliver_due(at(11, 21))
    assert sender.calls == []
    assert (await only_message(db)).status == Status.EXPIRED


async def test_two_workers_at_once_send_one_message_once(db, asked):
    sender = Scripted()
    await asyncio.gather(*(delivery(db, sender).deliver_due(at(9, 20)) for _ in range(5)))
    assert len(sender.calls) == 1
