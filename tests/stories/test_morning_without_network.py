"""The morning of Tuesday 12 January 2027 at Larkmead, up to what stands in the outbox."""

import pytest

from conversations.effects import Act
from tests import conversation_kit as kit
from tests import larkmead
from tests.larkmead import at, mail, telegram, text

GWEN, SAM, EWA, ROB, NINA = (larkmead.CONTACTS[k] for k in ("gwen", "sam", "ewa", "rob", "nina"))


@pytest.fixture
async def school(db, policy_text):
    return await larkmead.found(db, policy_text)


@pytest.mark.mission("S3-12")
@pytest.mark.feature("F26")
async def test_one_message_asks_a_parent_about_both_absent_siblings(db, school):
    await larkmead.register(db, school, {"Amy": "N", "Ben": "N"})
    result = await kit.run(db, school.school, at(9, 20))
    assert result.messages == 1
    (asked,) = await kit.owed(db, GWEN[1])
    assert asked == (
        "Larkmead Primary: Amy and Ben are not in school today. Please text us why, "
        'for example "both sick in the night". Office 01632 960123'
    )
    assert await kit.owed(db, SAM[1]) == []


@pytest.mark.feature("F2")
async def test_a_class_whose_register_is_missing_is_held_and_asked_about_later(db, school):
    await larkmead.register(db, school, {"Amy": "N", "Leo": "N"}, missing="5A")
    first = await kit.run(db, school.school, at(9, 20))
    assert (first.messages, first.held) == (1, ("5A",))
    again = await kit.run(db, school.school, at(9, 21))
    assert (again.classes, again.messages) == (0, 0)


@pytest.mark.mission("S3-05")
async def test_throat_infection_is_taken_at_once_and_read_back_in_one_line(db, school):
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 20))
    turn = await kit.say(db, text(GWEN[1], "throat infection"), at(9, 24))
    assert turn.did == (Act.CONFIRM,)
    (report,) = await kit.reports(db)
    assert (report.status, report.codes[0], report.detailed) == (
        "awaiting_staff_confirmation",
        "I",
        True,
    )
    assert (await kit.owed(db, GWEN[1]))[-1].startswith(
        'Thank you. Amy: "throat infection", off today. The school decides how it is recorded.'
    )


@pytest.mark.mission("S3-07", "S3-09")
async def test_poorly_is_asked_about_twice_in_other_words_and_then_a_person_rings(db, school):
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 20))
    did = [
        (await kit.say(db, text(GWEN[1], words), at(9, 22 + n))).did
        for n, words in enumerate(["poorly", "just not well", "shes unwell"])
    ]
    assert did == [(Act.ASK_DETAIL,), (Act.ASK_DETAIL,), (Act.HANDOVER,)]
    _, first, second, last = await kit.owed(db, GWEN[1])
    assert first != second
    assert "school office" in last
    (report,) = await kit.reports(db)
    assert report.status == "reason_insufficient"
    assert report.words == "poorly\njust not well\nshes unwell"
    assert [t.kind for t in await kit.tasks(db)] == ["call"]


async def test_a_polish_mother_is_asked_and_answered_in_polish(db, school):
    await larkmead.register(db, school, {"Zosia": "N"})
    await kit.run(db, school.school, at(9, 20))
    await kit.say(db, text(EWA[1], "Zosia ma gorączkę 39"), at(9, 25))
    asked, answered = await kit.owed(db, EWA[1])
    assert "Zosia" in asked
    assert "nieobecność" in asked
    assert "gorączkę 39" in answered
    assert "Dziękujemy" in answered


@pytest.mark.fault("D16")
async def test_an_unknown_number_learns_nothing_and_is_answered_once(db, school):
    await larkmead.register(db, school, {"Amy": "N"})
    for minute in (5, 6):
        await kit.say(db, text("+447700900666", "Amy is poorly"), at(9, minute))
    (answer,) = await kit.owed(db, "+447700900666")
    assert "Amy" not in answer
    assert await kit.reports(db) == []
    assert [t.kind for t in await kit.tasks(db)] == ["unknown_sender"]


@pytest.mark.mission("S3-48")
async def test_safety_words_reach_a_person_by_two_ways_and_nothing_is_asked(db, school):
    turn = await kit.say(db, text(GWEN[1], "Amy poorly, mums boyfriend hit her"), at(8, 40))
    assert turn.did == (Act.ESCALATE,)
    assert {t.kind for t in await kit.tasks(db)} == {"safeguarding"}
    alarms = [t for t in await kit.owed(db) if "attention" in t]
    assert len(alarms) == 2
    assert all("Amy" not in words and "Okafor" not in words for words in alarms)
    (answer,) = await kit.owed(db, GWEN[1])
    assert "?" not in answer


