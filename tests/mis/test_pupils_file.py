"""A pupils' file gives one record a pupil, with the contacts in their order."""

from pathlib import Path

import pytest

from mis.heading_names import Field
from mis.pupils_file import read_pupils

SAMPLES = Path(__file__).parents[2] / "mis" / "samples"
HEADER = "Adno,Forename,Surname,Reg,Year,Contact ID,Priority,Relationship,PR,Court Order,Contact allowed,Title,Contact forename,Contact surname,Mobile,Telephone,Email,Language,Preferred channel"
AMY = "0031,Amy,Reid,3A,Year  3"


def contacts(*rows, header=HEADER):
    found = read_pupils("\n".join([header, *rows]).encode())
    assert not found.problems
    return found, [contact for record in found.records for contact in record.contacts]


def test_every_fact_of_a_contact_is_read():
    _, (gwen,) = contacts(
        f"{AMY},C1,2,Mother,T,F,Y,Ms,Gwen,Reid,07700 900123,,Gwen@Example.org,Polish,Text message"
    )
    assert (gwen.external_id, gwen.name, gwen.order) == ("C1", "Ms Gwen Reid", 2)
    assert (gwen.phone, gwen.email, gwen.language) == ("+447700900123", "gwen@example.org", "pl")
    assert (gwen.relationship, gwen.parental_responsibility) == ("Mother", True)
    assert (gwen.no_contact, gwen.preferred, gwen.line) == (False, "sms", 2)


def test_the_pupils_cells_may_be_blank_on_the_rows_that_follow():
    found, (one, two) = contacts(
        f"{AMY},C1,1,Mother,,,,,Gwen,Reid,,,,,",
        ",,,,,C2,2,Father,,,,,Alun,Reid,,,,,",
    )
    assert len(found.records) == 1
    assert (one.external_id, two.external_id, two.line) == ("C1", "C2", 3)


def test_a_pupil_without_contacts_stands_alone():
    found = read_pupils(f"{HEADER}\n{AMY},,,,,,,,,,,,,\n".encode())
    assert found.records[0].contacts == ()


def test_a_file_without_contact_columns_says_nothing_about_contacts():
    found = read_pupils(b"Adno,Forename,Surname,Reg\n1,Amy,Reid,3A\n")
    assert found.records[0].contacts is None


def test_a_language_or_an_empty_flag_alone_is_no_contact():
    found = read_pupils(f"{HEADER}\n{AMY},,,,F,F,,,,,,,,Polish,\n".encode())
    assert found.records[0].contacts == ()
    found = read_pupils(b"Adno,Forename,Surname,Reg,First language\n1,Amy,Reid,3A,Polish\n")
    assert found.records[0].contacts is None


def test_the_parent_list_of_sims_is_read_as_it_comes():
    found = read_pupils(
        b"ID,Forename,Surname,ID,Priority,Parental responsibility,Lives with Pupil,Title,Forename,"
        b"Surname,Home Email,Main Telephone,Primary Email,Mobile number,ID,Reg Group\r\n"
        b"4711,Tamsin,Okafor-Reid,C88,1,T,T,Ms,Gwen,Okafor,,01632 960001,gwen@example.org,"
        b"07700 900123,31,7B\r\n"
        b"4711,Tamsin,Okafor-Reid,C88,1,T,T,Ms,Gwen,Okafor,,01632 960001,gwen@example.org,"
        b"07700 900123,32,7B\r\n"
        b"4711,Tamsin,Okafor-Reid,C89,2,T,F,Mr,Alun,Reid,alun@example.org,Ex-directory,,"
        b"07700900124 (work),31,7B\r\n"
    )
    assert (found.problems, found.warnings) == ([], [])
    (tamsin,) = found.records
    assert (tamsin.external_id, tamsin.last, tamsin.class_name) == ("4711", "Okafor-Reid", "7B")
    assert [(c.external_id, c.name, c.phone, c.email) for c in tamsin.contacts] == [
        ("C88", "Ms Gwen Okafor", "+447700900123", "gwen@example.org"),
        ("C89", "Mr Alun Reid", "+447700900124", "alun@example.org"),
    ]


def test_teaching_groups_in_place_of_the_registration_group_stop_the_import():
    found = read_pupils(b"ID,Forename,Surname,Class Name\n1,Amy,Reid,7B/Ma1\n1,Amy,Reid,7B/En1\n")
    assert found.problems[0].line == 3
    assert "export the registration group" in found.problems[0].what


def test_rows_repeated_for_each_lesson_are_one_contact():
    row = f"{AMY},C1,1,Mother,T,,,Ms,Gwen,Reid,07700 900123,,,,"
    _, found = contacts(row, row, row)
    assert len(found) == 1


