"""A seeded school behind the real pages."""

import sys
from pathlib import Path

import pytest
from fastapi import FastAPI

from office.headers import protect
from office.site import Options, site

sys.path.insert(0, str(Path(__file__).parent))  # tests are no package; helpers stand beside them

import morning
from visitor import ORIGIN, Client, Clock


@pytest.fixture
def clock(nine_thirty):
    return Clock(nine_thirty)


@pytest.fixture
def app(sqlite_db, clock):
    app, options = FastAPI(), Options(ORIGIN, secure_cookies=True)
    app.include_router(site(sqlite_db, clock=clock, options=options))
    protect(app, options)
    return app


@pytest.fixture
def visitor(app):
    """Somebody who is not signed in."""
    return Client(app)


@pytest.fixture
async def larkmead(sqlite_db, policy_text):
    """A realistic morning, with two people who may sign in."""
    async with sqlite_db.work() as session:
        seed = await morning.school(session, policy_text, staff=("Jo Marsh", "Sam Okoro"))
        return await morning.realistic(seed)


@pytest.fixture
async def jo(app, larkmead):
    client = Client(app)
    await client.sign_in("jo@larkmead.example")
    return client


@pytest.fixture
async def sam(app, larkmead):
    client = Client(app)
    await client.sign_in("sam@larkmead.example")
    return client


@pytest.fixture
async def elsewhere(sqlite_db, policy_text):
    """Another school with its own morning."""
    async with sqlite_db.work() as session:
        seed = await morning.school(
            session, policy_text, slug="otherton", name="Otherton Juniors", staff=("Ray Pike",)
        )
        await seed.told(["Secret Child/2A"], "words of another school", because="words")
        await seed.task("safeguarding", pupil_id=seed.made.pupils[0])
        return seed.made