@pytest.mark.feature("F45")
async def test_i_dropped_him_off_is_an_alarm_and_the_parent_is_told_somebody_will_ring(db, school):
    await larkmead.register(db, school, {"Tom": "N"})
    await kit.run(db, school.school, at(9, 20))
    turn = await kit.say(db, mail(ROB[2], "But I dropped him off at 8.40?!"), at(9, 23))
    assert turn.did[0] in {Act.ESCALATE, Act.CHECK_REGISTER}
    assert (await kit.tasks(db))[0].kind in {"safeguarding", "check_register"}


async def test_the_same_text_from_the_provider_twice_has_one_effect(db, school):
    message = text(GWEN[1], "Amy has a temperature")
    assert await kit.say(db, message, at(8, 0)) is not None
    assert await kit.say(db, message, at(8, 1)) is None
    assert len(await kit.reports(db)) == 1


@pytest.mark.mission("S0-05")
async def test_a_child_reported_before_the_run_is_not_asked_about(db, school):
    await kit.say(db, text(GWEN[1], "Amy has been sick twice in the night"), at(7, 50))
    await larkmead.register(db, school, {"Amy": "N", "Tom": "N"})
    result = await kit.run(db, school.school, at(9, 20))
    assert result.messages == 1
    assert all("is not in school" not in t for t in await kit.owed(db, GWEN[1]))


async def test_a_parent_of_two_is_asked_which_child_and_the_name_completes_it(db, school):
    asked = await kit.say(db, text(GWEN[1], "been sick in the night"), at(7, 50))
    assert asked.did == (Act.ASK_WHICH_CHILD,)
    named = await kit.say(db, text(GWEN[1], "Ben"), at(7, 52))
    assert named.did == (Act.CONFIRM,)
    (report,) = await kit.reports(db)
    assert report.pupil_id == school.pupils["Ben"]
    assert report.words == "been sick in the night\nBen"


async def test_silence_asks_the_next_contact_and_then_somebody_rings(db, school):
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 20))
    await kit.quiet(db, at(9, 41))
    assert len(await kit.owed(db, SAM[1])) == 1
    await kit.quiet(db, at(10, 2))
    assert [t.kind for t in await kit.tasks(db)] == ["call"]
    await kit.say(db, text(SAM[1], "ear infection"), at(10, 5))
    (call,) = await kit.tasks(db)
    assert call.outcome == "the reason arrived"


async def test_a_child_with_no_contact_is_put_before_the_office(db, school):
    await larkmead.register(db, school, {"Idris": "N"})
    result = await kit.run(db, school.school, at(9, 20))
    assert result.messages == 0
    (task,) = await kit.tasks(db)
    assert (task.kind, task.pupil_id) == ("no_contact", school.pupils["Idris"])


async def test_thanks_is_not_answered(db, school):
    await kit.say(db, telegram(NINA[3], "Leo has a high temperature"), at(8, 0))
    before = len(await kit.owed(db))
    turn = await kit.say(db, telegram(NINA[3], "thanks"), at(8, 1))
    assert turn.did == (Act.NO_REPLY,)
    assert len(await kit.owed(db)) == before


async def test_tomorrow_s_dentist_does_not_overwrite_today_s_illness(db, school):
    await kit.say(db, text(GWEN[1], "Amy has a temperature"), at(8, 0))
    await kit.say(db, text(GWEN[1], "Amy has the dentist tomorrow at 10"), at(15, 0))
    await kit.say(db, text(GWEN[1], "Amy was sick again, temperature 39"), at(16, 0))
    today, tomorrow = await kit.reports(db)
    assert (today.days, today.codes[0]) == (["2027-01-12"], "I")
    assert (tomorrow.days, tomorrow.codes[0]) == (["2027-01-13"], "M")
    assert today.words == "Amy has a temperature\nAmy was sick again, temperature 39"


async def test_a_barred_parent_learns_nothing_and_the_office_sees_the_message(db, school):
    async with db.work() as session:
        from store.contacts import PupilContactRow

        for link_id in (1, 3):
            link = await session.get_one(PupilContactRow, link_id)
            link.no_contact = True
            session.add(link)
    for words in ("Amy is poorly", "is she in school?", "she is in school now, I saw her"):
        await kit.say(db, text(GWEN[1], words), at(8, 0))
    assert await kit.reports(db) == []
    assert all("Amy" not in said for said in await kit.owed(db, GWEN[1]))
    assert len(await kit.tasks(db)) >= 1


