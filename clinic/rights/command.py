"""`python -m clinic export-person` and `erase-person`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from clinic.audit.service import record
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.models import ALL_MODELS
from clinic.rights.copy import copy_as_json, copy_as_pdf
from clinic.rights.erasure import ErasureRefused, confirm_erasure, request_erasure, sweep_if_possible
from clinic.rights.holdings import NobodyFound, Subject, holdings_of
from clinic.settings import Settings
from clinic.staff.models import StaffAccount

assert ALL_MODELS  # every table must be known: whose rows they are is found through them
_Patient = Annotated[str | None, typer.Option("--patient", help="the id at the end of the page's address")]
_Conversation = Annotated[str | None, typer.Option("--conversation", help="of somebody the clinic does not know")]


def export_command(
    into: Annotated[Path, typer.Argument(dir_okay=False, help="a new file, .json or .pdf")],
    patient: _Patient = None,
    conversation: _Conversation = None,
) -> None:
    """Writes everything that is kept about a person into a file that only you can read."""
    settings, database = _open()
    try:
        subject = _subject(patient, conversation)
        with database.write() as session:
            found = holdings_of(session, subject)
            record(session, actor="command line", action="export", **_entity(subject))
        is_pdf = into.suffix.lower() == ".pdf"
        content = copy_as_pdf(found, clinic_name=settings.clinic_name) if is_pdf else copy_as_json(found)
        into.touch(mode=0o600, exist_ok=False)
        into.write_bytes(content)
    except (NobodyFound, FileExistsError, ErasureRefused) as error:
        raise typer.Exit(_complain(error)) from error
    finally:
        database.dispose()
    typer.echo(f"written to {into}")


def erase_command(
    by: Annotated[str, typer.Option("--by", help="user name of who asks for it")],
    confirmed_by: Annotated[str, typer.Option("--confirmed-by", help="user name of who agrees")],
    patient: _Patient = None,
    conversation: _Conversation = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Erases everything that is kept about a person, for good."""
    settings, database = _open()
    try:
        subject = _subject(patient, conversation)
        if not yes:
            typer.confirm("Erase everything about this person? It cannot be undone.", abort=True)
        with database.write() as session:
            for username in (by, confirmed_by):
                known = select(StaffAccount.id).where(
                    StaffAccount.username == username, StaffAccount.disabled_at.is_(None)
                )
                if session.scalar(known) is None:
                    raise ErasureRefused(f"There is no account '{username}'.")
            erasure = request_erasure(session, subject, by=by)
            confirm_erasure(session, erasure, by=confirmed_by, keeps=settings.erasure_keeps)
        if not sweep_if_possible(database):
            typer.echo("erased; the database's log could not be emptied just now: run it again later", err=True)
    except (NobodyFound, ErasureRefused) as error:
        raise typer.Exit(_complain(error)) from error
    finally:
        database.dispose()
    typer.echo(f"erased: {erasure.id}")


def _open() -> tuple[Settings, Database]:
    settings = Settings()
    configure_encryption(settings)
    return settings, Database(settings.resolved_database_url)


def _subject(patient: str | None, conversation: str | None) -> Subject:
    if (patient is None) == (conversation is None):
        raise ErasureRefused("Name either --patient or --conversation.")
    return Subject(patient_id=patient, conversation_id=conversation)


def _entity(subject: Subject) -> dict[str, str]:
    if subject.patient_id is not None:
        return {"entity": "patient", "entity_id": subject.patient_id}
    return {"entity": "conversation", "entity_id": str(subject.conversation_id)}


def _complain(error: Exception) -> int:
    typer.echo("There is no such patient or conversation." if isinstance(error, NobodyFound) else str(error), err=True)
    return 1
