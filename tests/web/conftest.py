"""A real browser for the chat, and a scripted patient API that answers inside it.

The pages come from `web_base_url`: the system under test where INTERLUDE_BASE_URL names one, else stub_server.py.
Most tests take `api` as well: then the browser's calls are answered here, so that lost connections, repeated
deliveries and refusals can be staged, whichever server sent the page.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    "--disable-features=LocalNetworkAccessChecks",  # a page that a test makes up may load the script from this machine
]

ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}  # what an embedded chat needs of the API
EVENTS = {**ANY_ORIGIN, "Content-Type": "text/event-stream"}


@pytest.fixture(scope="session")
def web_base_url() -> Iterator[str]:
    """The address of a running system, without a slash at its end."""
    if given := os.environ.get("INTERLUDE_BASE_URL"):
        yield given.rstrip("/")
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, str(Path(__file__).with_name("stub_server.py")), str(port)])
    try:
        for _ in range(150):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a module and not one a session: playwright's event loop would stand in the way of other folders' tests."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Debian's chromium is not installed; .ci/run installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages of a fresh context each; a script error in any of them fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


class ScriptedApi:
    """The patient API of the contract, answered from lists that a test fills."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any] | None]] = []
        self.said: list[dict[str, Any]] = [self.message("Hello. What would you like to know?", kind="menu")]
        self.streamed: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], tuple[int, dict[str, Any]]] = self.reply_ok
        self.begun = 0
        self.hour: dict[str, Any] = {"hour": None, "usual_hour": 18, "hours": []}
        self.own: dict[str, Any] = {"about": "None yet.", "text": "None yet.", "responses": []}
        self.known = True
        self.down = False
        self.streams = True
        self.holding = False
        self.held: list[tuple[Route, dict[str, Any]]] = []

    @staticmethod
    def message(text: str, *, id: str = "1", kind: str = "leaflet", **more: Any) -> dict[str, Any]:
        base = {"id": id, "at": "2026-11-20T10:42:00+00:00", "sender": "assistant", "kind": kind, "quick_replies": []}
        return {**base, "text": text, **more}

    def next_id(self) -> str:
        return str(max(int(message["id"]) for message in self.said + self.streamed) + 1)

    def reply_ok(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Keeps what the patient wrote and answers 'You wrote: ...'."""
        own = {"kind": "text", "sender": "patient", "client_message_id": body["client_message_id"]}
        self.said.append(self.message(body["text"], id=self.next_id(), **own))
        self.said.append(self.message(f"You wrote: {body['text']}", id=self.next_id()))
        return 200, {"messages": self.said[-1:]}

    @property
    def posted(self) -> list[dict[str, Any]]:
        """The bodies of the messages that were posted, in order, repeats included."""
        return [body for method, path, body in self.calls if method == "POST" and body and path.endswith("/messages")]

    def handle(self, route: Route) -> None:
        request = route.request
        path = request.url.split("/api/conversations", 1)[1]
        body = json.loads(request.post_data) if request.post_data else None
        self.calls.append((request.method, path, body))
        if self.down:
            route.abort("connectionrefused")
        elif not path:
            self.begun += 1
            self.known = True
            self.reply(route, 201, {"id": f"c{self.begun}", "token": "secret", "messages": self.said})
        elif not self.known or request.headers.get("authorization") != "Bearer secret":
            self.reply(route, 404, {"error": {"code": "not_found", "message": "There is no such chat."}})
        elif path.endswith("/events"):
            frames = "".join(f"id: {m['id']}\nevent: message\ndata: {json.dumps(m)}\n\n" for m in self.streamed)
            body = ": heartbeat\n\n" + frames
            route.fulfill(status=200 if self.streams else 502, headers=EVENTS, body=body)
        elif path.endswith("/reminder-hour"):
            if body is not None:
                self.hour["hour"] = body["hour"]
            self.reply(route, 200, self.hour)
        elif path.endswith("/answers"):
            self.reply(route, 200, self.own)
        elif body is not None:
            self.held.append((route, body))
            if not self.holding:
                self.release()
        else:
            after = int(path.partition("after=")[2] or 0)
            self.reply(route, 200, {"messages": [message for message in self.said if int(message["id"]) > after]})

    @staticmethod
    def reply(route: Route, status: int, answer: dict[str, Any]) -> None:
        route.fulfill(status=status, json=answer, headers=ANY_ORIGIN)

    def release(self) -> None:
        """Answers what is held back."""
        self.holding = False
        while self.held:
            route, body = self.held.pop(0)
            self.reply(route, *self.answer(body))


@pytest.fixture
def api(page: Page) -> Iterator[ScriptedApi]:
    """Answers the calls of `page`."""
    scripted = ScriptedApi()
    page.route(re.compile("/api/conversations"), scripted.handle)
    yield scripted
    page.unroute_all(behavior="ignoreErrors")


@pytest.fixture
def chat(page: Page, api: ScriptedApi, web_base_url: str) -> Page:
    """The chat's own page, greeted by the scripted API."""
    page.goto(web_base_url)
    page.get_by_text("What would you like to know?").wait_for()
    return page


@pytest.fixture
def axe_violations() -> Callable[[Page], list[str]]:
    """What axe finds wrong with a page, best practices included, each with the elements it means."""

    def find(page: Page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{rule['id']}: {[node['target'] for node in rule['nodes']]}" for rule in found]

    return find
