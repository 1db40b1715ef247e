"""Reading files as clinics have them, and refusing what is no list."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.waiting_list import table
from clinic.waiting_list.table import Table, TableError, read_table

ROW = ("Ines", "Okafor", "12/03/1984", "07700 900123", "RV77")
Make = Callable[..., bytes]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_table_delimiter_is_found(csv_file: Make, delimiter: str) -> None:
    read = read_table(csv_file(ROW, ROW, delimiter=delimiter))
    assert read.headings[0] == "First name" and [row.cells for row in read.rows] == [ROW, ROW]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_table_encoding_is_found(csv_file: Make, encoding: str) -> None:
    people = [("Zoë", "Peña", "1/1/1980", "07700 900001", "1"), ("Jürgen", "O'Brien", "1/1/1980", "07700 900002", "2")]
    read = read_table(csv_file(*people, encoding=encoding))
    assert [row.cells[:2] for row in read.rows] == [("Zoë", "Peña"), ("Jürgen", "O'Brien")]


def test_table_excel_dates_and_numbers_become_text(excel_file: Make) -> None:
    read = read_table(
        excel_file(
            ("Ines", "Okafor", datetime(1984, 3, 12), 7700900123, 77.0),  # noqa: DTZ001
            ("Jan", "", date(1990, 1, 2), None, ""),
        )
    )
    assert read.rows[0].cells == ("Ines", "Okafor", "1984-03-12", "7700900123", "77")
    assert read.rows[1].cells == ("Jan", "", "1990-01-02", "", "")


def test_table_lines_are_where_a_reader_finds_them(csv_file: Make) -> None:
    content = csv_file(("Ines", "line\nbreak", "", "", ""), ("", "", "", "", ""), ("Jan", "", "", "", ""))
    read = read_table(content)
    assert [(row.line, row.cells[:2]) for row in read.rows] == [(2, ("Ines", "line break")), (5, ("Jan", ""))]


def test_table_short_and_long_rows_are_as_wide_as_the_headings() -> None:
    read = read_table(b"a,b,c\n1\n1,2,3,4\n")
    assert [row.cells for row in read.rows] == [("1", "", ""), ("1", "2", "3")]


def test_table_formulas_are_text_and_never_computed(excel_file: Make) -> None:
    read = read_table(excel_file(('=HYPERLINK("http://x","Ines")', "=1+1", "", "", "")))
    assert read.rows[0].cells[:2] == ('=HYPERLINK("http://x","Ines")', "=1+1")


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (table._MOST_UNPACKED + 1))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"First name,Mobile\n", "no rows"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "old Excel"),
        (b"PK\x03\x04 not a zip", "not an Excel file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a CSV"),
        (b"a," * 200 + b"\nx\n", "columns"),
        (b"a\n" + b"x\n" * (table.MOST_ROWS + 1), "more than 20,000 rows"),
    ],
    ids=["nothing", "spaces", "headings", "xls", "broken_zip", "picture", "wide", "long"],
)
def test_table_that_is_no_list_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(TableError, match=says):
        read_table(content)


def test_table_zip_bomb_is_refused() -> None:
    with pytest.raises(TableError, match="too large"):
        read_table(_bomb())


def test_table_comes_back_from_json(csv_file: Make) -> None:
    read = read_table(csv_file(ROW))
    assert Table.from_json(read.to_json()) == read


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_table_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read = read_table(content)
    except TableError:
        return
    assert all(len(row.cells) == len(read.headings) for row in read.rows)
