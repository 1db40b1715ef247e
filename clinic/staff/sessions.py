"""Log-in sessions: opened, listed, ended. The token is new after each step of logging in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.conversations.service import hash_token
from clinic.settings import Settings
from clinic.staff.models import StaffAccount, StaffSession

OPEN = "open"
# Somebody who has begun to log in and does not go on; setting a second factor up takes longer than typing a code.
_UNFINISHED_LIMIT = timedelta(minutes=30)
_SEEN_EVERY = timedelta(minutes=1)
_BROWSERS = (("Edg", "Edge"), ("Firefox/", "Firefox"), ("CriOS", "Chrome"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Limits:
    """How long a session lasts without use, and in any case."""

    idle: timedelta
    absolute: timedelta

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """As the settings say."""
        return cls(
            idle=timedelta(minutes=settings.staff_idle_minutes), absolute=timedelta(hours=settings.staff_session_hours)
        )

    def is_over(self, found: StaffSession, moment: datetime) -> bool:
        """Whether a session has run out; one that is not open yet runs out sooner."""
        absolute = self.absolute if found.step == OPEN else min(_UNFINISHED_LIMIT, self.absolute)
        return moment - found.last_seen_at > self.idle or moment - found.created_at > absolute


def open_session(session: Session, account: StaffAccount, *, step: str = OPEN, device: str = "") -> str:
    """Begins a session at a step of logging in. Returns its token, which is not stored."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_hash=hash_token(token),
            account_id=account.id,
            created_at=now(),
            last_seen_at=now(),
            step=step,
            device=device,
        )
    )
    if step == OPEN:
        record(session, actor=account.username, action="log_in", entity="staff_account", entity_id=account.id)
    return token


def session_of(session: Session, token: str, limits: Limits) -> tuple[StaffSession | None, bool]:
    """The valid session behind a token, open or not, and whether it is time to note that it was seen."""
    found = session.get(StaffSession, hash_token(token))
    if found is None or found.revoked_at is not None or found.account.disabled_at is not None:
        return None, False
    moment = now()
    if limits.is_over(found, moment):
        return None, False
    return found, moment - found.last_seen_at > _SEEN_EVERY


def note_seen(session: Session, token: str) -> None:
    """Records that a session was used now."""
    session.execute(update(StaffSession).where(StaffSession.token_hash == hash_token(token)).values(last_seen_at=now()))


def end_session(session: Session, token: str) -> None:
    """Ends a session; ending it twice is no error."""
    _end(session, StaffSession.token_hash == hash_token(token))


def end_sessions(session: Session, account_id: int, *, by: str, only: str | None = None, but: str = "") -> None:
    """Ends an account's sessions: all, all but the one with the token `but`, or the one with the hash `only`."""
    own = StaffSession.account_id == account_id
    if only is not None:
        _end(session, own, StaffSession.token_hash == only)
    else:
        _end(session, own, StaffSession.token_hash != hash_token(but))
    record(session, actor=by, action="end_sessions", entity="staff_account", entity_id=account_id)


def live_sessions(session: Session, account_id: int, limits: Limits) -> Sequence[StaffSession]:
    """An account's sessions that a cookie could still open, the one used last first."""
    moment = now()
    found = session.scalars(
        select(StaffSession)
        .where(
            StaffSession.account_id == account_id,
            StaffSession.revoked_at.is_(None),
            StaffSession.step == OPEN,
            StaffSession.created_at > moment - limits.absolute,
        )
        .order_by(StaffSession.last_seen_at.desc())
    )
    return [one for one in found if not limits.is_over(one, moment)]


def clear_old_sessions(session: Session, limits: Limits) -> None:
    """Deletes what can open nothing any more and says little about anybody after so long."""
    limit = now() - max(limits.absolute, timedelta(days=30))
    session.execute(
        StaffSession.__table__.delete().where(  # type: ignore[attr-defined]
            or_(StaffSession.created_at < limit, StaffSession.revoked_at < limit)
        )
    )


def device_in_words(user_agent: str) -> str:
    """The browser and the system that a request says it comes from: "Firefox on Windows"."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if not browser and not system:
        # What programs call themselves: "python-httpx/0.28".
        return re.sub(r"[^\w./ -]", "", user_agent.split(" ")[0])[:60] or "an unknown device"
    return " on ".join(part for part in (browser or "a browser", system) if part)


def _end(session: Session, *conditions: object) -> None:
    session.execute(
        update(StaffSession)
        .where(*conditions, StaffSession.revoked_at.is_(None))  # type: ignore[arg-type]
        .values(revoked_at=now())
    )
