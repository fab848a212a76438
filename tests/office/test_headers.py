"""The headers on every answer of the web process, as the service puts it together."""

from datetime import UTC, datetime

import pytest
from visitor import Client

from commands.service import Part, Service
from commands.settings import Settings


@pytest.fixture
async def client(tmp_path):
    """The whole web process with the text hook set up, framed by one page we know."""
    settings = Settings(
        database=f"sqlite:///{tmp_path / 'web.sqlite3'}",
        public_url="https://office.larkmead.example",
        frame_ancestors="https://demo.example",
        twilio_account="AC" + "0" * 32,
        twilio_token="t" * 32,
    )
    service = Service(settings, lambda: datetime(2027, 1, 12, 9, 30, tzinfo=UTC), Part.WEB)
    await service.db.create_all()
    yield Client(service.web())
    await service.stop()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/static", 404),
        ("PUT", "/today", 405),
        ("GET", "/health", 200),
        ("POST", "/hooks/twilio/sms", 403),
        ("GET", "/sign-in", 200),
        ("GET", "/today", 303),
    ],
)
async def test_every_answer_of_the_web_process_carries_the_headers(client, method, path, status):
    answer = await client.ask(method, path)

    assert answer.status == status
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors https://demo.example" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_failure_carries_them_too_and_says_nothing_about_itself(client):
    @client.app.get("/fails")
    async def fails():
        raise RuntimeError("about Maya Pryce")

    with pytest.raises(RuntimeError):  # goes on to the server, which logs it
        await client.get("/fails")

    failed = client.last
    assert (failed.status, failed.text) == (500, "Something went wrong.")
    assert failed.headers["x-content-type-options"] == "nosniff"
    assert failed.headers["cache-control"] == "no-store"


async def test_only_static_files_may_be_kept(client):
    page = (await client.get("/sign-in")).text
    style = page.split('rel="stylesheet" href="')[1].split('"')[0]

    answer = await client.get(style)

    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
