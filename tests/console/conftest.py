"""A clinic to look at: the whole application over a fresh SQLite file, staff who are logged in, and a browser."""

import re
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update
from starlette.testclient import TestClient

from clinic.app import create_app
from clinic.audit.models import AuditEvent
from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.service import hash_token, messages_after, open_conversation
from clinic.encryption import configure_encryption
from clinic.escalations.models import Escalation
from clinic.operations.watching import PROBE
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse
from clinic.services import Services
from clinic.settings import Settings
from clinic.staff.access import COOKIE
from clinic.staff.models import StaffAccount, StaffSession
from risk import Verdict

PASSWORD = "correct horse battery"
# A busy machine is slow, not wrong.
expect.set_options(timeout=15_000)
WORRYING = "tablets"
# As cheap as argon2 can be: what is slow on purpose elsewhere is not what is tested here.
_PASSWORD_HASH = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)).hash(PASSWORD)
# One key for all tests: encryption is configured once for a whole process.
_DATA_KEY = Fernet.generate_key().decode()
_CSRF = re.compile(r'name="csrftoken" value="([^"]+)"')
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class OneWordDetector:
    """Stands in for risk.Detector: one word calls for a person."""

    def screen(self, text: str, *, previous: Any = ()) -> Verdict:
        # The service asks its detector now and then whether it would notice.
        if WORRYING not in text and text != PROBE:
            return Verdict(flagged=False)
        return Verdict(flagged=True, respond="now", categories=("plan_or_intent",), phrases=(WORRYING,), score=0.9)


class Clinic:
    """Puts into the database what a test needs, and looks into it."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.database = services.database

    def account(self, username: str = "sam", name: str = "Sam Lee", **more: Any) -> StaffAccount:
        with self.database.write() as session:
            account = StaffAccount(
                username=username,
                name=name,
                password_hash=_PASSWORD_HASH,
                created_at=now(),
                **{"role": "duty", **more},
            )
            session.add(account)
        return account

    def session_token(self, account: StaffAccount) -> str:
        token = secrets.token_urlsafe(32)
        with self.database.write() as session:
            session.add(
                StaffSession(token_hash=hash_token(token), account_id=account.id, created_at=now(), last_seen_at=now())
            )
        return token

    def conversation(self) -> str:
        with self.database.write() as session:
            return open_conversation(session, channel="web")[0].id

    def message(
        self,
        conversation_id: str,
        text: str,
        *,
        sender: str = "patient",
        name: str | None = None,
        kind: str = "text",
        phrases: tuple[str, ...] = (),
        tags: tuple[str, ...] = (),
        at: datetime | None = None,
    ) -> int:
        with self.database.write() as session:
            message = Message(
                conversation_id=conversation_id,
                at=at or now(),
                direction="incoming" if sender == "patient" else "outgoing",
                sender=sender,
                sender_name=name,
                kind=kind,
                text=text,
                details={},
                verdict={"flagged": bool(phrases), "phrases": list(phrases), "tags": list(tags), "categories": []},
                answered_at=now(),
            )
            session.add(message)
            session.flush()
            return message.id

    def escalation(
        self,
        text: str = "I have the tablets here.",
        *,
        respond: str = "now",
        reasons: tuple[str, ...] = ("plan_or_intent",),
        status: str = "new",
        minutes_ago: int = 0,
        conversation_id: str | None = None,
        phrases: tuple[str, ...] = (),
        **more: Any,
    ) -> Escalation:
        conversation_id = conversation_id or self.conversation()
        at = now() - timedelta(minutes=minutes_ago)
        message_id = self.message(conversation_id, text, at=at, phrases=phrases)
        if status != "new":
            more = {"acknowledged_at": now(), "acknowledged_by": "sam", **more}
        if status == "closed":
            more = {"closed_at": now(), "closed_by": "sam", "outcome": "spoken_to", **more}
        with self.database.write() as session:
            escalation = Escalation(
                conversation_id=conversation_id,
                message_id=message_id,
                reasons=list(reasons),
                respond=respond,
                status=status,
                created_at=at,
                **more,
            )
            session.add(escalation)
        return escalation

    def answers(
        self, conversation_id: str, questionnaire: str, values: list[int], *, total: int | None, version: str = "1"
    ) -> int:
        with self.database.write() as session:
            response = QuestionnaireResponse(
                conversation_id=conversation_id,
                questionnaire=questionnaire,
                version=version,
                status="in_progress" if total is None else "completed",
                started_at=now(),
                completed_at=None if total is None else now(),
                total=total,
                answers=[
                    QuestionnaireAnswer(item=item, value=value, at=now()) for item, value in enumerate(values, start=1)
                ],
            )
            session.add(response)
            session.flush()
            return response.id

    def replace_answer(self, response_id: int, item: int, value: int) -> None:
        with self.database.write() as session:
            response = session.get_one(QuestionnaireResponse, response_id)
            for answer in response.answers:
                if answer.item == item:
                    answer.replaced_at = now()
            response.answers.append(QuestionnaireAnswer(item=item, value=value, at=now()))

    def stored_escalation(self, escalation_id: int) -> Escalation:
        with self.database.read() as session:
            return session.get_one(Escalation, escalation_id)

    def stored_conversation(self, conversation_id: str) -> Conversation:
        with self.database.read() as session:
            return session.get_one(Conversation, conversation_id)

    def said(self, conversation_id: str) -> list[tuple[str, str]]:
        with self.database.read() as session:
            return [(m.sender, m.text) for m in messages_after(session, conversation_id=conversation_id)]

    def end_all_sessions(self) -> None:
        with self.database.write() as session:
            session.execute(update(StaffSession).values(revoked_at=now()))

    def audit(self) -> list[tuple[str, str, str, str]]:
        with self.database.read() as session:
            events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
            return [(event.actor, event.action, event.entity, event.entity_id) for event in events]


class StaffClient:
    """A member of staff without a browser: follows no redirect, and sends the form's token as a page would."""

    def __init__(self, client: TestClient) -> None:
        self.http = client

    def get(self, path: str, **more: Any) -> Any:
        return self.http.get(path, **more)

    def token(self) -> str:
        """The token of the forms on a page."""
        found = _CSRF.search(self.http.get("/console/log-in").text)
        assert found is not None
        return found[1]

    def post(self, path: str, **fields: str) -> Any:
        return self.http.post(path, data={"csrftoken": self.token(), **fields})


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """For what a browser shows, one kind of database is enough."""
    path = tmp_path / "interlude.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        var_folder=tmp_path,
        database_url=database_url,
        data_keys=_DATA_KEY,
        clinic_name="Riverside Talking Therapies",
        # Nobody listens there: what Rasa would say is not what these tests are about.
        rasa_url="http://127.0.0.1:9",
        staff_api_token=None,
    )


