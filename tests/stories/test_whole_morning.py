"""The whole morning through the real adapters: register in, run, replies, confirm, export.

The providers are look-alikes on loopback; everything between them is the product.
"""

import io
from datetime import UTC, datetime

import pytest
from sqlmodel import SQLModel

from commands.demo_morning import Morning
from commands.demo_world import DemoWorld
from store.codings import AmendmentRow
from store.outbox import OutboundRow, Status
from store.reports import ReportRow
from tests import conversation_kit as kit


@pytest.fixture
async def empty(db):
    """A database without tables: the service makes them as it would at a school."""
    async with db.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.drop_all)
    return db


@pytest.mark.mission("S3-02", "S3-03", "S3-05", "S3-07", "S3-43")
@pytest.mark.feature("F1", "F2", "F3", "F26", "F30", "F38", "F53")
async def test_a_school_morning_from_the_register_to_the_export(empty):
    told, notes = io.StringIO(), io.StringIO()
    url = empty.engine.url.render_as_string(hide_password=False)
    async with DemoWorld(lambda: datetime.now(UTC), out=notes, database=url) as world:
        await Morning(world, told).play()
        sent = await kit.rows(empty, OutboundRow)
        reports = await kit.rows(empty, ReportRow)
        amendments = await kit.rows(empty, AmendmentRow)
    assert {row.channel for row in sent} == {"sms", "telegram", "email"}
    assert {row.status for row in sent} <= {Status.ACCEPTED, Status.SENT, Status.DELIVERED}
    assert {row.channel for row in reports} == {"sms", "telegram", "email"}
    assert all(
        (a.original, a.amended, a.reason, a.staff_name, a.staff_role) != ("", "", "", "", "")
        and a.amended
        and a.reason
        and a.staff_name
        and a.staff_role
        for a in amendments
    )
    assert {a.staff_name for a in amendments} == {"Jo Marsh"}
