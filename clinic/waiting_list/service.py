"""Imports: uploading, checking, confirming, and carrying them out a part at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.patients.service import add_patient
from clinic.waiting_list.check import Check, check_rows
from clinic.waiting_list.columns import Field, Headings, check_mapping
from clinic.waiting_list.models import WaitingListImport
from clinic.waiting_list.table import Row, Table, read_table

# Rows in one transaction: patients' messages wait no longer than this takes.
PART = 250
# A list that nobody confirmed is given up, and its content erased.
KEPT_FOR = timedelta(hours=24)


class ImportStateError(ValueError):
    """This cannot be done with the import any more; the message says why."""


@dataclass(frozen=True)
class Done:
    """What became of a part of a list."""

    added: int
    known: int
    left_out: int


def upload(session: Session, *, content: bytes, file_name: str, by: str, headings: Headings) -> WaitingListImport:
    """Keeps a file until somebody has looked at what it would do.

    Raises:
        TableError: it cannot be read.
    """
    table = read_table(content)
    uploaded = WaitingListImport(
        status="uploaded",
        file_name=file_name[-120:],
        content=table.to_json(),
        mapping=headings.guess(table.headings),
        uploaded_by=by,
        uploaded_at=now(),
        rows=len(table.rows),
    )
    session.add(uploaded)
    session.flush()
    record(session, actor=by, action="upload", entity="waiting_list_import", entity_id=uploaded.id)
    return uploaded


def table_of(uploaded: WaitingListImport) -> Table:
    """The uploaded list.

    Raises:
        ImportStateError: it is not kept any more.
    """
    if uploaded.content is None:
        raise ImportStateError("This list was imported or given up, and is not kept any more. Upload it again.")
    return Table.from_json(uploaded.content)


def set_mapping(uploaded: WaitingListImport, mapping: Mapping[Field, int]) -> None:
    """Decides which column holds what.

    Raises:
        MappingError: a list cannot be imported like that.
        ImportStateError: it is being imported already.
    """
    if uploaded.status != "uploaded":
        raise ImportStateError("This list is imported already.")
    check_mapping(mapping, columns=len(table_of(uploaded).headings))
    uploaded.mapping = {str(field): column for field, column in mapping.items()}


def confirm(session: Session, uploaded: WaitingListImport, *, by: str) -> None:
    """Lets the import begin; the job below carries it out.

    Raises:
        MappingError: the columns are not decided.
        ImportStateError: it was confirmed or given up before.
    """
    set_mapping(uploaded, uploaded.mapping)  # type: ignore[arg-type]
    uploaded.status = "confirmed"
    record(session, actor=by, action="import", entity="waiting_list_import", entity_id=uploaded.id)


def cancel(session: Session, uploaded: WaitingListImport, *, by: str) -> None:
    """Gives the import up and erases the list. Given up twice is no error.

    Raises:
        ImportStateError: it is being imported.
    """
    if uploaded.status == "confirmed":
        raise ImportStateError("This list is being imported and cannot be stopped.")
    if uploaded.status == "uploaded":
        _finish(uploaded, "cancelled")
        record(session, actor=by, action="cancel", entity="waiting_list_import", entity_id=uploaded.id)


def import_part(session: Session, rows: Sequence[Row], mapping: Mapping[Field, int], *, today: date) -> Done:
    """Adds who is new among these rows. Safe to repeat: whoever is there already is left as they are."""
    check = check_rows(session, rows, mapping, today=today)
    for entry in check.ready:
        add_patient(session, entry.person)
    session.flush()
    return Done(added=len(check.ready), known=len(check.known) + len(check.repeated), left_out=len(check.refused))


def preview(session: Session, uploaded: WaitingListImport, *, today: date) -> Check:
    """What would become of every row with the mapping as it is.

    Raises:
        MappingError, ImportStateError: as above.
    """
    table = table_of(uploaded)
    check_mapping(uploaded.mapping, columns=len(table.headings))  # type: ignore[arg-type]
    return check_rows(session, table.rows, uploaded.mapping, today=today)  # type: ignore[arg-type]


def is_anything_due(session: Session) -> bool:
    """Whether a list waits to be imported, or to be given up."""
    waiting = select(WaitingListImport.id).where(
        or_(
            WaitingListImport.status == "confirmed",
            (WaitingListImport.status == "uploaded") & (WaitingListImport.uploaded_at < now() - KEPT_FOR),
        )
    )
    return session.scalar(waiting.limit(1)) is not None


def work_on_imports(session: Session, *, today: date) -> bool:
    """Carries out one part of one confirmed import. Returns whether there was one.

    Its place in the list moves on in the same transaction, so a process that dies repeats or skips nobody.
    """
    uploaded = session.scalar(
        select(WaitingListImport)
        .where(WaitingListImport.status == "confirmed")
        .order_by(WaitingListImport.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if uploaded is None:
        return False
    rows = table_of(uploaded).rows[uploaded.rows_read : uploaded.rows_read + PART]
    done = import_part(session, rows, uploaded.mapping, today=today)  # type: ignore[arg-type]
    uploaded.rows_read += len(rows)
    uploaded.rows_added += done.added
    uploaded.rows_known += done.known
    uploaded.rows_left_out += done.left_out
    if uploaded.rows_read >= uploaded.rows:
        _finish(uploaded, "done")
    return True


def give_up_old_imports(session: Session) -> int:
    """Erases lists that nobody confirmed within KEPT_FOR. Returns how many."""
    old = session.scalars(
        select(WaitingListImport).where(
            WaitingListImport.status == "uploaded", WaitingListImport.uploaded_at < now() - KEPT_FOR
        )
    ).all()
    for uploaded in old:
        _finish(uploaded, "cancelled")
    return len(old)


def _finish(uploaded: WaitingListImport, status: str) -> None:
    uploaded.status, uploaded.content, uploaded.finished_at = status, None, now()
