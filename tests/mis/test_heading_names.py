"""Columns are found by the names that school systems use, by position, or by hand."""

import pytest

from mis.csv_file import Row
from mis.heading_names import NAMES, PUPIL_FIELDS, REGISTER_FIELDS, TWICE, Field
from mis.headings import Headings, MappingError, _key, own_mapping

SIMS = (
    "ID,Forename,Surname,ID,Priority,Parental responsibility,Lives with Pupil,Title,Forename,"
    "Surname,Home Email,Main Telephone,Primary Email,Mobile number,ID,Class Name"
)
PARENTMAIL = (
    "StudentForename,StudentSurname,StudentID,Year,Reg,DOB,Gender,Relationship,Title,"
    "ContactForename,ContactSurname,ContactID,PrimaryEmail,MobileNumber,Priority"
)


def places(header, fields=PUPIL_FIELDS, own=None):
    columns = Headings(fields, own).resolve(Row(1, tuple(header.split(","))))
    return dict(columns.places)


def test_a_heading_that_sims_prints_twice_is_the_pupils_first_and_then_the_contacts():
    found = places(SIMS)
    assert found[Field.PUPIL_ID] == (0,)
    assert found[Field.CONTACT_ID] == (3,)
    assert (found[Field.FIRST], found[Field.LAST]) == ((1,), (2,))
    assert (found[Field.CONTACT_FIRST], found[Field.CONTACT_LAST]) == ((8,), (9,))
    assert found[Field.EMAIL] == (12, 10), "the primary address is asked before the home one"


def test_names_without_spaces_are_known():
    found = places(PARENTMAIL)
    assert found[Field.FIRST] == (0,)
    assert found[Field.CONTACT_FIRST] == (9,)
    assert found[Field.CONTACT_ID] == (11,)
    assert found[Field.MOBILE] == (13,)


def test_one_plain_forename_after_the_contacts_columns_is_the_contacts():
    found = places("Adno,Pupil Forename,Pupil Surname,Reg,Priority,Forename,Surname,ID")
    assert found[Field.CONTACT_FIRST] == (5,)
    assert found[Field.CONTACT_ID] == (7,)


def test_the_name_a_child_is_called_by_goes_before_the_legal_one():
    assert places("Adno,Legal Forename,Legal Surname,Preferred Forename,Reg")[Field.FIRST] == (3, 1)


@pytest.mark.parametrize("cell", ["ADM NO", " adm  no ", "Adm_No", "adm_x0020_no", "AdmNo."])
def test_case_spaces_and_points_make_no_difference(cell):
    assert places(f"{cell},Forename") == {Field.ADMISSION: (0,), Field.FIRST: (1,)}


def test_a_heading_may_be_explained_by_hand():
    own = own_mapping(["Pupil Ref=Admission number", "Tel 1=mobile"])
    found = places("Pupil Ref,Forename,Tel 1", own=own)
    assert found[Field.ADMISSION] == (0,)
    assert found[Field.MOBILE] == (2,)


@pytest.mark.parametrize("pair", ["Pupil Ref", "=Admission number", "Pupil Ref=Shoe size"])
def test_a_mapping_that_makes_no_sense_is_refused_with_the_fields_there_are(pair):
    with pytest.raises(MappingError, match="Admission number, UPN"):
        own_mapping([pair])


def test_no_name_means_two_fields():
    for fields in (PUPIL_FIELDS, REGISTER_FIELDS):
        keys = [_key(name) for field in fields for name in NAMES[field].split("|")]
        doubled = {key for key in keys if keys.count(key) > 1} - set(TWICE)
        assert not doubled
