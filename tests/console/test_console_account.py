"""Sessions that are listed and ended, password changes, an administrator's page, accounts from the command line."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from typer.testing import CliRunner

from clinic.__main__ import cli
from clinic.clock import now
from clinic.conversations.service import hash_token
from clinic.staff.access import COOKIE
from clinic.staff.delays import Delays, is_known, new_device, place_of
from clinic.staff.models import StaffAccount, StaffSession
from clinic.staff.sessions import device_in_words

PASSWORD = "correct horse battery"
NEW = "quite another secret"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def is_in(client):
    return client.get("/console").status_code == 200


def test_account_lists_own_sessions_with_their_devices(clinic, new_client, priya):
    stranger = new_client()
    clinic.account()
    stranger.http.headers["user-agent"] = FIREFOX
    stranger.post("/console/log-in", username="sam", password=PASSWORD)
    page = stranger.get("/console/account").text
    assert "Firefox on Windows" in page and "(this one)" in page and page.count("<li>\n      <span><strong>") == 1


def test_account_ends_one_session_and_nobody_elses(clinic, new_client, priya):
    account = clinic.account()
    here, there = new_client(account), new_client(account)
    for client, still_in in ((priya, True), (there, False)):
        here.post("/console/account/sessions/end", which=hash_token(client.http.cookies[COOKIE]))
        assert is_in(client) is still_in
    assert is_in(here)


def test_account_logs_out_everywhere(clinic, new_client):
    account = clinic.account()
    here, there = new_client(account), new_client(account)
    stolen = here.http.cookies[COOKIE]
    assert here.post("/console/account/sessions/end-all").headers["location"] == "/console/log-in"
    here.http.cookies.set(COOKIE, stolen)
    assert not is_in(here) and not is_in(there)


def test_account_password_change_ends_other_sessions(clinic, new_client):
    account = clinic.account()
    here, there = new_client(account), new_client(account)
    fields = {"current": PASSWORD, "password": NEW, "again": NEW}
    for wrong in ({"current": "wrong"}, {"password": "short"}, {"again": "other"}):
        assert here.post("/console/account/password", **{**fields, **wrong}).status_code == 422
        assert is_in(there)
    assert here.post("/console/account/password", **fields).status_code == 303
    assert is_in(here) and not is_in(there)
    again = new_client()
    assert again.post("/console/log-in", username="sam", password=PASSWORD).status_code == 401
    assert again.post("/console/log-in", username="sam", password=NEW).status_code == 303


def test_account_guessing_the_password_at_an_open_screen_is_slowed(sam):
    fields = {"password": NEW, "again": NEW}
    for _ in range(5):
        sam.post("/console/account/password", current="wrong", **fields)
    page = sam.post("/console/account/password", current=PASSWORD, **fields)
    assert page.status_code == 422 and "Too many wrong passwords" in page.text


@pytest.mark.parametrize(("minutes", "still_in"), [(479, True), (481, False)])
def test_session_ends_without_use(sam, minutes, still_in):
    with time_machine.travel(now() + timedelta(minutes=minutes)):
        assert is_in(sam) is still_in


def test_session_ends_in_any_case(sam):
    start = now()
    for hours in range(1, 24):
        with time_machine.travel(start + timedelta(hours=hours)):
            assert is_in(sam), hours
    with time_machine.travel(start + timedelta(hours=24, minutes=1)):
        assert not is_in(sam)


def test_session_lasts_as_long_as_the_settings_say(settings, sam):
    settings.staff_idle_minutes = 10
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert not is_in(sam)


@pytest.fixture
def ann(clinic, new_client):
    return new_client(clinic.account("ann", "Ann Roy", role="administrator"))


def test_staff_page_ends_somebodys_sessions(clinic, sam, ann):
    account = clinic.database
    with account.read() as session:
        sam_id = session.scalars(select(StaffAccount.id).where(StaffAccount.username == "sam")).one()
    assert is_in(sam) and "Sam Lee" in ann.get("/console/staff").text
    assert ann.post(f"/console/staff/{sam_id}/end-sessions").status_code == 303
    assert not is_in(sam) and ("ann", "end_sessions", "staff_account", str(sam_id)) in clinic.audit()


def test_staff_page_closes_an_account_but_not_the_last_administrators(clinic, new_client, sam, ann):
    with clinic.database.read() as session:
        ids = {one.username: one.id for one in session.scalars(select(StaffAccount))}
    ann.post(f"/console/staff/{ids['sam']}/close")
    assert not is_in(sam)
    stranger = new_client()
    assert stranger.post("/console/log-in", username="sam", password=PASSWORD).status_code == 401
    ann.post(f"/console/staff/{ids['sam']}/open")
    assert stranger.post("/console/log-in", username="sam", password=PASSWORD).status_code == 303
    refused = ann.post(f"/console/staff/{ids['ann']}/close")
    assert refused.status_code == 409 and "last administrator" in refused.text
    for path in ("/console/staff/999/close", "/console/staff/99999999999999999999/close", "/console/staff/1/promote"):
        assert ann.post(path).status_code == 404


def test_staff_page_is_for_administrators(sam, ann):
    assert sam.get("/console/staff").status_code == 403
    assert ">Staff</a>" in ann.get("/console/staff").text and ">Staff</a>" not in sam.get("/console").text


def run(monkeypatch, settings, *arguments):
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("DATA_KEYS", settings.data_keys[0].get_secret_value())
    return CliRunner().invoke(cli, ["staff", *arguments])


def test_staff_command_makes_changes_and_closes_accounts(monkeypatch, settings, clinic, new_client):
    made = run(monkeypatch, settings, "create", "Robin", "--name", "Robin Day", "--role", "therapist")
    password = made.output.split()[-1]
    client = new_client()
    answer = client.post("/console/log-in", username="robin", password=password)
    assert answer.headers["location"] == "/console/log-in/new-password"
    client.post("/console/log-in/new-password", password=NEW, again=NEW)
    assert is_in(client)
    assert run(monkeypatch, settings, "set-role", "robin", "read_only").exit_code == 0
    assert client.get("/console/waiting-list/import").status_code == 403
    assert "robin  read_only  password only  1 sessions" in run(monkeypatch, settings, "list").output
    again = run(monkeypatch, settings, "new-password", "robin").output.split()[-1]
    assert not is_in(client)
    assert client.post("/console/log-in", username="robin", password=again).headers["location"].endswith("new-password")
    assert run(monkeypatch, settings, "disable", "robin").exit_code == 0
    assert client.post("/console/log-in", username="robin", password=again).status_code == 401
    for wrong in (("create", "robin", "--name", "X"), ("set-role", "robin", "king"), ("disable", "nobody")):
        assert run(monkeypatch, settings, *wrong).exit_code == 1


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        ("python-httpx/0.28.1 <script>", "python-httpx/0.28.1"),
        ("", "an unknown device"),
    ],
)
def test_session_device_in_words(agent, words):
    assert device_in_words(agent) == words


def test_delays_grow_and_end(services):
    delays, place, start = Delays(), ("address", "192.0.2.1", "sam"), now()
    waits = []
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(14):
            delays.failed(*place)
            waits.append(delays.wait_s(*place))
            clock.shift(delays.wait_s(*place))
            assert delays.wait_s(*place) == 0
    assert waits[:4] == [0] * 4 and waits[4:8] == [10, 20, 40, 80] and max(waits) == 900
    with time_machine.travel(start + timedelta(days=1), tick=False):
        delays.failed(*place)
        assert delays.wait_s(*place) == 0
    with time_machine.travel(start - timedelta(days=1), tick=False):
        assert delays.wait_s(*place) == 0, "a clock that was set back makes nobody wait"


def test_delays_of_one_place_are_nobody_elses(services):
    known = new_device("sam")
    places = [
        place_of(address="192.0.2.1", username="sam", device=""),
        place_of(address="192.0.2.2", username="sam", device=""),
        place_of(address="192.0.2.1", username="kim", device=""),
        place_of(address="192.0.2.1", username="sam", device=known),
    ]
    assert len(set(places)) == 4
    assert place_of(address="192.0.2.1", username="kim", device=known) == places[2], "known for one account only"
    first, same = (place_of(address=f"2001:db8::{n}", username="sam", device="") for n in (1, 2))
    assert first == same
    assert is_known(known, "SAM ") and not is_known("forged", "sam") and not is_known("x" * 5000, "sam")


def test_log_in_known_browser_passes_while_somebody_guesses_from_the_same_address(clinic, new_client):
    clinic.account()
    mine, guesser = new_client(), new_client()
    assert mine.post("/console/log-in", username="sam", password=PASSWORD).status_code == 303
    mine.http.cookies.delete(COOKIE)
    statuses = [guesser.post("/console/log-in", username="sam", password="wrong").status_code for _ in range(22)]
    assert statuses[:5] == [401] * 5 and set(statuses[5:]) == {429}
    assert mine.post("/console/log-in", username="sam", password=PASSWORD).status_code == 303


def test_session_old_rows_are_deleted(services, clinic, sam):
    from clinic.rights.retention import keep_to_retention

    with time_machine.travel(now() + timedelta(days=31)):
        keep_to_retention(services)
    with clinic.database.read() as session:
        assert session.scalars(select(StaffSession)).all() == []
