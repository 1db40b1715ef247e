"""Nobody gets in without logging in, from another site, or through words that look like markup."""

import re

import pytest
from asgi_csrf import asgi_csrf
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from clinic.console.form_refused import form_refused
from clinic.console.pages import console_router

SCRIPT = "<script>alert(1)</script>"
TAG = "<img src=x onerror=alert(1)>\"'"
# What SCRIPT and TAG would be if a page took them for markup.
MARKUP = re.compile(r"<script>|<script [^s]|<img|</textarea></title")
# Scripts that are no files of ours, styles in the page, handlers in attributes, addresses elsewhere.
INLINE = re.compile(r"<script(?![^>]* src=\"/static/console/)|<style|\sstyle=|\son[a-z]+=\"|https?://")
PUBLIC = {
    ("GET", "/console/log-in"),
    ("POST", "/console/log-in"),
    ("GET", "/console/log-in/single-sign-on"),
    ("GET", "/console/log-in/single-sign-on/callback"),
}


def routes(services):
    return [(method, route.path) for route in console_router(services).routes for method in route.methods]


def address(path, clinic):
    escalation = clinic.escalation()
    for name, value in (
        ("{escalation_id:int}", escalation.id),
        ("{conversation_id}", escalation.conversation_id),
        ("{rest:path}", "nowhere"),
    ):
        path = path.replace(name, str(value))
    # Of what else there is, nothing needs to exist: a stranger must not even learn that.
    return re.sub(r"{\w+}", "nobody", re.sub(r"{\w+:int}", "1", path))


def test_console_every_route_but_log_in_needs_somebody_logged_in(services, clinic, stranger):
    checked = 0
    for method, path in routes(services):
        if (method, path) in PUBLIC:
            continue
        response = stranger.http.request(
            method, address(path, clinic), data={"csrftoken": stranger.token()} if method == "POST" else None
        )
        assert response.status_code == 303, path
        assert response.headers["location"].startswith("/console/log-in"), path
        assert "tablets" not in response.text
        checked += 1
    assert checked >= 12
    assert clinic.stored_escalation(1).status == "new"


def test_console_live_parts_send_the_browser_to_log_in(clinic, stranger):
    response = stranger.get("/console/live/escalations", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response.headers["hx-redirect"].startswith("/console/log-in")


def test_console_every_form_needs_its_token(services, clinic, sam):
    for path in [path for method, path in routes(services) if method == "POST"]:
        for fields in ({}, {"csrftoken": "made up"}):
            response = sam.http.post(address(path, clinic), data={"text": "hello", "outcome": "spoken_to", **fields})
            assert response.status_code == 403, path
    assert clinic.stored_escalation(1).status == "new"
    assert clinic.audit() == []


def test_console_refused_form_is_a_page_for_people_and_json_for_programs(services):
    app = asgi_csrf(PlainTextResponse("done"), signing_secret="test", send_csrf_failed=form_refused(services))
    client = TestClient(app, cookies={"a": "b"})
    page = client.post("/console/escalations/1/close", data={})
    assert (page.status_code, page.headers["cache-control"]) == (403, "no-store")
    assert "Nothing was sent or changed" in page.text
    assert client.post("/api/staff/escalations/1/close", data={}).json()["error"]["code"] == "form_refused"


def test_console_pages_are_not_kept_by_the_browser(clinic, sam):
    escalation = clinic.escalation()
    for path in ("/console", "/console/closed", f"/console/escalations/{escalation.id}", "/console/live/escalations"):
        assert sam.get(path).headers["cache-control"] == "no-store", path


def every_page_with(clinic, client, words):
    """All pages and parts, with the same words in every text that somebody else can fill."""
    phrase = words[:12]
    conversation_id = clinic.conversation()
    clinic.message(conversation_id, words, sender="staff", name=words[:100], kind="staff")
    seen = clinic.escalation(
        words,
        conversation_id=conversation_id,
        phrases=(phrase, words + " earlier"),
        reasons=(words,),
        status="acknowledged",
        acknowledged_by=words[:100],
    )
    closed = clinic.escalation(words, status="closed", closed_by=words[:100], note=words, outcome=words[:60])
    clinic.escalation(words, conversation_id=conversation_id, reasons=(words,))
    with clinic.database.write() as session:
        conversation = session.merge(clinic.stored_conversation(conversation_id))
        conversation.assignee_name = words[:100]
    paths = [
        "/console",
        "/console/closed",
        f"/console/escalations/{seen.id}",
        f"/console/escalations/{closed.id}",
        f"/console/conversations/{conversation_id}",
        f"/console/conversations/{conversation_id}?before=999",
        f"/console/live/conversations/{conversation_id}",
        "/console/live/escalations",
        f"/console/live/escalations/{seen.id}",
    ]
    pages = [client.get(path) for path in paths]
    pages.append(client.post(f"/console/escalations/{seen.id}/close", outcome=words, note=words))
    pages.append(client.post(f"/console/escalations/{closed.id}/close", outcome="spoken_to", note=words))
    pages.append(client.post(f"/console/conversations/{conversation_id}/messages", text=words))
    pages.append(client.post("/console/log-in", username=words, password=words, next=words))
    return pages


@pytest.mark.parametrize("words", [SCRIPT, TAG, "</textarea></title>" + SCRIPT, "{{ 7 * 7110711 }}" + TAG])
def test_console_words_are_never_markup(clinic, new_client, words):
    client = new_client(clinic.account("sam", words[:100]))
    for response in every_page_with(clinic, client, words):
        where = response.request.url.path
        assert response.status_code in (200, 401, 409, 422), where
        assert not MARKUP.search(response.text), where
        # The words are there all the same: "&lt;" is how a page says "<".
        assert "&lt;" in response.text, where
        assert "49774977" not in response.text, where


def test_console_pages_have_no_inline_script_or_style(clinic, sam):
    escalation = clinic.escalation()
    for path in ("/console/log-in", "/console", f"/console/escalations/{escalation.id}", "/console/nowhere"):
        text = sam.get(path).text
        assert not INLINE.search(text), path


def test_console_address_with_a_slash_leads_to_the_list(sam):
    assert sam.get("/console/").headers["location"] == "/console"


def test_console_unknown_addresses_are_a_page(sam):
    for path in (
        "/console/nowhere",
        "/console/escalations/99999",
        "/console/escalations/99999999999999999999",
        "/console/escalations/abc",
        "/console/conversations/" + "0" * 32,
        "/console/conversations/not-an-id",
        "/console/conversations/%00",
    ):
        response = sam.get(path)
        assert (response.status_code, "There is nothing at this address" in response.text) == (404, True), path
