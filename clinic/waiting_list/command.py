"""`python -m clinic import-waiting-list`: the same import from the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from clinic.audit.service import record
from clinic.clock import now
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.settings import Settings
from clinic.waiting_list.check import Check, check_rows
from clinic.waiting_list.columns import FIELD_NAMES, Field, Headings, MappingError, check_mapping, mapping_from_words
from clinic.waiting_list.service import PART, import_part
from clinic.waiting_list.table import Table, TableError, read_table

_ACTOR = "command line"


def import_waiting_list(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV or Excel (.xlsx)")],
    map: Annotated[
        list[str], typer.Option("--map", help="field=heading, several times; guessed from the headings otherwise")
    ] = [],  # noqa: B006 (typer reads it once)
    good_rows: Annotated[bool, typer.Option("--good-rows", help="import the good rows in any case")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Puts the people of a CSV or Excel file on the waiting list, after showing what would be done."""
    settings = Settings()
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    try:
        table = read_table(file.read_bytes())
        mapping = mapping_from_words(map, table.headings) if map else Headings.load().guess(table.headings)
        check_mapping(mapping, columns=len(table.headings))
    except (TableError, MappingError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo("Columns: " + ", ".join(f"{FIELD_NAMES[f]} from '{table.headings[c]}'" for f, c in mapping.items()))
    check = _checked(database, table, mapping)
    _say(check)
    if check.refused and not good_rows:
        typer.echo("Nothing was imported. Correct these rows, or import the others with --good-rows.", err=True)
        raise typer.Exit(1)
    if not check.ready:
        typer.echo("Nothing to import.")
        return
    if not yes and not typer.confirm(f"Import {len(check.ready)} people?"):
        raise typer.Exit(1)
    added = _imported(database, table, mapping)
    typer.echo(f"Imported: {added}")


def _checked(database: Database, table: Table, mapping: Mapping[Field, int]) -> Check:
    with _progress() as progress, database.read() as session:
        task = progress.add_task("looking at the rows", total=len(table.rows))
        check = check_rows(
            session,
            table.rows,
            mapping,
            today=now().date(),
            on_progress=lambda done: progress.update(task, completed=done),
        )
        progress.update(task, completed=len(table.rows))
    return check


def _imported(database: Database, table: Table, mapping: Mapping[Field, int]) -> int:
    added = 0
    with _progress() as progress:
        task = progress.add_task("importing", total=len(table.rows))
        for begin in range(0, len(table.rows), PART):
            rows = table.rows[begin : begin + PART]
            with database.write() as session:
                added += import_part(session, rows, mapping, today=now().date()).added
            progress.advance(task, len(rows))
    with database.write() as session:
        record(session, actor=_ACTOR, action="import", entity="waiting_list", entity_id=added)
    return added


def _say(check: Check) -> None:
    typer.echo(
        f"{check.rows} rows: {len(check.ready)} new, {len(check.known)} on the list already, "
        f"{len(check.repeated)} repeated, {len(check.refused)} that cannot be imported"
    )
    for line, earlier in check.repeated:
        typer.echo(f"line {line}: the same person as in line {earlier}")
    for line in check.differing:
        typer.echo(f"line {line}: on the list already, with other details; these stay as they are")
    for line, problems in check.refused:
        for problem in problems:
            typer.echo(f"line {line}: {problem}", err=True)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
