"""A school is added with its policy, or every mistake is named."""

import pytest

from actions.add_school import SchoolError, add_school
from store import schools

GOOD = {"slug": "st-annes", "name": "St Anne's", "office_phone": "01632 960000"}


async def add(db, policy_text, now, **facts):
    async with db.work() as session:
        return await add_school(
            session, **(GOOD | {"policy_text": policy_text, "now": now} | facts)
        )


async def test_a_school_is_stored_with_its_addresses_in_one_form(db, policy_text, nine_thirty):
    row = await add(
        db,
        policy_text,
        nine_thirty,
        sms_number="07700 900000",
        email_address="Office@Example.org",
        calendar_text="2027-01-04..2027-03-25\n2027-02-15\n",
    )
    assert (row.sms_number, row.email_address) == ("+447700900000", "office@example.org")
    async with db.read() as session:
        assert (await schools.by_slug(session, "st-annes")).rules().name
        assert (await schools.speaking_from(session, "+447700900000")).slug == "st-annes"


async def test_every_mistake_is_named_at_once(sqlite_db, nine_thirty):
    with pytest.raises(SchoolError) as wrong:
        await add(
            sqlite_db,
            "nmae = 1",
            nine_thirty,
            slug="St Annes",
            name=" ",
            office_phone="ring us",
            sms_number="none",
            email_address="office",
            calendar_text="2027-01-04..2027-03-25\nEaster\n2027-03-25..2027-01-04",
        )
    said = "\n".join(wrong.value.problems)
    for words in (
        '"none" is not a telephone number', '"St Annes" cannot be a short name', "name is empty",
        '"ring us" is not a telephone number', '"office" is not an e-mail address',
        "policy: line 1: nmae is not a setting: did you mean name?", "calendar: line 2 is neither", "calendar: line 3 ends before",
    ):  # fmt: skip
        assert words in said


async def test_a_second_school_may_not_take_the_name_or_the_addresses_of_the_first(
    db, policy_text, nine_thirty
):
    await add(
        db, policy_text, nine_thirty, sms_number="07700 900000", email_address="a@example.org"
    )
    with pytest.raises(SchoolError, match='there is a school "st-annes" already'):
        await add(db, policy_text, nine_thirty)
    with pytest.raises(SchoolError, match='belongs to "st-annes" already'):
        await add(db, policy_text, nine_thirty, slug="b", sms_number="+447700900000")
