"""`python -m clinic staff`: accounts made, changed and closed from the command line."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.settings import Settings
from clinic.staff.models import StaffAccount
from clinic.staff.roles import ROLES
from clinic.staff.second_factor import has_second_factor, remove_all
from clinic.staff.service import AccountError, account_named, create_account, disable, enable, set_password, set_role
from clinic.staff.sessions import Limits, end_sessions, live_sessions

staff_cli = typer.Typer(no_args_is_help=True, help=__doc__)
_BY = "system"
_Username = Annotated[str, typer.Argument(help="user name, as typed at log-in")]


@staff_cli.command("create")
def create_command(
    username: _Username,
    name: Annotated[str, typer.Option(help="what patients see when this person writes to them")],
    role: Annotated[str, typer.Option(help=", ".join(ROLES))] = "duty",
) -> None:
    """Makes an account and prints its first password, which is changed at the first log-in."""
    password = _new_password()
    with _writing() as (session, _):
        create_account(session, username=username, name=name, password=password, role=role, is_temporary=True)
    typer.echo(f"log in as {username.strip().lower()} with {password}")


@staff_cli.command("list")
def list_command() -> None:
    """Every account: user name, role, how it logs in, on how many devices it is logged in."""
    with _writing() as (session, settings):
        for one in session.scalars(select(StaffAccount).order_by(StaffAccount.username)):
            way = (
                "single sign-on"
                if not one.password_hash
                else "password and second step"
                if has_second_factor(session, one.id)
                else "password only"
            )
            state = (
                "closed" if one.disabled_at else f"{len(live_sessions(session, one.id, Limits.of(settings)))} sessions"
            )
            typer.echo(f"{one.username}  {one.role}  {way}  {state}  ({one.name})")


@staff_cli.command("set-role")
def set_role_command(username: _Username, role: Annotated[str, typer.Argument(help=", ".join(ROLES))]) -> None:
    """Changes what somebody may do, from their next request on."""
    with _account(username) as (session, account):
        set_role(session, account, role, by=_BY)


@staff_cli.command("disable")
def disable_command(username: _Username) -> None:
    """Closes an account and ends its sessions."""
    with _account(username) as (session, account):
        disable(session, account, by=_BY)


@staff_cli.command("enable")
def enable_command(username: _Username) -> None:
    """Opens a closed account again."""
    with _account(username) as (session, account):
        enable(session, account, by=_BY)


@staff_cli.command("new-password")
def new_password_command(username: _Username) -> None:
    """Prints a new password, which is changed at the next log-in; ends the account's sessions."""
    password = _new_password()
    with _account(username) as (session, account):
        set_password(session, account, password, by=_BY, is_temporary=True)
    typer.echo(f"log in as {username.strip().lower()} with {password}")


@staff_cli.command("remove-second-factor")
def remove_second_factor_command(username: _Username) -> None:
    """For somebody who has lost phone and recovery codes. Make sure first who is asking."""
    with _account(username) as (session, account):
        remove_all(session, account, by=_BY)
        end_sessions(session, account.id, by=_BY)


@staff_cli.command("end-sessions")
def end_sessions_command(username: _Username) -> None:
    """Logs somebody out everywhere."""
    with _account(username) as (session, account):
        end_sessions(session, account.id, by=_BY)


@staff_cli.command("link")
def link_command(
    username: _Username,
    subject: Annotated[str, typer.Argument(help="the provider's `sub` of this person")],
) -> None:
    """Lets an account that is here already be opened by the clinic's single sign-on."""
    with _writing() as (session, settings):
        if not settings.oidc_issuer:
            raise AccountError("set OIDC_ISSUER first")
        _found(session, username).oidc_subject = f"{settings.oidc_issuer} {subject}"


def _new_password() -> str:
    return secrets.token_urlsafe(12)


@contextmanager
def _account(username: str) -> Iterator[tuple[Session, StaffAccount]]:
    with _writing() as (session, _):
        yield session, _found(session, username)


@contextmanager
def _writing() -> Iterator[tuple[Session, Settings]]:
    settings = Settings()
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    try:
        with database.write() as session:
            yield session, settings
    except AccountError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    finally:
        database.dispose()


def _found(session: Session, username: str) -> StaffAccount:
    account = account_named(session, username)
    if account is None:
        raise AccountError(f"there is no account '{username}'")
    return account
