"""Tables of staff accounts, their second factors and their log-in sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic.database import Base, UtcDateTime
from clinic.encryption import EncryptedText


class StaffAccount(Base):
    """One person who works at the clinic."""

    __tablename__ = "staff_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(120), unique=True)
    # What patients see when this person writes to them.
    name: Mapped[str] = mapped_column(String(120))
    # Empty: no password opens this account (it belongs to the clinic's single sign-on).
    password_hash: Mapped[str] = mapped_column(String(255))
    # Somebody else knows it: a new one is chosen at the next log-in.
    is_password_temporary: Mapped[bool] = mapped_column(default=False)
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Who this is at the single sign-on: issuer and subject.
    oidc_subject: Mapped[str | None] = mapped_column(String(400), unique=True)


class StaffSession(Base):
    """A log-in that can be revoked; the cookie holds the token, the table its hash."""

    __tablename__ = "staff_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What is still to be done before the console opens (clinic.staff.steps); "open": nothing.
    step: Mapped[str] = mapped_column(String(16), default="open")
    # The browser and the system, in words.
    device: Mapped[str] = mapped_column(String(120), default="")
    # What a passkey must answer next; one use.
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary)
    failures: Mapped[int] = mapped_column(default=0)

    account: Mapped[StaffAccount] = relationship()


class StaffTotp(Base):
    """An authenticator app. It counts as a second factor from the first code on."""

    __tablename__ = "staff_totp"

    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(EncryptedText)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The 30-second step of the last code taken: no code is taken twice, and none from before it.
    last_step: Mapped[int] = mapped_column(default=0)


class StaffPasskey(Base):
    """A passkey or security key."""

    __tablename__ = "staff_passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffRecoveryCode(Base):
    """One code of the list that was shown once; a keyed hash of it."""

    __tablename__ = "staff_recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
