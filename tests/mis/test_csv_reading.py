"""Any CSV a school saves is read with its true line numbers, or refused with a remedy."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mis.csv_file import MAX_COLUMNS, read
from mis.decoding import MAX_BYTES, UnreadableFileError
from mis.heading_names import PUPIL_FIELDS
from mis.headings import Headings
from mis.pupils_file import read_pupils
from mis.register_file import read_register

HEADINGS = Headings(PUPIL_FIELDS)
TEXT = "Adno,Forename,Surname,Reg\r\n0031,Zoë,Nuñez,3A\r\n0032,Amy,Reid,3B\r\n"


def rows(data: bytes):
    return [(row.line, row.cells) for row in read(data, HEADINGS).rows]


@pytest.mark.fault("I1")
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_the_same_rows_come_out_of_every_encoding(encoding):
    assert rows(TEXT.encode(encoding)) == [
        (2, ("0031", "Zoë", "Nuñez", "3A")),
        (3, ("0032", "Amy", "Reid", "3B")),
    ]


@pytest.mark.fault("I1")
def test_a_file_in_two_encodings_is_refused_with_the_line():
    data = "Adno,Forename\n1,Zoë\n".encode() + "2,Zoë\n".encode("cp1252")
    with pytest.raises(UnreadableFileError, match=r"line 3: this line and line 2 are in different"):
        read(data, HEADINGS)


@pytest.mark.fault("I1")
def test_bytes_that_are_no_text_are_refused_with_the_line():
    with pytest.raises(UnreadableFileError, match=r"line 2: neither UTF-8 nor Windows-1252"):
        read(b"Adno,Forename\n1,\x81\n", HEADINGS)


@pytest.mark.fault("I2")
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator):
    assert rows(TEXT.replace(",", separator).encode())[0] == (2, ("0031", "Zoë", "Nuñez", "3A"))


@pytest.mark.fault("I2")
def test_lines_are_counted_as_the_file_has_them_also_after_a_cell_of_two_lines():
    data = b'Adno,Forename,Surname\n1,"Ann\nMarie",Reid\n\n2,Bea,Reid\n'
    assert [line for line, _ in rows(data)] == [2, 5]


@pytest.mark.fault("I2")
def test_quotes_separators_and_doubled_quotes_inside_cells_survive():
    data = b'Adno,Forename,Surname\n1,"Ann ""Nan""","Reid, the elder"\n'
    assert rows(data) == [(2, ("1", 'Ann "Nan"', "Reid, the elder"))]


@pytest.mark.fault("I2")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('Adno,Forename\n1,Ann\n2,"Bea\n3,Cat\n', r"line 3: a quote mark .* never closed"),
        ('Adno,Forename\n1,"Ann "Nan" Reid"\n', r"line 2: a quote mark .* inside a quoted cell"),
    ],
)
def test_a_stray_quote_mark_is_found_on_its_line(text, words):
    with pytest.raises(UnreadableFileError, match=words):
        read(text.encode(), HEADINGS)


@pytest.mark.fault("I2")
def test_a_row_may_be_shorter_or_longer_than_the_header():
    table = read(b"Adno,Forename,Surname\n1,Ann\n2,Bea,Reid,more\n", HEADINGS)
    assert [row.cell(2) for row in table.rows] == ["", "Reid"]


@pytest.mark.fault("I2")
def test_more_than_200_columns_are_refused():
    with pytest.raises(UnreadableFileError, match="line 2: more than 200 columns"):
        read(b"Adno,Forename\n" + b",".join([b"x"] * (MAX_COLUMNS + 1)), HEADINGS)


@pytest.mark.fault("I2")
def test_a_million_columns_are_refused_without_being_taken_apart():
    with pytest.raises(UnreadableFileError, match="line 2: longer than"):
        read(b"Adno,Forename\n" + b"x," * 1_000_000, HEADINGS)


@pytest.mark.fault("I8")
def test_a_file_of_more_than_20_megabytes_is_refused():
    with pytest.raises(UnreadableFileError, match="larger than 20 MB"):
        read(b"x" * (MAX_BYTES + 1), HEADINGS)


@pytest.mark.fault("I8")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04rest", r"Excel workbook \(\.xlsx\).*CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", r"old Excel workbook \(\.xls\).*CSV UTF-8"),
        (b"\r\n<html><table>", r"web page under another name.*CSV UTF-8"),
        (b"<TABLE border=1>", "web page"),
        (b"<?xml version='1.0'?><SuperStarReport/>", "XML, not CSV"),
        (b"%PDF-1.7", "PDF"),
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n,,\r\n", "empty"),
        (b"Adno,Forename\n1,a\x00b\n", r"line 2: this is not a text file"),
    ],
)
def test_what_is_no_csv_is_named_with_the_way_to_save_it(data, words):
    with pytest.raises(UnreadableFileError, match=words):
        read(data, HEADINGS)


def test_without_any_known_heading_the_known_ones_are_listed():
    with pytest.raises(UnreadableFileError) as wrong:
        read(b"Colour,Shape\nred,round\n", HEADINGS)
    assert str(wrong.value).startswith("line 1: none of Admission number, UPN,")
    assert "I know these headings: Admission number, Admission no, Adm no, Adno" in str(wrong.value)
    assert "--map" in str(wrong.value)


def test_titles_groups_repeated_headers_and_footers_are_no_rows():
    table = read(
        b"School contacts for 3A\n\nsep=,\nAdno,Forename,Surname,Reg\n"
        b"Reg Group: 3A,,,\n1,Ann,Reid,3A\nAdno,Forename,Surname,Reg\n2,Page,Count,3A\n"
        b"Number of students: 2,,Page 1 of 1,Printed on 02/03/2026 09:41\n",
        HEADINGS,
    )
    assert [row.line for row in table.titles] == [1, 3]
    assert table.header.line == 4
    assert [row.line for row in table.rows] == [6, 8]


@pytest.mark.fault("I2")
@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_rows_or_our_own_error(data):
    for reader in (read_pupils, read_register):
        with suppress(UnreadableFileError):
            reader(data)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@pytest.mark.fault("I2")
@given(
    st.lists(st.lists(CELLS, min_size=4, max_size=22), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(max_examples=300, deadline=None)
def test_any_cells_under_known_headings_give_records_or_our_own_error(table, separator, encoding):
    headings = [
        [
            "Adno",
            "Forename",
            "Surname",
            "Reg",
            "Year",
            "ID",
            "Priority",
            "Mobile",
            "Email",
            "Court Order",
            "Language",
            "Title",
            "Forename",
            "Surname",
            "Date",
            "Session",
            "Mark",
            "AM",
            "PM",
            "UPN",
            "Contact allowed",
            "Preferred channel",
        ]
    ]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(headings + table)
    for reader in (read_pupils, read_register):
        with suppress(UnreadableFileError):
            reader(text.getvalue().encode(encoding))


PLAIN = st.text(
    st.characters(categories=["L", "Nd", "P"], exclude_characters="\u00a0"), min_size=1, max_size=9
)


@given(st.lists(st.tuples(PLAIN, PLAIN, PLAIN, PLAIN), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_what_a_spreadsheet_writes_is_read_back(table):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["Adno", "Forename", "Surname", "Reg"], *table])
    found = read(text.getvalue().encode(), HEADINGS).rows
    kept = {row.line: row.cells for row in found}
    for line, cells in enumerate(table, start=2):
        assert kept.get(line, cells) == cells