@pytest.fixture
def services(settings: Settings) -> Services:
    configure_encryption(settings)
    return Services.build(settings, detector=OneWordDetector())


@pytest.fixture
def clinic(services: Services) -> Clinic:
    return Clinic(services)


@pytest.fixture
def new_client(services: Services) -> Iterator[Callable[..., StaffClient]]:
    """Opens clients of one running application, from whatever address, logged in or not."""
    app = create_app(services)
    with TestClient(app) as running:

        def client(account: StaffAccount | None = None, address: str = "192.0.2.1") -> StaffClient:
            opened = TestClient(app, client=(address, 50000), follow_redirects=False)
            # The running application's thread: what was begun there must go on there.
            opened.portal = running.portal
            if account is not None:
                opened.cookies.set(COOKIE, Clinic(services).session_token(account))
            return StaffClient(opened)

        yield client


@pytest.fixture
def stranger(new_client: Callable[..., StaffClient]) -> StaffClient:
    """Somebody who is not logged in."""
    return new_client()


@pytest.fixture
def sam(clinic: Clinic, new_client: Callable[..., StaffClient]) -> StaffClient:
    return new_client(clinic.account("sam", "Sam Lee"))


@pytest.fixture
def priya(clinic: Clinic, new_client: Callable[..., StaffClient]) -> StaffClient:
    return new_client(clinic.account("priya", "Priya Nair"))


@pytest.fixture
def address(services: Services) -> Iterator[str]:
    """The address of the application, running for browsers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(services), port=port, log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a module and not one a session: playwright's event loop would stand in the way of other folders' tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def new_page(browser: Browser, address: str, clinic: Clinic) -> Iterator[Callable[..., Page]]:
    """Opens pages, each of its own person; a script error, a broken policy or a request elsewhere fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(account: StaffAccount | None = None, **options: Any) -> Page:
        context = browser.new_context(base_url=address, **{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        if account is not None:
            context.add_cookies([{"name": COOKIE, "value": clinic.session_token(account), "url": address}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("request", lambda r: None if r.url.startswith(address) else wrong.append(f"asked {r.url}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def axe_violations() -> Callable[[Page], list[str]]:
    """What axe finds wrong with a page, best practices included, each with the elements it means."""

    def find(page: Page) -> list[str]:
        options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
        found = Axe().run(page, options=options).response["violations"]
        return [f"{rule['id']}: {[node['target'] for node in rule['nodes']]}" for rule in found]

    return find
