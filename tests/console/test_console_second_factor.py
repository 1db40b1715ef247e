"""The second step of logging in: codes, recovery codes, setting it up, and what a half-open log-in may not do."""

import re
import threading
from datetime import timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import select

from clinic.clock import now
from clinic.staff.access import COOKIE
from clinic.staff.models import StaffAccount, StaffRecoveryCode, StaffSession, StaffTotp
from clinic.staff.second_factor import check_code
from clinic.staff.steps import MOST_FAILURES

PASSWORD = "correct horse battery"
SET_UP = "/console/account/second-factor"
STEP = "/console/log-in/second-factor"


def log_in(client, username="sam", password=PASSWORD):
    return client.post("/console/log-in", username=username, password=password)


def code_of(secret, *, steps=0):
    return pyotp.TOTP(secret).at(int(now().timestamp()) + 30 * steps)


def key_on(page):
    return re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page.text)[1].replace(" ", "")


def set_up(client):
    """Sets an app up as its user would. Returns its key and the recovery codes."""
    secret = key_on(client.get(SET_UP))
    page = client.post(f"{SET_UP}/app", code=code_of(secret))
    assert page.status_code == 200, page.text
    return secret, re.findall(r"<code>([a-z0-9-]{14})</code>", page.text)


@pytest.fixture
def enrolled(clinic, new_client):
    """Sam has an app; a new browser has given the right password."""
    secret, codes = set_up(new_client(clinic.account()))
    client = new_client()
    with time_machine.travel(now() + timedelta(minutes=2), tick=True):
        answer = log_in(client)
        assert (answer.status_code, answer.headers["location"]) == (303, STEP)
        yield client, secret, codes


def test_second_factor_code_opens_the_console_with_a_new_token(enrolled):
    client, secret, _ = enrolled
    before = client.http.cookies[COOKIE]
    assert "6 digits from your authenticator app" in client.get(STEP).text
    answer = client.post(STEP, code=code_of(secret))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert client.http.cookies[COOKIE] != before
    assert client.get("/console").status_code == 200
    client.http.cookies.clear()
    client.http.cookies.set(COOKIE, before)
    assert client.get("/console").headers["location"].startswith("/console/log-in?")


@pytest.mark.parametrize(
    "path", ["/console", "/console/patients", "/console/account", "/console/staff", SET_UP, "/console/live/escalations"]
)
def test_second_factor_password_alone_opens_nothing(enrolled, path):
    client, _, _ = enrolled
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, STEP)
    assert client.get("/api/staff/escalations").status_code == 401
    assert client.post("/console/account/password", current=PASSWORD, password="x" * 9 + "abcde").status_code == 303


def test_second_factor_code_is_taken_once(clinic, enrolled, new_client):
    client, secret, _ = enrolled
    code = code_of(secret)
    assert client.post(STEP, code=code).status_code == 303
    again = new_client()
    log_in(again)
    assert again.post(STEP, code=code).status_code == 401
    assert again.post(STEP, code=code_of(secret, steps=-1)).status_code == 401, "and none from before it"
    assert again.post(STEP, code=code_of(secret, steps=1)).status_code == 303, "clocks differ a little"


def test_second_factor_code_is_taken_once_by_two_at_the_same_moment(clinic, enrolled):
    _, secret, _ = enrolled
    code, begin, taken = code_of(secret), threading.Barrier(2), []

    def take():
        begin.wait()
        with clinic.database.write() as session:
            taken.append(check_code(session, session.scalars(select(StaffAccount)).one(), code))

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False, True]


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "\0", "１２３４５６", "9" * 5000])
def test_second_factor_wrong_codes_are_refused(enrolled, code):
    client, _, _ = enrolled
    answer = client.post(STEP, code=code)
    assert answer.status_code == 401 and "This code is not right" in answer.text
    assert client.get("/console").status_code == 303


def test_second_factor_after_some_wrong_codes_logging_in_begins_again(enrolled):
    client, secret, _ = enrolled
    answers = [client.post(STEP, code="000000").status_code for _ in range(MOST_FAILURES)]
    assert answers == [401] * (MOST_FAILURES - 1) + [303]
    assert client.post(STEP, code=code_of(secret)).headers["location"].startswith("/console/log-in?")