async def two_schools(db, school, policy_text):
    from store.schools import SchoolRow

    async with db.work() as session:
        session.add(
            SchoolRow(
                slug="other",
                name="Otherfield Primary",
                office_phone="01632 960456",
                policy=policy_text,
                created_at=at(7),
            )
        )


@pytest.mark.fault("D16")
async def test_with_two_schools_a_stranger_on_telegram_may_share_a_number_and_is_heard_then(
    db, school, policy_text
):
    await two_schools(db, school, policy_text)
    await kit.say(db, telegram("901", "Zosia has a temperature of 39"), at(8, 0))
    (offered,) = await kit.owed(db, "901")
    assert "press the button" in offered
    assert "Zosia" not in offered
    await kit.say(db, telegram("901", "", shared_phone=EWA[1]), at(8, 2))
    from actions import hear

    await hear.think_due(db, at(8, 3), kit.LANGUAGES)
    (report,) = await kit.reports(db)
    assert report.pupil_id == school.pupils["Zosia"]


async def test_with_two_schools_safety_words_of_a_stranger_reach_a_person(db, school, policy_text):
    await two_schools(db, school, policy_text)
    await kit.say(db, telegram("901", "she has been hit by her mums boyfriend"), at(8, 0))
    assert {t.kind for t in await kit.tasks(db)} == {"safeguarding"}
    assert any("attention" in said for said in await kit.owed(db))


async def test_a_number_shared_after_hello_is_understood_from_then_on(db, school):
    await kit.say(db, telegram("901", "hello"), at(8, 0))
    await kit.say(db, telegram("901", "", shared_phone=EWA[1]), at(8, 1))
    turn = await kit.say(db, telegram("901", "Zosia has a temperature of 39"), at(8, 2))
    assert Act.CONFIRM in turn.did


@pytest.mark.parametrize("words", ["STOP", "wrong number, sorry"])
async def test_a_stop_in_answer_to_the_first_message_asks_the_next_contact_at_once(
    db, school, words
):
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 20))
    await kit.say(db, text(GWEN[1], words), at(9, 22))
    assert len(await kit.owed(db, SAM[1])) == 1


@pytest.mark.mission("S0-24")
async def test_a_child_missing_after_lunch_is_followed_up_whatever_the_morning_was_about(
    db, school
):
    await kit.say(db, text(GWEN[1], "Amy is in school today"), at(8, 50))
    await larkmead.register(db, school, {}, half="AM")
    await larkmead.register(db, school, {"Amy": "N"}, half="PM")
    from school.people import Session

    await kit.run(db, school.school, at(13, 30), Session.PM)
    await kit.quiet(db, at(13, 51))
    assert len(await kit.owed(db, SAM[1])) == 1


async def test_on_a_sunday_evening_a_child_is_off_on_monday(db, school):
    sunday = larkmead.DAY.replace(day=10)
    await kit.say(db, text(EWA[1], "Zosia has been sick all night"), at(19, 0, sunday))
    (report,) = await kit.reports(db)
    assert report.days == ["2027-01-11"]
    assert (
        "poniedziałek 11 stycznia" in (await kit.owed(db, EWA[1]))[0]
        or "Monday" in (await kit.owed(db, EWA[1]))[0]
    )


async def test_the_same_vague_word_twice_is_asked_about_in_other_words(db, school):
    await larkmead.register(db, school, {"Tom": "N"})
    await kit.run(db, school.school, at(9, 20))
    for minute in (22, 24):
        turn = await kit.say(db, mail(ROB[2], "poorly"), at(9, minute))
        assert turn.did == (Act.ASK_DETAIL,)


@pytest.mark.fault("F3")
async def test_an_automatic_answer_is_not_answered_but_its_danger_reaches_a_person(db, school):
    from dataclasses import replace

    away = replace(mail(ROB[2], "I am out of the office until Monday."), automated=True)
    danger = replace(mail(ROB[2], "Tom was hit by his uncle, please help"), automated=True)
    for message in (away, danger):
        assert await kit.say(db, message, at(8, 0)) is None
    assert await kit.owed(db, ROB[2]) == []
    assert [t.kind for t in await kit.tasks(db)] == ["safeguarding"]


@pytest.mark.fault("F10")
async def test_a_letter_that_a_moved_mailbox_brings_again_is_not_answered_again(db, school):
    from dataclasses import replace

    for _ in range(2):
        letter = replace(mail(ROB[2], "Tom has chicken pox"), extra={"message_id": "<a@b>"})
        await kit.say(db, letter, at(8, 0))
    assert len(await kit.owed(db, ROB[2])) == 1
