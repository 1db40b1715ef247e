"""`python -m clinic audit`: whether the trail is whole, and who looked at what."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import select

from clinic.audit.chain import verify_chain
from clinic.audit.models import AuditEvent
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.settings import Settings

audit_cli = typer.Typer(no_args_is_help=True, help=__doc__)


@audit_cli.command("verify")
def verify_command(
    contains: Annotated[str | None, typer.Option(help="a seal noted earlier, which the trail must still hold")] = None,
) -> None:
    """Looks at every event. Ends with status 1 where one was changed, added or taken away behind the service's back."""
    with _database().read() as session:
        report = verify_chain(session, contains=contains)
    for problem in report.problems:
        typer.echo(problem)
    if report.problem_count > len(report.problems):
        typer.echo(f"and {report.problem_count - len(report.problems)} more")
    if report.unprotected:
        typer.echo(f"{report.unprotected} events are older than the chain: nothing protects them")
    typer.echo(f"{report.events} events, {report.problem_count} problems, the last seal is {report.head or 'none yet'}")
    if not report.is_whole:
        raise typer.Exit(1)


@audit_cli.command("show")
def show_command(
    entity: Annotated[str, typer.Option(help="kind of record: patient, conversation, escalation, staff_account, ...")],
    entity_id: Annotated[str, typer.Option("--id", help="its id, as in the address of its page")],
) -> None:
    """Who did what to one record, oldest first: time, who, what."""
    query = select(AuditEvent).where(AuditEvent.entity == entity, AuditEvent.entity_id == entity_id)
    with _database().read() as session:
        for one in session.scalars(query.order_by(AuditEvent.id)):
            typer.echo(f"{one.at.isoformat(timespec='seconds')}  {one.actor}  {one.action}")


def _database() -> Database:
    settings = Settings()
    configure_encryption(settings)
    return Database(settings.resolved_database_url)