def test_a_second_row_with_a_second_number_is_the_same_adult_also_without_an_id():
    _, found = contacts(
        f"{AMY},,1,Mother,,,,Ms,Gwen,Reid,,01632 960001,,,",
        f"{AMY},,1,Mother,,,,Ms,Gwen,Reid,07700 900123,,,,",
    )
    assert [contact.phone for contact in found] == ["+447700900123"]


@pytest.mark.mission("S3-12")
def test_contacts_without_a_priority_come_after_those_with_one():
    _, found = contacts(
        f"{AMY},C1,,Aunt,,,,,Una,Reid,,,,,",
        f"{AMY},C2,2,Father,,,,,Alun,Reid,,,,,",
        f"{AMY},C3,1,Mother,,,,,Gwen,Reid,,,,,",
    )
    assert [(c.external_id, c.order) for c in found] == [("C3", 1), ("C2", 2), ("C1", 3)]


@pytest.mark.fault("I10")
def test_two_parents_with_one_number_stay_two():
    _, found = contacts(
        f"{AMY},,1,Mother,,,,,Gwen,Reid,07700 900123,,home@example.org,,",
        f"{AMY},,2,Father,,,,,Alun,Reid,07700 900123,,home@example.org,,",
    )
    assert len({contact.external_id for contact in found}) == 2


def test_an_adult_without_an_id_is_the_same_for_all_children():
    _, found = contacts(
        f"{AMY},,1,Mother,,,,Ms,Gwen,Reid,07700 900123,,,,",
        "0032,Ben,Reid,4A,4,,1,Mother,,,,Ms,Gwen,Reid,07700 900123,,,,",
    )
    assert found[0].external_id == found[1].external_id
    assert found[0].external_id.startswith("~")


@pytest.mark.fault("I9")
@pytest.mark.parametrize(
    ("court", "allowed", "barred"),
    [
        ("T", "Y", True),
        ("F", "N", True),
        ("F", "Y", False),
        ("", "", False),
        ("see file", "Y", True),
        ("F", "ask head", True),
    ],
)
def test_a_court_order_or_an_unclear_permission_bars_contact(court, allowed, barred):
    found, (dad,) = contacts(f"{AMY},C1,1,Father,,{court},{allowed},,Alun,Reid,,,,,")
    assert dad.no_contact is barred
    if court == "T":
        assert "court order is ticked" in found.warnings[0].what


def test_a_flag_on_one_of_several_rows_counts():
    _, (dad,) = contacts(
        f"{AMY},C1,1,Father,,F,Y,,Alun,Reid,,,,,",
        f"{AMY},C1,1,Father,,T,Y,,Alun,Reid,,,,,",
    )
    assert dad.no_contact


@pytest.mark.fault("I4")
def test_a_landline_is_kept_out_of_the_number_for_texts():
    found, (gran,) = contacts(f"{AMY},C1,1,Grandmother,,,,,Mo,Lovell,,01632 960001,,,")
    assert gran.phone is None
    assert [(w.line, w.what) for w in found.warnings] == [
        (2, "01632 960001 is a landline; texts cannot reach it")
    ]


def test_a_landline_beside_a_mobile_is_nothing_to_warn_about():
    found, (mum,) = contacts(f"{AMY},C1,1,Mother,,,,,Gwen,Reid,07700 900123,01632 960001,,,")
    assert mum.phone == "+447700900123"
    assert not found.warnings


@pytest.mark.fault("I4")
def test_a_number_that_excel_shortened_stops_the_import():
    found = read_pupils(f"{HEADER}\n{AMY},C1,1,Mother,,,,,Gwen,Reid,6.12E+08,,,,".encode())
    assert found.problems[0].line == 2
    assert found.problems[0].what.startswith("Mobile: 6.12E+08 was shortened by Excel")