def test_recovery_codes_open_once_each_and_are_stored_hashed(clinic, enrolled, new_client):
    client, _, codes = enrolled
    assert len(set(codes)) == 10
    assert client.post(STEP, code=codes[0].upper().replace("-", " ")).status_code == 303
    again = new_client()
    log_in(again)
    assert again.post(STEP, code=codes[0]).status_code == 401
    assert again.post(STEP, code=codes[1]).status_code == 303
    with clinic.database.read() as session:
        stored = session.scalars(select(StaffRecoveryCode.code_hash)).all()
        secret = session.scalars(select(StaffTotp)).one()
    assert len(stored) == 10 and not any(code in one for code in codes for one in stored)
    assert secret.last_step > 0
    assert ("sam", "use_recovery_code", "staff_account", "1") in clinic.audit()


def test_second_factor_wrong_first_code_sets_nothing_up(clinic, sam):
    secret = key_on(sam.get(SET_UP))
    page = sam.post(f"{SET_UP}/app", code="000000")
    assert page.status_code == 422 and key_on(page) == secret, "the same key: it may have been scanned"
    sam.post("/console/log-out")
    assert log_in(sam).headers["location"] == "/console"


def test_second_factor_is_removed_with_the_password_only(sam):
    set_up(sam)
    assert sam.post(f"{SET_UP}/remove", current="wrong").status_code == 422
    assert "Authenticator app" in sam.get("/console/account").text
    assert sam.post(f"{SET_UP}/remove", current=PASSWORD).status_code == 303
    page = sam.get("/console/account").text
    assert "your password alone opens this account" in page
    sam.post("/console/log-out")
    assert log_in(sam).headers["location"] == "/console"


def test_second_factor_required_is_set_up_before_anything_opens(clinic, settings, stranger):
    settings.__dict__["is_second_factor_required"] = True
    clinic.account()
    assert log_in(stranger).headers["location"] == SET_UP
    assert stranger.get("/console").headers["location"] == SET_UP
    assert stranger.get("/api/staff/escalations").status_code == 401
    before = stranger.http.cookies[COOKIE]
    _, codes = set_up(stranger)
    assert len(codes) == 10 and stranger.http.cookies[COOKIE] != before
    assert stranger.get("/console").status_code == 200
    refused = stranger.post(f"{SET_UP}/remove", current=PASSWORD)
    assert refused.status_code == 409 and "set another one up" in refused.text


def test_second_factor_temporary_password_is_changed_first(clinic, stranger):
    clinic.account(is_password_temporary=True)
    assert log_in(stranger).headers["location"] == "/console/log-in/new-password"
    assert stranger.get("/console").headers["location"] == "/console/log-in/new-password"
    for password, again in (("short", "short"), ("a new password", "another password"), ("a" * 20, "a" * 20)):
        assert stranger.post("/console/log-in/new-password", password=password, again=again).status_code == 422
    fields = {"password": "my very own words", "again": "my very own words"}
    assert stranger.post("/console/log-in/new-password", **fields).headers["location"] == "/console"
    assert stranger.get("/console").status_code == 200
    assert log_in(stranger).status_code == 401


def test_log_in_goes_on_to_the_page_that_was_wanted_after_all_steps(clinic, enrolled, new_client):
    _, secret, _ = enrolled
    client = new_client()
    wanted = "/console/escalations/12"
    client.post("/console/log-in", username="sam", password=PASSWORD, next=wanted)
    assert client.post(STEP, code=code_of(secret)).headers["location"] == wanted


def test_log_in_unfinished_ends_by_itself(clinic, enrolled):
    client, secret, _ = enrolled
    with time_machine.travel(now() + timedelta(minutes=31)):
        answer = client.post(STEP, code=code_of(secret))
    assert answer.headers["location"].startswith("/console/log-in?")
    with clinic.database.read() as session:
        assert "second_factor" in session.scalars(select(StaffSession.step)).all()
