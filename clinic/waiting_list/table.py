"""Reading an uploaded file as a table of plain texts. Nothing in it is ever computed, followed or executed."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

import charset_normalizer
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

MOST_ROWS = 20_000
_MOST_COLUMNS = 100
_LONGEST_CELL = 1_000
# A small file can unpack into a huge one.
_MOST_UNPACKED = 60_000_000
_DELIMITERS = ",;\t|"
_EXCEL_BEGINS = b"PK\x03\x04"
_OLD_EXCEL_BEGINS = b"\xd0\xcf\x11\xe0"


class TableError(ValueError):
    """The file cannot be read as a table; the message says why and what to do."""


@dataclass(frozen=True)
class Row:
    """One row; `line` is where a reader finds it in the file, counted from 1 with the headings."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Headings, and rows as wide as these. Empty rows are left out."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values to be stored."""
        return {"headings": self.headings, "rows": [(row.line, row.cells) for row in self.rows]}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Table:
        """What `to_json` gave."""
        rows = tuple(Row(line, tuple(cells)) for line, cells in stored["rows"])
        return cls(tuple(stored["headings"]), rows)


def read_table(content: bytes) -> Table:
    """The table in a CSV or Excel (.xlsx) file; which of the two, its content says.

    Raises:
        TableError: it is neither, holds no rows, or far too many.
    """
    if not content.strip():
        raise TableError("The file is empty.")
    if content.startswith(_OLD_EXCEL_BEGINS):
        raise TableError("This is an old Excel file (.xls), or it has a password. Save it as .xlsx or CSV.")
    lines = _excel_lines(content) if content.startswith(_EXCEL_BEGINS) else _csv_lines(content)
    headings: tuple[str, ...] | None = None
    rows: list[Row] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if headings is None:
            headings = _headings(cells)
            continue
        if len(rows) >= MOST_ROWS:
            raise TableError(f"The file has more than {MOST_ROWS:,} rows. Import it in parts.")
        rows.append(Row(number, _as_wide_as(headings, cells)))
    if headings is None or not rows:
        raise TableError("The file has headings at most, and no rows below them.")
    return Table(headings, tuple(rows))


def _headings(cells: tuple[str, ...]) -> tuple[str, ...]:
    used = len(cells)
    while used and not cells[used - 1]:
        used -= 1
    if used > _MOST_COLUMNS:
        raise TableError(f"The file has more than {_MOST_COLUMNS} columns.")
    return tuple(cell or f"Column {number}" for number, cell in enumerate(cells[:used], start=1))


def _as_wide_as(headings: tuple[str, ...], cells: tuple[str, ...]) -> tuple[str, ...]:
    return (*cells, *("",) * len(headings))[: len(headings)]


def _csv_lines(content: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    text = _decoded(content)
    if not text.strip():
        raise TableError("The file is empty.")
    try:
        dialect: Any = csv.Sniffer().sniff(text[:20_000], delimiters=_DELIMITERS)
    except csv.Error:
        # One column, or too little to tell: the sign that stands in the headings most often.
        dialect = csv.excel()
        first = text.strip().splitlines()[0]
        dialect.delimiter = max(_DELIMITERS, key=first.count)
    # The sniffer only guesses these two, and wrongly where names hold an apostrophe.
    dialect.quotechar, dialect.doublequote = '"', True
    reader = csv.reader(io.StringIO(text, newline=""), dialect)
    try:
        begin = 1
        for cells in reader:
            yield begin, tuple(_text(cell) for cell in cells)
            begin = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"Line {reader.line_num} of the file is not CSV. Save it again as CSV or Excel.") from error


def _decoded(content: bytes) -> str:
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableError("This is not a CSV or Excel file.")
    # UTF-8 proves itself; only what is not UTF-8 has to be guessed.
    for encoding in ("utf-8-sig", "utf-16") if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    # Spreadsheets of western Europe write cp1252 where they do not write UTF-8: it breaks every tie.
    guess = charset_normalizer.from_bytes(content[:200_000], cp_isolation=["cp1252", "latin_1", "mac_roman"]).best()
    return content.decode(guess.encoding if guess is not None else "cp1252", errors="replace")


def _excel_lines(content: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _MOST_UNPACKED:
                raise TableError("The file unpacks into something far too large for a list of people.")
        # Formulas are read as what they are, text that begins with "=", and refused where a value is needed.
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.active
        if sheet is None:
            raise TableError("The file has no sheet.")
        for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS + 1), start=1):
            yield number, tuple(_text(cell) for cell in cells)
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ParseError, ValueError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError("This is not an Excel file that can be read. Save it again as .xlsx or CSV.") from error


def _text(value: object) -> str:
    """A cell as one line of text: dates as ISO, whole numbers without a point, control characters as spaces."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "".join(sign if sign.isprintable() else " " for sign in str(value))
    return " ".join(text.split())[:_LONGEST_CELL]
