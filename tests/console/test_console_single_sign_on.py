"""Logging in through a clinic's single sign-on, against a provider that runs here (oidc-provider-mock, on Authlib)."""

import base64
import hashlib
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc.jwk import KeySet, RSAKey
from oidc_provider_mock import User, run_server_in_thread
from pydantic import ValidationError
from sqlalchemy import select

from clinic.console.log_in_steps import CALLBACK
from clinic.settings import Settings
from clinic.staff.access import COOKIE
from clinic.staff.models import StaffAccount
from clinic.staff.oidc import ATTEMPT_COOKIE, Attempt, SingleSignOn, SsoRefused
from clinic.staff.service import disable

BEGIN = "/console/log-in/single-sign-on"
PEOPLE = {
    "s-1": {"preferred_username": "Robin.Day", "name": "Robin Day", "groups": ["staff", "interlude-therapists"]},
    "s-2": {"preferred_username": "kim", "name": "Kim Park", "groups": ["interlude-therapists", "interlude-admins"]},
    "s-3": {"preferred_username": "visitor", "name": "No Role", "groups": ["staff"]},
    "s-4": {"email": "odd@clinic.example", "groups": "interlude-duty"},
    "s-5": {"preferred_username": "sam", "name": "<script>alert(1)</script>", "groups": ["interlude-duty"]},
    "s-6": {"preferred_username": "nogroups", "groups": {"a": 1}},
}
ROLES = "administrator=interlude-admins,therapist=interlude-therapists,duty=interlude-duty"


