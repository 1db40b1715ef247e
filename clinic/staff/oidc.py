"""Log-in through the clinic's own single sign-on (OpenID Connect, code flow with PKCE)."""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.encryption import DataKeysError, decrypt, encrypt
from clinic.settings import Settings
from clinic.staff.models import StaffAccount
from clinic.staff.roles import Role
from clinic.staff.service import AccountError, create_sso_account

CALLBACK = "/console/log-in/single-sign-on/callback"
ATTEMPT_COOKIE = "staff_sso"
_TIMEOUT_S = 8.0
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_LEEWAY_S = 60
_LONGEST_SUBJECT = 400


class SsoRefused(ValueError):
    """Nobody is logged in; the message is for the person, and says what to do."""


@dataclass(frozen=True)
class Attempt:
    """One log-in that has begun; kept encrypted in the browser's own cookie until the provider sends them back."""

    state: str
    nonce: str
    verifier: str
    next_page: str

    def sealed(self) -> str:
        """As the cookie holds it."""
        return encrypt(json.dumps([self.state, self.nonce, self.verifier, self.next_page])).decode()

    @classmethod
    def opened(cls, cookie: str) -> Attempt | None:
        """The attempt in a cookie; None where there is none of ours."""
        try:
            return cls(*json.loads(decrypt(cookie.encode())))
        except (DataKeysError, ValueError, TypeError):
            return None


@dataclass(frozen=True)
class Person:
    """Whom the provider vouches for."""

    subject: str
    username: str
    name: str
    role: Role


class SingleSignOn:
    """One provider. Its metadata and keys are fetched when they are first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] | None = None
        self._keys: KeySet | None = None

    @property
    def is_on(self) -> bool:
        """Whether the clinic has one."""
        return bool(self._settings.oidc_issuer)

    def begin(self, next_page: str) -> tuple[str, Attempt]:
        """The provider's address to send somebody to, and what to remember of it.

        Raises:
            SsoRefused: the provider does not answer.
        """
        attempt = Attempt(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            next_page=next_page,
        )
        address, _ = self._client().create_authorization_url(
            self._provider()["authorization_endpoint"],
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
        )
        return str(address), attempt

    def finish(self, attempt: Attempt, *, state: str, code: str, issuer: str = "") -> Person:
        """Whom the provider has logged in.

        Raises:
            SsoRefused: the answer belongs to another log-in, proves nothing, or the person has no role here.
        """
        if not code or not secrets.compare_digest(state.encode(), attempt.state.encode()):
            raise SsoRefused("This log-in was not begun here, or took too long. Try again.")
        if issuer and issuer != self._provider()["issuer"]:
            raise SsoRefused("The answer came from somebody else. Try again.")
        try:
            token = self._client().fetch_token(
                self._provider()["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=attempt.verifier,
                timeout=_TIMEOUT_S,
            )
        except (AuthlibBaseError, requests.RequestException, ValueError) as error:
            raise SsoRefused("The single sign-on did not confirm this log-in. Try again.") from error
        return self._person(self._claims(str(token.get("id_token", "")), attempt.nonce))

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._provider()["issuer"]},
            aud={"essential": True, "value": self._settings.oidc_client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        for is_second in (False, True):
            try:
                claims = jwt.decode(id_token, self._key_set(anew=is_second), algorithms=_ALGORITHMS).claims
                registry.validate(claims)
                return dict(claims)
            except (JoseError, ValueError) as error:
                # The provider may have changed its keys since they were fetched.
                if is_second:
                    raise SsoRefused("The single sign-on's answer is not valid. Try again.") from error
        raise AssertionError("unreachable")

    def _person(self, claims: dict[str, Any]) -> Person:
        given = claims.get(self._settings.oidc_roles_claim, [])
        groups = (
            {given} if isinstance(given, str) else {str(one) for one in given} if isinstance(given, list) else set()
        )
        role = next((role for role, group in self._settings.oidc_role_groups if group in groups), None)
        if role is None:
            raise SsoRefused("Your account is not in a group that may use this console. Ask your administrator.")
        subject = f"{claims['iss']} {claims['sub']}"
        username = str(claims.get("preferred_username") or claims.get("email") or claims["sub"]).strip().lower()
        if len(subject) > _LONGEST_SUBJECT or len(username) > 120:
            raise SsoRefused("Your account's name is too long for this console. Ask your administrator.")
        return Person(subject=subject, username=username, name=str(claims.get("name") or username)[:120], role=role)

    def _client(self) -> OAuth2Session:
        return OAuth2Session(
            client_id=self._settings.oidc_client_id,
            client_secret=self._settings.oidc_client_secret.get_secret_value() or None,
            scope=self._settings.oidc_scope,
            redirect_uri=f"{self._settings.base_url}{CALLBACK}",
            code_challenge_method="S256",
        )

    def _provider(self) -> dict[str, Any]:
        with self._lock:
            if self._metadata is None:
                issuer = self._settings.oidc_issuer
                found = _fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
                if str(found.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
                    raise SsoRefused("The single sign-on is not set up rightly: it names another issuer.")
                self._metadata = found
            return self._metadata

    def _key_set(self, *, anew: bool) -> KeySet:
        address = self._provider()["jwks_uri"]
        with self._lock:
            if self._keys is None or anew:
                self._keys = KeySet.import_key_set(_fetched(address))  # type: ignore[arg-type]
            return self._keys


def account_for(session: Session, person: Person) -> StaffAccount:
    """The account of somebody whom the provider vouches for; made at their first log-in, its role as of now.

    Raises:
        SsoRefused: the account is closed, or an account of the clinic's own has the name already.
    """
    account = session.scalar(select(StaffAccount).where(StaffAccount.oidc_subject == person.subject))
    if account is None:
        try:
            return create_sso_account(
                session, username=person.username, name=person.name, role=person.role, subject=person.subject
            )
        except AccountError as error:
            raise SsoRefused(
                f"There is an account '{person.username}' here already that is not linked to your single sign-on. "
                "Ask your administrator."
            ) from error
    if account.disabled_at is not None:
        raise SsoRefused("Your account here is closed. Ask your administrator.")
    account.name = person.name
    if account.role != person.role:
        account.role = person.role
        record(session, actor="sso", action=f"set_role_{person.role}", entity="staff_account", entity_id=account.id)
    return account


def _fetched(address: str) -> dict[str, Any]:
    try:
        response = requests.get(address, timeout=_TIMEOUT_S, headers={"Accept": "application/json"})
        response.raise_for_status()
        found = response.json()
    except (requests.RequestException, ValueError) as error:
        raise SsoRefused("The single sign-on does not answer. Try again, or log in with a password.") from error
    if not isinstance(found, dict):
        raise SsoRefused("The single sign-on does not answer as it should. Log in with a password.")
    return found