def test_an_unknown_language_is_said_and_english_used():
    found, (mum,) = contacts(f"{AMY},C1,1,Mother,,,,,Gwen,Reid,,,,Elvish,")
    assert mum.language is None
    assert found.warnings[0].what == 'Language: "Elvish" is not a language we know; English is used'


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",Amy,Reid,3A,3", "no admission number"),
        ("0031,,Reid,3A,3", "forename or a surname is missing"),
        ("0031,Amy,Reid,,3", "no Reg: give the pupil's class"),
        ("3.1E+05,Amy,Reid,3A,3", "shortened by Excel"),
        (f"{'9' * 41},Amy,Reid,3A,3", "more than 40 characters"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_its_line(row, words):
    found = read_pupils(f"{HEADER}\n0030,Ann,Lee,3A,3\n{row},,,,,,,,,,,,,,\n".encode())
    assert [problem.line for problem in found.problems] == [3]
    assert words in found.problems[0].what


@pytest.mark.fault("I3")
def test_one_number_for_two_names_stops_the_import():
    found = read_pupils(f"{HEADER}\n{AMY}\n0031,Ben,Reid,3A,3\n".encode())
    assert "another name on line 2" in found.problems[0].what


@pytest.mark.fault("I3")
def test_two_pupils_of_one_name_stay_two_and_are_pointed_out():
    found = read_pupils(f"{HEADER}\n{AMY}\n0032,Amy,Reid,3A,3\n".encode())
    assert len(found.records) == 2
    assert "same name and class stands on line 2" in found.warnings[0].what


@pytest.mark.fault("I3")
def test_a_contact_id_that_means_two_people_stops_the_import():
    rows = f"{AMY},1,1,Mother,,,,Ms,Gwen,Reid\n0032,Ben,Lee,3A,3,1,1,Mother,,,,Mrs,Jo,Lee\n"
    found = read_pupils(f"{HEADER}\n{rows}".encode())
    assert 'contact ID "1" has another name on line 2' in found.problems[0].what


def test_a_changed_title_does_not_make_another_person():
    rows = f"{AMY},C1,1,Mother,,,,Ms,Gwen,Reid\n0032,Ben,Lee,3A,3,C1,1,Mother,,,,Mrs.,Gwen,Reid\n"
    assert not read_pupils(f"{HEADER}\n{rows}".encode()).problems


def test_no_name_is_ever_printed():
    rows = (
        ",Amelia,Quibble,3A,3\n0031,Amelia,,3A,3\n0032,Amelia,Quibble,3A,3,C1,x,Mother,?,?,?,Ms,Gwendolyn,"
        "Quibble,6.1E+8,Nan Quibble 01632 960001,gwendolyn quibble,Elvish,owl\n0032,Other,Quibble,4A,3\n"
    )
    found = read_pupils(f"{HEADER}\n{rows}".encode())
    said = " ".join(p.what for p in found.problems + found.warnings)
    assert len(found.problems) > 3
    assert not any(name in said.lower() for name in ("amelia", "quibble", "gwendolyn", "nan "))


def test_a_missing_column_is_named_with_other_names_for_it():
    found = read_pupils(b"title row\nAdno,Forename,Surname\n1,Amy,Reid\n")
    assert found.problems[0].line == 2
    assert found.problems[0].what.startswith(
        'no column for "Reg group" (also known as Reg group, Reg,'
    )


def test_the_schools_own_headings_may_be_given():
    found = read_pupils(b"Ref,Forename,Surname,Reg\n1,Amy,Reid,3A\n", {"Ref": Field.ADMISSION})
    assert found.records[0].external_id == "1"


def test_a_wrong_upn_is_a_warning_only_and_a_upn_stands_in_for_a_missing_number():
    found = read_pupils(b"UPN,Forename,Surname,Reg\nv9999 99924001,Amy,Reid,3A\nX123,Ben,Lee,3A\n")
    assert [r.external_id for r in found.records] == ["V999999924001", "X123"]
    assert [(w.line, w.what) for w in found.warnings] == [
        (3, 'the UPN "X123" has a wrong form or check letter')
    ]


@pytest.mark.feature("52")
@pytest.mark.parametrize("name", ["sims-pupils.csv", "bromcom-pupils.csv"])
def test_the_sample_files_are_read_whole(name):
    found = read_pupils((SAMPLES / name).read_bytes())
    assert not found.problems
    assert len(found.records) == 40
    assert {r.class_name for r in found.records} == {"3A", "3B", "4A", "5A"}
    assert sum(c.no_contact for r in found.records for c in r.contacts) == 2
    assert sum(not r.contacts for r in found.records) == 1
    languages = {c.language for r in found.records for c in r.contacts}
    assert {"en", "pl", "ar", "es", "ro", "bn", "pa", "uk"} == languages


@pytest.mark.parametrize("name", ["sims-pupils.csv", "bromcom-pupils.csv"])
def test_the_sample_families_cannot_be_reached_by_anybody(name):
    found = read_pupils((SAMPLES / name).read_bytes())
    people = [c for r in found.records for c in r.contacts]
    assert all(c.phone is None or c.phone.startswith("+447700900") for c in people)
    assert all(c.email is None or c.email.endswith("@example.org") for c in people)


def test_arabic_script_comes_through_whole():
    found = read_pupils((SAMPLES / "bromcom-pupils.csv").read_bytes())
    layla = next(r for r in found.records if r.last == "حداد")
    assert layla.first == "ليلى"
    assert layla.contacts[0].name == "Mrs أمل حداد"
