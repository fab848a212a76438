"""The export command writes a whole file or none, and loses no code whatever fails."""

import io
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from actions.import_pupils import PupilRecord, import_pupils
from commands import export, safe_file
from store import codings, pupils
from store.codings import CodingRow
from store.schools import SchoolRow

TUESDAY = date(2027, 1, 12)


class Desk:
    """An office that exports codes and reads what is printed."""

    def __init__(self, db, school, now):
        self.db, self.school, self.now = db, school, now

    async def export(self, path, day=None, school="oak"):
        self.out, self.err = io.StringIO(newline=""), io.StringIO()
        return await export.codes(
            self.db,
            school=school,
            path=Path(path),
            day=day,
            now=self.now,
            out=self.out,
            err=self.err,
        )

    async def waiting(self):
        async with self.db.read() as session:
            return len(await codings.to_export(session, self.school))


@pytest.fixture
async def desk(db, policy_text, nine_thirty):
    async with db.work() as session:
        row = SchoolRow(
            slug="oak", name="Oak", office_phone="1", policy=policy_text, created_at=nine_thirty
        )
        session.add(row)
        await session.flush()
        roll = [PupilRecord(2, "0031", "Zoë", "Nuñez", "3A", contacts=None)]
        await import_pupils(session, school_id=row.key, records=roll, apply=True)
        zoe = (await pupils.of_school(session, row.key))[0]
        session.add(
            CodingRow(school_id=row.key, pupil_id=zoe.id, day=TUESDAY, session="AM", code="I")
        )
    return Desk(db, row.key, nine_thirty)


@pytest.mark.feature("53")
async def test_the_second_export_gives_nothing_and_says_so(desk, tmp_path):
    assert await desk.export(tmp_path / "codes.csv") == 0
    assert desk.out.getvalue() == f"1 code written to {tmp_path / 'codes.csv'}.\n"
    assert "0031,Nuñez,Zoë,3A,12/01/2027,AM,I," in (tmp_path / "codes.csv").read_text("utf-8-sig")
    assert await desk.export(tmp_path / "more.csv") == 0
    assert desk.out.getvalue().startswith("Nothing new to export")
    assert [file.name for file in tmp_path.glob("*.csv")] == ["codes.csv"]
    assert safe_file.left_behind(tmp_path / "codes.csv") == []


async def test_a_file_with_content_is_never_replaced_and_an_empty_one_is_used(desk, tmp_path):
    target = tmp_path / "codes.csv"
    target.write_text("last week")
    assert await desk.export(target) == 1
    assert desk.err.getvalue() == f"{target} exists and is not empty: choose another name\n"
    assert (target.read_text(), await desk.waiting()) == ("last week", 1)
    target.write_text("")
    assert await desk.export(target) == 0


async def test_a_dash_writes_to_standard_output_only(desk):
    assert await desk.export("-") == 0
    assert desk.out.getvalue().startswith("\ufeffAdmission number,Surname")
    assert desk.out.getvalue().endswith("AM,I,\r\n")
    assert desk.err.getvalue() == "1 code written to standard output.\n"
    assert await desk.waiting() == 0


async def test_a_lost_file_can_be_made_again(desk, tmp_path):
    await desk.export(tmp_path / "codes.csv")
    assert await desk.export(tmp_path / "again.csv", day=TUESDAY) == 0
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "codes.csv").read_bytes()
    assert await desk.export(tmp_path / "other.csv", day=date(2027, 1, 11)) == 0
    assert desk.out.getvalue() == "No codes were last handed over on 11/01/2027.\n"


async def test_a_full_disk_marks_nothing(desk, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("commands.safe_file.os.fsync", full)
    assert await desk.export(tmp_path / "codes.csv") == 1
    assert "Nothing was handed over" in desk.err.getvalue()
    assert await desk.waiting() == 1
    assert list(tmp_path.glob("codes*")) == []


async def test_a_crash_at_the_commit_leaves_the_codes_on_disk_and_tells_where(
    desk, tmp_path, monkeypatch
):
    whole = desk.db.work

    @asynccontextmanager
    async def cut_off():
        async with whole() as session:
            yield session
            raise ConnectionError("the database went away")

    monkeypatch.setattr(desk.db, "work", cut_off)
    with pytest.raises(ConnectionError):
        await desk.export(tmp_path / "codes.csv")
    (kept,) = safe_file.left_behind(tmp_path / "codes.csv")
    assert str(kept) in desk.err.getvalue()
    assert b"0031" in kept.read_bytes()
    monkeypatch.undo()
    assert await desk.export(tmp_path / "codes.csv") == 0, "nothing was marked, so it comes again"
    assert f"Note: an export was cut off earlier; its codes are in {kept}" in desk.err.getvalue()


async def test_a_name_that_is_taken_meanwhile_tells_where_the_codes_are(
    desk, tmp_path, monkeypatch
):
    target = tmp_path / "codes.csv"
    keep = safe_file.keep

    def keep_and_lose_the_race(path, content):
        kept = keep(path, content)
        path.write_text("somebody else's")
        return kept

    monkeypatch.setattr(safe_file, "keep", keep_and_lose_the_race)
    assert await desk.export(target) == 1
    (kept,) = safe_file.left_behind(target)
    assert f"They are in {kept}: rename that file." in desk.err.getvalue()
    assert target.read_text() == "somebody else's"
    assert await desk.waiting() == 0


async def test_wrong_places_and_schools_are_refused_before_anything_is_marked(desk, tmp_path):
    assert await desk.export(tmp_path / "none" / "codes.csv") == 1
    assert await desk.export(tmp_path) == 1
    assert await desk.export(tmp_path / "codes.csv", school="ash") == 2
    assert "Schools: oak." in desk.err.getvalue()
    assert await desk.waiting() == 1
