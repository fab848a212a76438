"""Signing in: who may, how long it lasts, and what guessing meets."""

from datetime import timedelta

import pytest
from sqlmodel import select

from actions import sign_in as doors
from actions.errors import NotPossibleError
from actions.sign_in import MAX_FAILURES, add_staff, owner, sign_in, sign_out, still_here, who
from store.schools import SchoolRow
from store.staff import SignInRow, SignInTryRow, StaffRow

PASSWORD = "correct horse battery"
SOMEWHERE = "192.0.2.7"


@pytest.fixture
async def school(db, nine_thirty, policy_text):
    async with db.work() as session:
        row = SchoolRow(
            slug="larkmead",
            name="Larkmead Primary",
            office_phone="01632 960123",
            policy=policy_text,
            created_at=nine_thirty,
        )
        session.add(row)
        await session.flush()
        await add_staff(
            session,
            school_id=row.key,
            name="Jo Marsh",
            email="Jo@larkmead.example ",
            role="office",
            password=PASSWORD,
        )
    return row.key


@pytest.fixture
def try_door(db, nine_thirty):
    async def knock(
        email="jo@larkmead.example", password=PASSWORD, *, at=SOMEWHERE, after=timedelta()
    ):
        async with db.read() as session:
            person = await owner(session, email=email, password=password)
        async with db.work() as session:
            return await sign_in(
                session, email=email, person=person, network_address=at, now=nine_thirty + after
            )

    return knock


async def test_the_right_password_opens_a_new_sign_in_each_time(db, school, try_door):
    first = await try_door("JO@larkmead.example")
    second = await try_door()

    assert first.staff.name == "Jo Marsh"
    assert first.token != second.token
    assert first.form_token != second.form_token
    async with db.read() as session:
        stored = [row.token for row in await session.exec(select(SignInRow))]
        hashed = (await session.exec(select(StaffRow.password))).one()
    assert first.token not in stored
    assert hashed.startswith("$argon2id$")


@pytest.mark.fault("H3")
async def test_a_wrong_password_and_an_unknown_account_get_the_same_answer_after_the_same_work(
    monkeypatch, school, try_door
):
    checks = []
    real = doors._HASHER.verify

    class Counting:
        def verify(self, password, hashed):
            checks.append(hashed[:10])
            return real(password, hashed)

        hash = doors._HASHER.hash

    monkeypatch.setattr(doors, "_HASHER", Counting())
    assert await try_door(password="wrong wrong wrong") is None
    assert await try_door("nobody@larkmead.example") is None
    assert checks == ["$argon2id$"] * 2


@pytest.mark.fault("H3")
async def test_guessing_at_one_account_from_everywhere_is_slowed_and_ends_after_a_quarter_of_an_hour(
    school, try_door
):
    for n in range(MAX_FAILURES):
        await try_door(password="wrong wrong wrong", at=f"198.51.100.{n}")

    assert await try_door() is None
    assert await try_door(after=timedelta(minutes=14)) is None
    assert await try_door(after=timedelta(minutes=15)) is not None


@pytest.mark.fault("H3")
async def test_guessing_at_many_accounts_from_one_address_is_slowed(school, try_door):
    for n in range(MAX_FAILURES):
        await try_door(f"guess{n}@larkmead.example")

    assert await try_door() is None
    assert await try_door(at="192.0.2.99") is not None


async def test_old_failures_and_the_addresses_in_them_are_not_kept(db, school, try_door):
    await try_door(password="wrong wrong wrong")
    await try_door(password="wrong wrong wrong", after=timedelta(hours=1))

    async with db.read() as session:
        tries = list(await session.exec(select(SignInTryRow)))
    assert len(tries) == 2
    assert all("jo@" not in row.key and SOMEWHERE not in row.key for row in tries)


@pytest.mark.fault("H2")
async def test_a_sign_in_goes_idle_after_an_hour_and_ends_after_twelve(
    db, school, try_door, nine_thirty
):
    token = (await try_door()).token

    async def known(**after):
        async with db.work() as session:
            found = await who(session, token=token, now=nine_thirty + timedelta(**after))
            if found:
                await still_here(session, token=token, now=nine_thirty + timedelta(**after))
            return found is not None

    assert await known(minutes=59)
    assert await known(minutes=118)
    assert not await known(minutes=179)
    for minutes in range(120, 721, 50):
        assert await known(minutes=minutes)
    assert not await known(hours=12, minutes=1)


@pytest.mark.fault("H2")
async def test_after_signing_out_the_old_cookie_opens_nothing(db, school, try_door, nine_thirty):
    token = (await try_door()).token
    async with db.work() as session:
        await sign_out(session, token=token)

    async with db.read() as session:
        assert await who(session, token=token, now=nine_thirty) is None


@pytest.mark.fault("H2")
async def test_who_has_left_the_school_is_out_at_once(db, school, try_door, nine_thirty):
    token = (await try_door()).token
    async with db.work() as session:
        person = (await session.exec(select(StaffRow))).one()
        person.active = False

    async with db.read() as session:
        assert await who(session, token=token, now=nine_thirty) is None
    assert await try_door() is None


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"password": "short"}, "at least 12"),
        ({"role": "wizard"}, "one of office"),
        ({"email": "jo"}, "e-mail address"),
        ({"name": " "}, "name"),
        ({"email": "JO@larkmead.example"}, "already"),
    ],
)
async def test_an_account_that_cannot_be_is_refused_with_the_remedy(db, school, given, says):
    wish = {
        "name": "Sam Okoro",
        "email": "sam@larkmead.example",
        "role": "head",
        "password": PASSWORD,
    } | given
    with pytest.raises(NotPossibleError, match=says):
        async with db.work() as session:
            await add_staff(session, school_id=school, **wish)
