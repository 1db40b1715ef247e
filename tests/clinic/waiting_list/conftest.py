"""Files as clinics have them, made up."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import openpyxl
import pytest

HEADINGS = ("First name", "Surname", "DOB", "Mobile", "Ref")


@pytest.fixture
def csv_file() -> Callable[..., bytes]:
    """A CSV file with these rows under the usual headings."""

    def make(
        *rows: Sequence[object], headings: Sequence[str] = HEADINGS, delimiter: str = ",", encoding: str = "utf-8"
    ) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows([headings, *rows])
        return text.getvalue().encode(encoding)

    return make


@pytest.fixture
def excel_file() -> Callable[..., bytes]:
    """An Excel file with these rows under the usual headings."""

    def make(*rows: Sequence[object], headings: Sequence[str] = HEADINGS) -> bytes:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (headings, *rows):
            sheet.append(list(row))
        stored = io.BytesIO()
        book.save(stored)
        return stored.getvalue()

    return make
