"""The second factor: codes of an authenticator app (TOTP), and recovery codes for when it is lost."""

from __future__ import annotations

import hmac
import re
import secrets

import pyotp
import segno
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.encryption import blind_index
from clinic.staff.models import StaffAccount, StaffPasskey, StaffRecoveryCode, StaffTotp

_STEP_S = 30
# Clocks of phones differ a little: the code before and the one after are taken too.
_STEPS_AROUND = (0, -1, 1)
_RECOVERY_CODES = 10
# No letters and digits that look alike.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def has_second_factor(session: Session, account_id: int) -> bool:
    """Whether a second factor is asked for at log-in."""
    return app_of(session, account_id) is not None or bool(
        session.scalar(select(func.count(StaffPasskey.id)).where(StaffPasskey.account_id == account_id))
    )


def app_of(session: Session, account_id: int) -> StaffTotp | None:
    """The authenticator app that was set up to its end."""
    found = session.get(StaffTotp, account_id)
    return found if found is not None and found.confirmed_at is not None else None


def begin_app(session: Session, account: StaffAccount) -> str:
    """The key for an authenticator app, the same until a first code confirms it."""
    found = session.get(StaffTotp, account.id)
    if found is None:
        found = StaffTotp(account_id=account.id, secret=pyotp.random_base32())
        session.add(found)
    return found.secret


def confirm_app(session: Session, account: StaffAccount, code: str) -> bool:
    """Takes the first code of an app; from then on it is the second factor."""
    found = session.get(StaffTotp, account.id)
    if found is None or found.confirmed_at is not None or not _take(session, found, code):
        return False
    found.confirmed_at = now()
    record(session, actor=account.username, action="add_app", entity="staff_account", entity_id=account.id)
    return True


def check_code(session: Session, account: StaffAccount, code: str) -> bool:
    """Takes a code of the app or a recovery code; each is taken once, also by two requests at the same moment."""
    app = app_of(session, account.id)
    if app is not None and _take(session, app, code):
        return True
    if not has_second_factor(session, account.id):
        return False
    used = session.execute(
        update(StaffRecoveryCode)
        .where(
            StaffRecoveryCode.account_id == account.id,
            StaffRecoveryCode.code_hash == _hash(code),
            StaffRecoveryCode.used_at.is_(None),
        )
        .values(used_at=now())
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        return False
    record(session, actor=account.username, action="use_recovery_code", entity="staff_account", entity_id=account.id)
    return True


def new_recovery_codes(session: Session, account: StaffAccount) -> list[str]:
    """A new list in place of the old one; shown once, stored hashed."""
    codes = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3)) for _ in range(_RECOVERY_CODES)
    ]
    session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.account_id == account.id))
    session.add_all(StaffRecoveryCode(account_id=account.id, code_hash=_hash(code)) for code in codes)
    record(session, actor=account.username, action="new_recovery_codes", entity="staff_account", entity_id=account.id)
    return codes


def recovery_codes_left(session: Session, account_id: int) -> int:
    """How many of the list are not used."""
    own = select(func.count(StaffRecoveryCode.id)).where(StaffRecoveryCode.account_id == account_id)
    return session.scalar(own.where(StaffRecoveryCode.used_at.is_(None))) or 0


def remove_app(session: Session, account: StaffAccount, *, by: str) -> None:
    """The app's codes are taken no longer."""
    session.execute(delete(StaffTotp).where(StaffTotp.account_id == account.id))
    record(session, actor=by, action="remove_app", entity="staff_account", entity_id=account.id)
    session.flush()
    _forget_codes_without_a_factor(session, account)


def remove_passkey(session: Session, account: StaffAccount, passkey_id: int, *, by: str) -> None:
    """A passkey opens this account no longer; one that is not theirs is no error and stays."""
    session.execute(delete(StaffPasskey).where(StaffPasskey.account_id == account.id, StaffPasskey.id == passkey_id))
    record(session, actor=by, action="remove_passkey", entity="staff_account", entity_id=account.id)
    _forget_codes_without_a_factor(session, account)


def remove_all(session: Session, account: StaffAccount, *, by: str) -> None:
    """For somebody who has lost everything: whoever does this has made sure who is asking."""
    session.execute(delete(StaffPasskey).where(StaffPasskey.account_id == account.id))
    remove_app(session, account, by=by)


def qr_code(account: StaffAccount, secret: str, *, clinic_name: str) -> str:
    """The key as an SVG element that authenticator apps read; made here, so that nobody else sees it."""
    address = pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=clinic_name)
    svg: str = segno.make(address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True)
    return svg


def _take(session: Session, app: StaffTotp, code: str) -> bool:
    digits = re.sub(r"\s", "", code)
    totp, current = pyotp.TOTP(app.secret), int(now().timestamp()) // _STEP_S
    for step in (current + around for around in _STEPS_AROUND):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            taken = session.execute(
                update(StaffTotp)
                .where(StaffTotp.account_id == app.account_id, StaffTotp.last_step < step)
                .values(last_step=step)
                .execution_options(synchronize_session="fetch")
            )
            return bool(taken.rowcount)  # type: ignore[attr-defined]
    return False


def _forget_codes_without_a_factor(session: Session, account: StaffAccount) -> None:
    if not has_second_factor(session, account.id):
        session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.account_id == account.id))


def _hash(code: str) -> str:
    # Keyed, and 59 bits of chance: nothing that a stolen database could be searched for.
    return blind_index(re.sub(r"[^a-z0-9]", "", code.lower()), "staff_recovery_code")
