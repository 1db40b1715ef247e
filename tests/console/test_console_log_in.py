"""Logging in and out."""

import threading
from datetime import timedelta

import pytest
import time_machine

from clinic.clock import now
from clinic.console import log_in
from clinic.staff.access import COOKIE

PASSWORD = "correct horse battery"


def try_log_in(client, username="sam", password="wrong", **more):
    return client.post("/console/log-in", username=username, password=password, **more)


def told(response, *, username):
    """The page without what differs by itself: the form's token and the name that was typed."""
    own = ("csrftoken", f'value="{username}"')
    return [line for line in response.text.splitlines() if not any(part in line for part in own)]


def test_log_in_opens_a_session_that_works(clinic, stranger):
    clinic.account()
    response = try_log_in(stranger, username=" SAM ", password=PASSWORD)
    assert (response.status_code, response.headers["location"]) == (303, "/console")
    assert stranger.get("/console").status_code == 200


def test_log_in_cookie_is_kept_from_scripts_and_from_other_sites(clinic, stranger):
    clinic.account()
    cookies = try_log_in(stranger, password=PASSWORD).headers.get_list("set-cookie")
    (cookie,) = [cookie for cookie in cookies if cookie.startswith(COOKIE)]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert "secure" not in parts


def test_log_in_cookie_is_secure_behind_https(clinic, settings, stranger):
    settings.__dict__["base_url"] = "https://clinic.example"
    clinic.account()
    cookies = try_log_in(stranger, password=PASSWORD).headers.get_list("set-cookie")
    (cookie,) = [cookie for cookie in cookies if cookie.startswith(COOKIE)]
    assert "; Secure" in cookie


def test_log_in_failures_all_look_the_same(clinic, stranger):
    clinic.account("sam")
    clinic.account("gone", disabled_at=now())
    wrong = try_log_in(stranger, username="sam")
    unknown = try_log_in(stranger, username="nobody", password=PASSWORD)
    disabled = try_log_in(stranger, username="gone", password=PASSWORD)
    assert (wrong.status_code, unknown.status_code, disabled.status_code) == (401, 401, 401)
    assert told(wrong, username="sam") == told(unknown, username="nobody") == told(disabled, username="gone")
    assert "You are not logged in" in wrong.text
    assert stranger.get("/console").status_code == 303


@pytest.mark.parametrize("fields", [{}, {"username": "sam"}, {"username": "\0", "password": "\0"}])
def test_log_in_with_nothing_useful_is_a_failure_like_others(clinic, stranger, fields):
    clinic.account()
    assert stranger.post("/console/log-in", **fields).status_code == 401


def test_log_in_slows_guessing_and_says_the_same(clinic, stranger):
    clinic.account()
    wrong = [try_log_in(stranger) for _ in range(5)]
    slowed = try_log_in(stranger, password=PASSWORD)
    assert [response.status_code for response in wrong] == [401] * 5
    assert slowed.status_code == 429
    assert told(slowed, username="sam") == told(wrong[0], username="sam")


def test_log_in_is_no_lock_out(clinic, new_client):
    """Whoever guesses slows only the own address, and only for a minute."""
    clinic.account()
    guesser, colleague = new_client(address="198.51.100.7"), new_client(address="192.0.2.1")
    for _ in range(6):
        try_log_in(guesser)
    assert try_log_in(colleague, password=PASSWORD).status_code == 303
    with time_machine.travel(now() + timedelta(seconds=61)):
        assert try_log_in(guesser, password=PASSWORD).status_code == 303


def test_log_in_right_password_forgets_earlier_mistakes(clinic, stranger):
    clinic.account()
    for _ in range(4):
        try_log_in(stranger)
    assert try_log_in(stranger, password=PASSWORD).status_code == 303
    assert try_log_in(stranger).status_code == 401


def test_log_in_limit_slows_trying_many_names_from_one_address():
    limit = log_in.LogInLimit()
    allowed = [limit.allows(username=f"name{number}", address="192.0.2.1") for number in range(21)]
    assert allowed == [True] * 20 + [False]
    assert limit.allows(username="name1", address="192.0.2.2")


def test_log_in_checks_only_a_few_passwords_at_once(clinic, new_client, monkeypatch):
    """Else a flood of log-ins would take every thread, and patients would get no answer."""
    clinic.account()
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def slow(*_, **__):
        begun.release()
        go_on.wait(10)

    monkeypatch.setattr(log_in, "check_password", slow)
    clients = [new_client(address=f"198.51.100.{number}") for number in range(4)]
    waiting = [threading.Thread(target=try_log_in, args=(client,)) for client in clients[:3]]
    for thread in waiting:
        thread.start()
    for _ in waiting:
        assert begun.acquire(timeout=10)
    status = try_log_in(clients[3]).status_code
    go_on.set()
    for thread in waiting:
        thread.join()
    assert status == 429


@pytest.mark.parametrize(
    ("next_page", "location"),
    [
        ("/console/escalations/12", "/console/escalations/12"),
        ("/console/conversations/0123456789abcdef", "/console/conversations/0123456789abcdef"),
        ("/console/closed", "/console/closed"),
        ("", "/console"),
        ("https://evil.example/", "/console"),
        ("//evil.example/console", "/console"),
        ("/console/../healthz", "/console"),
        ("/console\\@evil.example", "/console"),
        ("/console/escalations/12\r\nX: y", "/console"),
        ("javascript:alert(1)", "/console"),
    ],
)
def test_log_in_leads_on_to_pages_of_the_console_only(clinic, stranger, next_page, location):
    clinic.account()
    response = try_log_in(stranger, password=PASSWORD, next=next_page)
    assert response.headers["location"] == location


def test_log_in_page_keeps_where_to_go(stranger):
    page = stranger.get("/console/log-in?next=/console/escalations/12").text
    assert 'name="next" value="/console/escalations/12"' in page


def test_log_in_needs_the_token_of_its_form_even_without_any_cookie(clinic, stranger):
    """Else another site could log somebody in under a name of its own."""
    clinic.account()
    stranger.http.cookies.clear()
    fields = {"username": "sam", "password": PASSWORD, "csrftoken": "made up"}
    response = stranger.http.post("/console/log-in", data=fields)
    assert response.status_code == 403
    assert COOKIE not in response.cookies


def test_log_in_again_ends_the_session_before(clinic, sam):
    before = sam.http.cookies[COOKIE]
    try_log_in(sam, password=PASSWORD)
    sam.http.cookies.clear()
    sam.http.cookies.set(COOKIE, before)
    assert sam.get("/console").status_code == 303


def test_log_out_ends_the_session_for_a_stolen_cookie_too(clinic, sam):
    stolen = sam.http.cookies[COOKIE]
    response = sam.post("/console/log-out")
    assert (response.status_code, response.headers["location"]) == (303, "/console/log-in")
    sam.http.cookies.set(COOKIE, stolen)
    assert sam.get("/console").headers["location"].startswith("/console/log-in")
    assert ("sam", "log_out", "staff_account", "1") in clinic.audit()
