"""The command line of the clinic service: `python -m clinic --help`."""

from __future__ import annotations

from datetime import date

import typer
import uvicorn
from alembic import command as alembic_command
from cryptography.fernet import Fernet

from clinic.app import create_app
from clinic.audit.command import audit_cli
from clinic.clock import now
from clinic.content.yaml_files import DataFileError
from clinic.database import Database
from clinic.encryption import DataKeysError, configure_encryption
from clinic.escalations.addresses import Addresses
from clinic.export.commands import export_cli
from clinic.improvement.command import export_feedback
from clinic.migrate import alembic_config, migrate
from clinic.operations.logging import configure_logging
from clinic.rights.command import erase_command, export_command
from clinic.services import Services
from clinic.settings import Settings
from clinic.staff.command import staff_cli
from clinic.staff.first_login import ensure_first_account
from clinic.waiting_list.command import import_waiting_list
from risk import Detector
from risk.classifier.model import ModelMissing
from risk.data_file import DataError

# Tracebacks with local variables could show what somebody wrote.
cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
cli.add_typer(audit_cli, name="audit")
cli.add_typer(export_cli, name="export")
cli.add_typer(staff_cli, name="staff")


@cli.command()
def serve() -> None:
    """Serves patients, staff and Rasa's action calls, and runs the relay."""
    settings = Settings()
    configure_logging(as_json=settings.environment == "production")
    try:
        configure_encryption(settings)
        services = Services.build(settings, detector=Detector.load())
    except (DataFileError, DataKeysError, DataError, ModelMissing) as error:
        raise typer.Exit(_complain(str(error))) from error
    overdue = services.contacts.overdue(_today())
    for contact in overdue:
        typer.echo(
            f"crisis contact '{contact.id}' was due for a check on {contact.review_on}: check its line against its "
            "source and set a new review_on in data/crisis/contacts.yml",
            err=True,
        )
    if overdue and settings.environment == "production":
        # Alerts have said so for 30 days (clinic.operations.watching): a number that nobody vouches for is no help.
        raise typer.Exit(_complain("production does not start with crisis contacts that are overdue"))
    examples = services.facts.problem()
    if examples is not None:
        typer.echo(examples, err=True)
        if settings.environment == "production":
            raise typer.Exit(1)
    for problem in Addresses.of(settings).problems(services.escalations.policy):
        typer.echo(problem, err=True)
    uvicorn.run(
        create_app(services),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        # Event streams end when the service stops; whoever hangs longer is cut off.
        timeout_graceful_shutdown=5,
    )


@cli.command("migrate")
def migrate_command() -> None:
    """Brings the database to the newest shape and, in development, makes a first account."""
    settings = Settings()
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    migrate(database)
    if settings.environment == "development":
        ensure_first_account(database, settings)
    database.dispose()


cli.command("import-waiting-list")(import_waiting_list)
cli.command("export-person")(export_command)
cli.command("erase-person")(erase_command)
cli.command("export-detector-feedback")(export_feedback)


@cli.command("make-key")
def make_key() -> None:
    """Prints a new key for DATA_KEYS."""
    typer.echo(Fernet.generate_key().decode())


@cli.command("make-migration")
def make_migration(message: str) -> None:
    """Writes a migration from what changed in the tables (for developers; read it before committing)."""
    alembic_command.revision(alembic_config(), message=message, autogenerate=True)


def _today() -> date:
    return now().date()


def _complain(message: str) -> int:
    typer.echo(message, err=True)
    return 1


if __name__ == "__main__":
    cli()
