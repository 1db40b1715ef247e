"""Passkeys and security keys (WebAuthn), as a second factor."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from clinic.audit.service import record
from clinic.clock import now
from clinic.settings import Settings
from clinic.staff.models import StaffPasskey, StaffSession


class PasskeyRefused(ValueError):
    """What the browser sent proves nothing; the message says what to do."""


@dataclass(frozen=True)
class Site:
    """The address that a passkey belongs to; it works on no other, which is what makes it safe from phishing."""

    host: str
    origin: str

    @classmethod
    def of(cls, settings: Settings, requested: str) -> Site | None:
        """The site as people open it; None where its address is a number: browsers know no passkeys there.

        `requested` is the origin of the request; it counts in development, where no PUBLIC_URL is set.
        """
        origin = settings.base_url if settings.public_url else requested
        parts = urlsplit(origin)
        host = parts.hostname or ""
        if not settings.public_url and host != "localhost":
            return None
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return cls(host=host, origin=f"{parts.scheme}://{parts.netloc}")
        return None


def passkeys_of(session: Session, account_id: int) -> list[StaffPasskey]:
    """An account's passkeys, the oldest first."""
    own = select(StaffPasskey).where(StaffPasskey.account_id == account_id)
    return list(session.scalars(own.order_by(StaffPasskey.id)))


def begin_adding(session: Session, found: StaffSession, site: Site, *, clinic_name: str) -> str:
    """What the browser needs to make a passkey, as JSON. The challenge is kept with the session, for one use."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=clinic_name,
        user_id=f"staff-{found.account_id}".encode(),
        user_name=found.account.username,
        user_display_name=found.account.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_descriptors(session, found.account_id),
    )
    found.challenge = options.challenge
    return webauthn.options_to_json(options)


def add_passkey(session: Session, found: StaffSession, site: Site, *, answer: str, name: str) -> None:
    """Keeps a passkey that the browser has made.

    Raises:
        PasskeyRefused: it does not answer the challenge, or is there already.
    """
    challenge, found.challenge = found.challenge, None
    if challenge is None:
        raise PasskeyRefused("Begin again: this page was open for too long.")
    try:
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin
        )
    except (WebAuthnException, ValueError) as error:
        raise PasskeyRefused("The passkey was not made. Try again.") from error
    credential_id = bytes_to_base64url(made.credential_id)
    if session.scalar(select(StaffPasskey.id).where(StaffPasskey.credential_id == credential_id)) is not None:
        raise PasskeyRefused("This passkey is in use already.")
    account = found.account
    session.add(
        StaffPasskey(
            account_id=account.id,
            credential_id=credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name.strip()[:60] or f"Passkey {len(passkeys_of(session, account.id)) + 1}",
            created_at=now(),
        )
    )
    session.flush()
    record(session, actor=account.username, action="add_passkey", entity="staff_account", entity_id=account.id)


def begin_proving(session: Session, found: StaffSession, site: Site) -> str | None:
    """What the browser needs to ask for a passkey, as JSON; None where the account has none."""
    known = _descriptors(session, found.account_id)
    if not known:
        return None
    options = webauthn.generate_authentication_options(
        rp_id=site.host, allow_credentials=known, user_verification=UserVerificationRequirement.PREFERRED
    )
    found.challenge = options.challenge
    return webauthn.options_to_json(options)


def check_passkey(session: Session, found: StaffSession, site: Site, *, answer: str) -> bool:
    """Whether the browser has proved one of the account's passkeys; each challenge is taken once."""
    challenge, found.challenge = found.challenge, None
    if challenge is None:
        return False
    try:
        given = webauthn.helpers.parse_authentication_credential_json(answer)
        passkey = session.scalar(
            select(StaffPasskey)
            .where(StaffPasskey.account_id == found.account_id, StaffPasskey.credential_id == given.id)
            .with_for_update()
        )
        if passkey is None:
            return False
        proved = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    except (WebAuthnException, ValueError):
        return False
    passkey.sign_count, passkey.last_used_at = proved.new_sign_count, now()
    return True


def _descriptors(session: Session, account_id: int) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id))
        for one in passkeys_of(session, account_id)
    ]
