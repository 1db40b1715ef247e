"""Accounts of staff and their passwords."""

from __future__ import annotations

import secrets

from pwdlib import PasswordHash
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.staff.models import StaffAccount
from clinic.staff.roles import ROLES
from clinic.staff.sessions import end_sessions

SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = 256
_hasher = PasswordHash.recommended()
# Checked when the name is unknown, so that the time taken does not tell which names exist.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


class AccountError(ValueError):
    """An account cannot be made or changed as asked; the message says why."""


def create_account(
    session: Session, *, username: str, name: str, password: str, role: str, is_temporary: bool = False
) -> StaffAccount:
    """Makes an account; `is_temporary`: a password of their own is asked for at the first log-in.

    Raises:
        AccountError: the name is taken, the password too short, or there is no such role.
    """
    problem = what_is_wrong_with(password)
    if problem is not None:
        raise AccountError(problem)
    account = _new_account(session, username=username, name=name, role=role)
    account.password_hash, account.is_password_temporary = _hasher.hash(password), is_temporary
    return _made(session, account)


def create_sso_account(session: Session, *, username: str, name: str, role: str, subject: str) -> StaffAccount:
    """Makes an account that only the clinic's single sign-on opens.

    Raises:
        AccountError: the name is taken: nobody gets into an account by being called like it.
    """
    account = _new_account(session, username=username, name=name, role=role)
    account.oidc_subject = subject
    return _made(session, account)


def account_named(session: Session, username: str) -> StaffAccount | None:
    """The account with that user name, disabled or not."""
    return session.scalar(select(StaffAccount).where(StaffAccount.username == username.strip().lower()))


def check_password(session: Session, *, username: str, password: str) -> StaffAccount | None:
    """The account that name and password fit, or None. Takes 0.1 s: call in a thread, in a session that only reads."""
    account = account_named(session, username)
    if account is not None and account.disabled_at is not None:
        account = None
    right = _hasher.verify(password[:_LONGEST_PASSWORD], (account.password_hash if account else "") or _NOBODY)
    return account if right and account is not None and account.password_hash else None


def what_is_wrong_with(password: str, *, again: str | None = None) -> str | None:
    """Why a password is not taken, in words; None: it is."""
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        return f"a password needs at least {SHORTEST_PASSWORD} characters, and at most {_LONGEST_PASSWORD}"
    if len(set(password)) < 5:
        return "a password needs more different characters"
    if again is not None and password != again:
        return "the two passwords are not the same"
    return None


def set_password(
    session: Session, account: StaffAccount, password: str, *, by: str, is_temporary: bool = False, keep: str = ""
) -> None:
    """Changes the password and ends every session but the one with the token `keep`.

    Raises:
        AccountError: it is too short.
    """
    problem = what_is_wrong_with(password)
    if problem is not None:
        raise AccountError(problem)
    account.password_hash, account.is_password_temporary = _hasher.hash(password), is_temporary
    record(session, actor=by, action="set_password", entity="staff_account", entity_id=account.id)
    end_sessions(session, account.id, by=by, but=keep)


def set_role(session: Session, account: StaffAccount, role: str, *, by: str) -> None:
    """Changes what somebody may do, from their next request on.

    Raises:
        AccountError: there is no such role, or nobody would be left to manage accounts.
    """
    _check_role(role)
    if role != "administrator":
        _keep_one_administrator(session, account)
    account.role = role
    record(session, actor=by, action=f"set_role_{role}", entity="staff_account", entity_id=account.id)


def disable(session: Session, account: StaffAccount, *, by: str) -> None:
    """Closes an account and ends its sessions.

    Raises:
        AccountError: it is the last administrator's.
    """
    _keep_one_administrator(session, account)
    account.disabled_at = account.disabled_at or now()
    record(session, actor=by, action="disable", entity="staff_account", entity_id=account.id)
    end_sessions(session, account.id, by=by)


def enable(session: Session, account: StaffAccount, *, by: str) -> None:
    """Opens a closed account again."""
    account.disabled_at = None
    record(session, actor=by, action="enable", entity="staff_account", entity_id=account.id)


def _new_account(session: Session, *, username: str, name: str, role: str) -> StaffAccount:
    username, name = username.strip().lower(), name.strip()
    if not username or not name:
        raise AccountError("a user name and a name are needed")
    _check_role(role)
    if account_named(session, username) is not None:
        raise AccountError(f"there is an account '{username}' already")
    return StaffAccount(username=username[:120], name=name[:120], password_hash="", role=role, created_at=now())  # nosec B106


def _made(session: Session, account: StaffAccount) -> StaffAccount:
    session.add(account)
    session.flush()
    record(session, actor="system", action="create", entity="staff_account", entity_id=account.id)
    return account


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise AccountError(f"role must be one of: {', '.join(ROLES)}")


def _keep_one_administrator(session: Session, account: StaffAccount) -> None:
    if account.role != "administrator" or account.disabled_at is not None:
        return
    left = select(func.count(StaffAccount.id)).where(
        StaffAccount.role == "administrator", StaffAccount.disabled_at.is_(None), StaffAccount.id != account.id
    )
    if not session.scalar(left):
        raise AccountError(f"'{account.username}' is the last administrator: make another one first")
