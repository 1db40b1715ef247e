"""Importing: only when confirmed, in parts, never twice, quickly, and nothing of the file left behind."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select
from typer.testing import CliRunner

from clinic.__main__ import cli
from clinic.clock import now
from clinic.database import Database
from clinic.patients.models import ContactPoint, Patient
from clinic.settings import Settings
from clinic.waiting_list.columns import Headings, MappingError
from clinic.waiting_list.job import import_once
from clinic.waiting_list.models import WaitingListImport
from clinic.waiting_list.service import (
    KEPT_FOR,
    PART,
    ImportStateError,
    cancel,
    confirm,
    preview,
    set_mapping,
    upload,
    work_on_imports,
)
from tests.clinic.conftest import Clinic

TODAY = date(2026, 11, 22)
INES = ("Ines", "Okafor", "12/03/1984", "07700 900123", "RV77")
JAN = ("Jan", "Novak", "1/1/1990", "07700 900124", "RV78")
BAD = ("", "Nobody", "", "", "")
Make = Callable[..., bytes]


def uploaded(database: Database, content: bytes) -> int:
    with database.write() as session:
        return upload(session, content=content, file_name="list.csv", by="sam", headings=Headings.load()).id


def stored(database: Database, import_id: int) -> WaitingListImport:
    with database.read() as session:
        return session.get_one(WaitingListImport, import_id)


def patients(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Patient)) or 0


def carry_out(database: Database, import_id: int) -> WaitingListImport:
    with database.write() as session:
        confirm(session, session.get_one(WaitingListImport, import_id), by="sam")
    while True:
        with database.write() as session:
            if not work_on_imports(session, today=TODAY):
                return stored(database, import_id)


def made_up(number: int) -> list[tuple[str, ...]]:
    chance = random.Random(7)
    names = ("Ines", "Jan", "Zoë", "Amara", "Tom", "Mei", "Owen", "Fatima")
    return [
        (chance.choice(names), chance.choice(names), f"{chance.randint(1, 28)}/{chance.randint(1, 12)}/{chance.randint(1945, 2005)}",
         f"07700 9{n:05d}", f"RV{n}")
        for n in range(number)
    ]  # fmt: skip


def test_import_waits_until_it_is_confirmed(database: Database, csv_file: Make) -> None:
    import_id = uploaded(database, csv_file(INES, JAN))
    with database.write() as session:
        assert not work_on_imports(session, today=TODAY)
    assert patients(database) == 0
    done = carry_out(database, import_id)
    assert (done.status, done.rows_added, patients(database)) == ("done", 2, 2)


def test_import_adds_good_rows_and_leaves_bad_ones_out(database: Database, csv_file: Make) -> None:
    done = carry_out(database, uploaded(database, csv_file(INES, BAD, JAN)))
    assert (done.rows_added, done.rows_left_out, patients(database)) == (2, 1, 2)


def test_import_may_be_repeated_without_doubling(database: Database, csv_file: Make, excel_file: Make) -> None:
    carry_out(database, uploaded(database, csv_file(INES, JAN)))
    again = carry_out(database, uploaded(database, excel_file(INES, JAN, ("Amara", "", "", "", "RV79"))))
    assert (again.rows_added, again.rows_known, patients(database)) == (1, 2, 3)


def test_import_keeps_the_file_encrypted_and_only_until_it_is_done(database: Database, csv_file: Make) -> None:
    import_id = uploaded(database, csv_file(INES))
    with database.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT content, file_name FROM waiting_list_import").one()
    assert b"Ines" not in bytes(raw[0]) and b"list" not in bytes(raw[1])
    assert carry_out(database, import_id).content is None


def test_import_that_is_given_up_keeps_nothing(database: Database, csv_file: Make) -> None:
    import_id = uploaded(database, csv_file(INES))
    with database.write() as session:
        cancel(session, session.get_one(WaitingListImport, import_id), by="sam")
    given_up = stored(database, import_id)
    assert (given_up.status, given_up.content) == ("cancelled", None)
    with database.write() as session, pytest.raises(ImportStateError):
        confirm(session, session.get_one(WaitingListImport, import_id), by="sam")


async def test_import_that_is_forgotten_is_erased(clinic: Clinic, csv_file: Make) -> None:
    database = clinic.services.database
    import_id = uploaded(database, csv_file(INES))
    import_once(clinic.services)
    assert stored(database, import_id).content is not None
    with time_machine.travel(now() + KEPT_FOR + timedelta(minutes=1)):
        import_once(clinic.services)
    assert (stored(database, import_id).content, patients(database)) == (None, 0)


def test_import_that_dies_half_way_goes_on_and_doubles_nobody(database: Database, csv_file: Make) -> None:
    import_id = uploaded(database, csv_file(*made_up(PART + 10)))
    with database.write() as session:
        confirm(session, session.get_one(WaitingListImport, import_id), by="sam")
    with database.write() as session:
        work_on_imports(session, today=TODAY)
    with pytest.raises(RuntimeError), database.write() as session:
        work_on_imports(session, today=TODAY)
        raise RuntimeError("the process dies before it commits")
    assert patients(database) == PART
    with database.write() as session:
        work_on_imports(session, today=TODAY)
    assert (patients(database), stored(database, import_id).rows_added) == (PART + 10, PART + 10)


def test_import_mapping_can_be_changed_until_it_is_confirmed(database: Database, csv_file: Make) -> None:
    content = csv_file(INES, headings=("a", "b", "c", "d", "e"))
    import_id = uploaded(database, content)
    with database.write() as session, pytest.raises(MappingError):
        confirm(session, session.get_one(WaitingListImport, import_id), by="sam")
    with database.write() as session:
        set_mapping(session.get_one(WaitingListImport, import_id), {"given_name": 0, "phone": 3})
    with database.read() as session:
        assert len(preview(session, session.get_one(WaitingListImport, import_id), today=TODAY).ready) == 1
    carry_out(database, import_id)
    with database.write() as session, pytest.raises(ImportStateError):
        set_mapping(session.get_one(WaitingListImport, import_id), {"given_name": 1, "phone": 3})


def test_import_of_ten_thousand_rows_takes_under_a_minute(
    database: Database, csv_file: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    content = csv_file(*made_up(10_000))
    began = time.monotonic()
    import_id = uploaded(database, content)
    with database.read() as session:
        assert len(preview(session, session.get_one(WaitingListImport, import_id), today=TODAY).ready) == 10_000
    looked = time.monotonic()
    done = carry_out(database, import_id)
    took = time.monotonic() - began
    with capsys.disabled():
        print(f"\n10,000 rows, {database.engine.name}: preview {looked - began:.1f} s, all {took:.1f} s")  # noqa: T201
    assert (done.rows_added, patients(database)) == (10_000, 10_000)
    assert took < 60


def command(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str, says: str = "") -> tuple[int, str]:
    monkeypatch.setenv("VAR_FOLDER", str(settings.var_folder))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    result = CliRunner().invoke(cli, ["import-waiting-list", *arguments], input=says)
    return result.exit_code, result.output


@pytest.fixture
def list_file(tmp_path: Path) -> Callable[[bytes], str]:
    def write(content: bytes) -> str:
        path = tmp_path / "list.csv"
        path.write_bytes(content)
        return str(path)

    return write


def test_import_by_command_line_asks_first(
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    csv_file: Make,
    list_file: Callable[[bytes], str],
) -> None:
    path = list_file(csv_file(INES, JAN))
    code, said = command(settings, monkeypatch, path, says="n\n")
    assert code == 1 and "2 new" in said and patients(database) == 0
    code, said = command(settings, monkeypatch, path, says="y\n")
    assert code == 0 and "Imported: 2" in said and patients(database) == 2
    assert command(settings, monkeypatch, path, "--yes")[1].count("Nothing to import") == 1


def test_import_by_command_line_lists_bad_rows_and_imports_the_good_ones_on_request(
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    csv_file: Make,
    list_file: Callable[[bytes], str],
) -> None:
    path = list_file(csv_file(INES, BAD, JAN))
    code, said = command(settings, monkeypatch, path, "--yes")
    assert code == 1 and "line 3: first name: it is missing" in said and patients(database) == 0
    code, said = command(settings, monkeypatch, path, "--yes", "--good-rows")
    assert code == 0 and patients(database) == 2


def test_import_by_command_line_takes_a_mapping(
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    csv_file: Make,
    list_file: Callable[[bytes], str],
) -> None:
    path = list_file(csv_file(INES, headings=("a", "b", "c", "d", "e")))
    assert command(settings, monkeypatch, path, "--yes")[0] == 1
    code, _ = command(settings, monkeypatch, path, "--yes", "--map", "given_name=a", "--map", "phone=d")
    with database.read() as session:
        assert code == 0 and session.scalars(select(ContactPoint)).one().value == "+447700900123"