@pytest.fixture(scope="module")
def provider():
    people = [User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
    with run_server_in_thread(user_claims=people, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def settings(settings, provider):
    given = {"oidc_issuer": provider, "oidc_client_id": "interlude", "oidc_client_secret": "secret"}
    return Settings(**{**settings.model_dump(exclude_unset=True), **given, "oidc_roles": ROLES, "oidc_name": "NHSmail"})


def begin(client, next_page=""):
    """Presses the button. Returns where the browser is sent."""
    answer = client.get(f"{BEGIN}?{urlencode({'next': next_page})}")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def at_provider(address, sub):
    """Logs in at the provider, as a browser would. Returns the path that the provider sends back to."""
    answer = httpx.post(address, data={"sub": sub})
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    assert back.path == CALLBACK
    return f"{back.path}?{back.query}"


def log_in(client, sub, next_page=""):
    return client.get(at_provider(begin(client, next_page), sub))


def test_sso_opens_an_account_of_the_role_that_the_group_says(clinic, stranger):
    assert "Log in with NHSmail" in stranger.get("/console/log-in").text
    answer = log_in(stranger, "s-1", "/console/escalations/12")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/escalations/12")
    page = stranger.get("/console/account").text
    assert "Robin Day" in page and "therapist" in page and "single sign-on" in page
    with clinic.database.read() as session:
        account = session.scalars(select(StaffAccount)).one()
    assert (account.username, account.role, account.password_hash) == ("robin.day", "therapist", "")
    for password in ("", "anything at all"):
        assert stranger.post("/console/log-in", username="robin.day", password=password).status_code == 401


@pytest.mark.parametrize(("sub", "role"), [("s-2", "administrator"), ("s-4", "duty")])
def test_sso_first_group_that_fits_counts(clinic, stranger, sub, role):
    assert log_in(stranger, sub).status_code == 303
    with clinic.database.read() as session:
        assert session.scalars(select(StaffAccount.role)).all() == [role]


@pytest.mark.parametrize("sub", ["s-3", "s-6"])
def test_sso_who_is_in_no_group_does_not_get_in(clinic, stranger, sub):
    answer = log_in(stranger, sub)
    assert answer.status_code == 403 and "not in a group" in answer.text and COOKIE not in answer.cookies
    with clinic.database.read() as session:
        assert session.scalars(select(StaffAccount)).all() == []


def test_sso_role_changes_with_the_group(clinic, services, stranger):
    log_in(stranger, "s-2")
    services.settings.__dict__["oidc_role_groups"] = [("read_only", "interlude-therapists")]
    log_in(stranger, "s-2")
    with clinic.database.read() as session:
        assert session.scalars(select(StaffAccount.role)).all() == ["read_only"]


def test_sso_a_name_like_somebodys_opens_nothing_of_theirs(clinic, sam, stranger):
    answer = log_in(stranger, "s-5")
    assert answer.status_code == 403 and "already" in answer.text and "<script>alert" not in answer.text
    with clinic.database.write() as session:
        # The administrator says that they are the same person: `python -m clinic staff link`.
        account = session.scalars(select(StaffAccount)).one()
        account.oidc_subject = f"{clinic.services.settings.oidc_issuer} s-5"
    assert log_in(stranger, "s-5").status_code == 303
    page = stranger.get("/console/account").text
    assert "&lt;script&gt;" in page and "<script>alert" not in page


def test_sso_closed_account_stays_closed(clinic, stranger):
    log_in(stranger, "s-1")
    with clinic.database.write() as session:
        disable(session, session.scalars(select(StaffAccount)).one(), by="test")
    answer = log_in(stranger, "s-1")
    assert answer.status_code == 403 and "closed" in answer.text


def test_sso_needs_no_second_step_of_ours(settings, stranger):
    settings.__dict__["is_second_factor_required"] = True
    assert log_in(stranger, "s-1").headers["location"] == "/console"
    assert stranger.get("/console").status_code == 200


def test_sso_answer_of_another_browser_is_refused(stranger, new_client):
    """Else somebody could log a colleague in as themselves, and read what they write."""
    back = at_provider(begin(stranger), "s-1")
    other = new_client()
    assert other.get(back).status_code == 403
    begin(other)
    assert other.get(back).status_code == 403, "with a log-in of its own begun, too"
    assert stranger.get(back).status_code == 303
    assert stranger.get(back).status_code == 403, "and once only"


@pytest.mark.parametrize(
    "query",
    ["", "code=x", "state=x", "state=x&code=y", "error=access_denied", "state=%00&code=%00", "iss=https://evil"],
)
def test_sso_made_up_answers_are_refused(stranger, query):
    begin(stranger)
    answer = stranger.get(f"{CALLBACK}?{query}")
    assert answer.status_code == 403 and COOKIE not in answer.cookies


def test_sso_asks_with_pkce_and_a_nonce_of_its_own(settings, services):
    addresses = [SingleSignOn(settings).begin("") for _ in range(2)]
    asked = [parse_qs(urlsplit(address).query) for address, _ in addresses]
    for given, (_, attempt) in zip(asked, addresses, strict=True):
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        assert given["code_challenge"] == [base64.urlsafe_b64encode(digest).rstrip(b"=").decode()]
        assert given["code_challenge_method"] == ["S256"] and given["nonce"] == [attempt.nonce]
        assert Attempt.opened(attempt.sealed()) == attempt
    assert all(asked[0][name] != asked[1][name] for name in ("state", "nonce", "code_challenge"))
    assert Attempt.opened("forged") is None


def finish(sso, sub, change):
    address, attempt = sso.begin("")
    given = parse_qs(urlsplit(at_provider(address, sub)).query)
    return sso.finish(change(attempt), state=given["state"][0], code=given["code"][0])


def test_sso_token_for_another_log_in_is_refused(settings, services):
    sso = SingleSignOn(settings)
    assert finish(sso, "s-1", lambda attempt: attempt).username == "robin.day"
    with pytest.raises(SsoRefused, match="not valid"):
        finish(sso, "s-1", lambda attempt: replace(attempt, nonce="another"))


def test_sso_token_signed_by_somebody_else_is_refused(settings, services, monkeypatch):
    sso = SingleSignOn(settings)
    foreign = KeySet([RSAKey.generate_key(2048)])
    monkeypatch.setattr(sso, "_key_set", lambda *, anew: foreign)
    with pytest.raises(SsoRefused, match="not valid"):
        finish(sso, "s-1", lambda attempt: attempt)


def test_sso_keys_that_changed_are_fetched_again(settings, services):
    sso = SingleSignOn(settings)
    sso._keys = KeySet([RSAKey.generate_key(2048)])
    assert finish(sso, "s-1", lambda attempt: attempt).role == "therapist"


def test_sso_provider_that_is_away_is_said(settings, stranger):
    settings.oidc_issuer = "http://localhost:9"
    answer = stranger.get(BEGIN)
    assert answer.status_code == 502 and "log in with a password" in answer.text
    assert ATTEMPT_COOKIE not in answer.cookies


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"oidc_issuer": "https://a.example"}, "OIDC_CLIENT_ID, OIDC_ROLES"),
        ({"oidc_issuer": "https://a.example", "oidc_client_id": "i", "oidc_roles": "king=x"}, "OIDC_ROLES"),
        ({"oidc_issuer": "https://a.example", "oidc_client_id": "i", "oidc_roles": "duty="}, "OIDC_ROLES"),
        ({"oidc_issuer": "http://a.example", "oidc_client_id": "i", "oidc_roles": "duty=x"}, "https"),
    ],
)
def test_settings_of_single_sign_on_are_complete(given, named):
    with pytest.raises(ValidationError, match=named):
        Settings(**given)
