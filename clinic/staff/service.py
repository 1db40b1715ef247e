"""Accounts, log-in and sessions of staff."""

from __future__ import annotations

import secrets
from datetime import timedelta

from pwdlib import PasswordHash
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.conversations.service import hash_token
from clinic.staff.models import StaffAccount, StaffSession
from clinic.staff.roles import ROLES

IDLE_LIMIT = timedelta(hours=8)
ABSOLUTE_LIMIT = timedelta(hours=24)
_SHORTEST_PASSWORD = 12
_hasher = PasswordHash.recommended()
# Checked when the name is unknown, so that the time taken does not tell which names exist.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


class AccountError(ValueError):
    """An account cannot be made as asked; the message says why."""


def create_account(session: Session, *, username: str, name: str, password: str, role: str) -> StaffAccount:
    """Makes an account.

    Raises:
        AccountError: the name is taken, the password too short, or there is no such role.
    """
    username = username.strip().lower()
    if not username or not name.strip():
        raise AccountError("a user name and a name are needed")
    if role not in ROLES:
        raise AccountError(f"role must be one of: {', '.join(ROLES)}")
    if len(password) < _SHORTEST_PASSWORD:
        raise AccountError(f"a password needs at least {_SHORTEST_PASSWORD} characters")
    if session.scalar(select(StaffAccount).where(StaffAccount.username == username)) is not None:
        raise AccountError(f"there is an account '{username}' already")
    account = StaffAccount(
        username=username, name=name.strip(), password_hash=_hasher.hash(password), role=role, created_at=now()
    )
    session.add(account)
    session.flush()
    record(session, actor="system", action="create", entity="staff_account", entity_id=account.id)
    return account


def check_password(session: Session, *, username: str, password: str) -> StaffAccount | None:
    """The account that name and password fit, or None. Takes 0.1 s: call in a thread, in a session that only reads."""
    account = session.scalar(
        select(StaffAccount).where(
            StaffAccount.username == username.strip().lower(), StaffAccount.disabled_at.is_(None)
        )
    )
    right = _hasher.verify(password, account.password_hash if account is not None else _NOBODY)
    return account if right else None


def open_session(session: Session, account: StaffAccount) -> str:
    """Logs an account in. Returns the session's token, which is not stored."""
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(token_hash=hash_token(token), account_id=account.id, created_at=now(), last_seen_at=now()))
    record(session, actor=account.username, action="log_in", entity="staff_account", entity_id=account.id)
    return token


def account_of_session(session: Session, token: str) -> tuple[StaffAccount | None, bool]:
    """The account of a valid session, and whether it is time to note that it was seen (once a minute is enough)."""
    found = session.get(StaffSession, hash_token(token))
    if found is None or found.revoked_at is not None or found.account.disabled_at is not None:
        return None, False
    moment = now()
    if moment - found.last_seen_at > IDLE_LIMIT or moment - found.created_at > ABSOLUTE_LIMIT:
        return None, False
    return found.account, moment - found.last_seen_at > timedelta(minutes=1)


def note_seen(session: Session, token: str) -> None:
    """Records that a session was used now."""
    session.execute(update(StaffSession).where(StaffSession.token_hash == hash_token(token)).values(last_seen_at=now()))


def log_out(session: Session, token: str) -> None:
    """Ends a session; ending it twice is no error."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.token_hash == hash_token(token), StaffSession.revoked_at.is_(None))
        .values(revoked_at=now())
    )
