"""The names that school systems give to each fact: one field a line, the preferred name first.

Names are those of exports of SIMS, Bromcom, Arbor, ScholarPack, RM Integris and ParentMail-like
files. To teach the importer a new name, add it here.
"""

from __future__ import annotations

from enum import StrEnum


class Field(StrEnum):
    """One fact of a pupil, a contact or a mark; the value is what we call it ourselves."""

    ADMISSION = "Admission number"
    UPN = "UPN"
    PUPIL_ID = "Pupil ID"
    FIRST = "Forename"
    LAST = "Surname"
    PUPIL_NAME = "Pupil name"
    CLASS = "Reg group"
    YEAR = "Year group"
    CONTACT_ID = "Contact ID"
    TITLE = "Title"
    CONTACT_FIRST = "Contact forename"
    CONTACT_LAST = "Contact surname"
    CONTACT_NAME = "Contact name"
    PRIORITY = "Priority"
    RELATIONSHIP = "Relationship"
    LANGUAGE = "Language"
    RESPONSIBILITY = "Parental responsibility"
    COURT_ORDER = "Court order"
    NO_CONTACT = "No contact"
    CONTACT_ALLOWED = "Contact allowed"
    MOBILE = "Mobile"
    OTHER_PHONE = "Telephone"
    EMAIL = "Email"
    PREFERRED = "Preferred channel"
    DATE = "Date"
    SESSION = "Session"
    MARK = "Mark"
    AM = "AM"
    PM = "PM"


NAMES: dict[Field, str] = {
    Field.ADMISSION: "Admission number|Admission no|Adm no|Adno|Adm number|Admissions number",
    Field.UPN: "UPN|Unique pupil number",
    Field.PUPIL_ID: "Pupil ID|Student ID|MIS ID|Student number|Pupil number|Person ID|Child ID",
    Field.FIRST: (
        "Preferred forename|Chosen name|Preferred first name|Preferred name|Known as|Forename|"
        "First name|Given name|Pupil forename|Student forename|Pupil first name|"
        "Student first name|Child first name|Legal forename|Legal first name"
    ),
    Field.LAST: (
        "Preferred surname|Preferred last name|Surname|Last name|Family name|Pupil surname|"
        "Student surname|Pupil last name|Student last name|Child last name|Legal surname|"
        "Legal last name"
    ),
    Field.PUPIL_NAME: "Pupil name|Student name|Pupil|Student|Child name|Child|Name",
    Field.CLASS: (
        "Reg group|Reg|Registration group|Registration form|Reg form|Form|Tutor group|Form group|"
        "Registration class|Class|Class name|Tutor|Group"
    ),
    Field.YEAR: "Year group|Year|NC year|Current NC year|NC year actual|Year taught in",
    Field.CONTACT_ID: "Contact ID|Contact ref|Contact person ID|Parent ID|Guardian ID|Contact no",
    Field.TITLE: "Title|Contact title|Parent title|Guardian title",
    Field.CONTACT_FIRST: (
        "Contact forename|Contact first name|Parent forename|Parent first name|"
        "Guardian forename|Guardian first name|Primary contact forename"
    ),
    Field.CONTACT_LAST: (
        "Contact surname|Contact last name|Parent surname|Parent last name|Guardian surname|"
        "Guardian last name|Primary contact surname"
    ),
    Field.CONTACT_NAME: (
        "Contact name|Contact full name|Contact|Parent name|Parent/carer|Parent carer name|"
        "Guardian name|Guardian|Parent"
    ),
    Field.PRIORITY: (
        "Priority|Contact priority|Contact order|Priority number|Emergency ranking|"
        "Emergency contact priority|Contact priority number|Order"
    ),
    Field.RELATIONSHIP: (
        "Relationship|Relation|Relationship to pupil|Relationship to student|Relationship type|"
        "Contact relationship|Relationship to child"
    ),
    Field.LANGUAGE: (
        "Contact language|Correspondence language|Language|Preferred language|Home language|"
        "First language"
    ),
    Field.RESPONSIBILITY: (
        "Parental responsibility|Has parental responsibility|Responsibility|PR|Parental resp|"
        "Legal guardian|Parental responsibility T/F"
    ),
    Field.COURT_ORDER: "Court order|Has court order|Court order in place",
    Field.NO_CONTACT: "No contact|No-contact flag|Do not contact|No contact order|Contact barred",
    Field.CONTACT_ALLOWED: "Contact allowed|May contact|Can contact|OK to contact|Data access",
    Field.MOBILE: (
        "Mobile|Mobile number|Mobile phone|Mobile telephone|Mobile no|Contact mobile|"
        "Telephone mobile|Parent mobile|SMS number|Mobile tel"
    ),
    Field.OTHER_PHONE: (
        "Telephone|Main telephone|Telephone number|Phone|Phone number|Primary phone|Tel|"
        "Contact telephone|Contact phone|Home telephone|Home phone|Day telephone|Work telephone"
    ),
    Field.EMAIL: (
        "Primary email|Email|E-mail address|Contact email|Parent email|Main email|Home email|"
        "Personal email|Work email"
    ),
    Field.PREFERRED: "Preferred channel|Preferred contact method|Contact by|Preferred method",
    Field.DATE: "Date|Attendance date|Mark date|Session date|Register date|Day",
    Field.SESSION: "Session|Session name|AM/PM|Half day|Session type",
    Field.MARK: "Mark|Attendance mark|Code|Attendance code|Marks|Register mark",
    Field.AM: "AM|AM mark|Morning|AM code|Session AM|AM session",
    Field.PM: "PM|PM mark|Afternoon|PM code|Session PM|PM session",
}

TWICE = {
    "forename": (Field.FIRST, Field.CONTACT_FIRST),
    "firstname": (Field.FIRST, Field.CONTACT_FIRST),
    "surname": (Field.LAST, Field.CONTACT_LAST),
    "lastname": (Field.LAST, Field.CONTACT_LAST),
    "name": (Field.PUPIL_NAME, Field.CONTACT_NAME),
    "id": (Field.PUPIL_ID, Field.CONTACT_ID),
}
"""Headings that SIMS prints twice: the pupil's column stands before the contact's."""

PUPIL_BLOCK = (
    Field.ADMISSION,
    Field.UPN,
    Field.PUPIL_ID,
    Field.FIRST,
    Field.LAST,
    Field.PUPIL_NAME,
    Field.CLASS,
    Field.YEAR,
)
CONTACT_BLOCK = (
    Field.CONTACT_ID,
    Field.TITLE,
    Field.CONTACT_FIRST,
    Field.CONTACT_LAST,
    Field.CONTACT_NAME,
    Field.PRIORITY,
    Field.RELATIONSHIP,
    Field.LANGUAGE,
    Field.RESPONSIBILITY,
    Field.COURT_ORDER,
    Field.NO_CONTACT,
    Field.CONTACT_ALLOWED,
    Field.MOBILE,
    Field.OTHER_PHONE,
    Field.EMAIL,
    Field.PREFERRED,
)
MAKES_CONTACT = (
    Field.CONTACT_ID,
    Field.CONTACT_FIRST,
    Field.CONTACT_LAST,
    Field.CONTACT_NAME,
    Field.MOBILE,
    Field.OTHER_PHONE,
    Field.EMAIL,
)
"""Only these make a contact: a language alone, or a flag printed as F for nobody, does not."""

MARK_BLOCK = (Field.DATE, Field.SESSION, Field.MARK, Field.AM, Field.PM)

PUPIL_FIELDS = PUPIL_BLOCK + CONTACT_BLOCK
REGISTER_FIELDS = PUPIL_BLOCK + MARK_BLOCK
