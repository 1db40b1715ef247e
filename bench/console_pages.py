"""`python -m bench.console_pages`: how long every page of the console takes to render, with the clinic of `make demo`.

In this process, without a network: what a page costs the service. Beside the time on the clock stands the processor's
time, which says the same on a machine that is busy with other things.
Exits with status 1 when a page takes longer than the target.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from fastapi.routing import APIRoute
from sqlalchemy import event, func, select
from starlette.testclient import TestClient

from bench.machine import this_machine
from bench.many_escalations import add_escalations
from bench.progress import say
from clinic.app import create_app
from clinic.console.pages import console_router
from clinic.conversations.models import Conversation, Message
from clinic.courses.models import Course, TherapySession
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.escalations.models import Escalation
from clinic.migrate import migrate
from clinic.outbox.path import RELAY, beat
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.services import Services
from clinic.settings import ROOT, Settings
from clinic.staff.access import COOKIE
from clinic.staff.models import StaffAccount
from clinic.staff.sessions import open_session
from risk import Detector
from scripts.demo.__main__ import FOLDER as MADE
from scripts.demo.filling import fill

TARGET_MS = 150.0
_ROUNDS = 40
_WARM_UP = 3
_MANY_CLOSED, _MANY_OPEN = 10_000, 200
_IN_DOCS = ROOT / "docs" / "measurements" / "console.md"
_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
# Files, streams that do not end, and a page that waits for Rasa, which does not run here.
_NO_PAGES = re.compile(r"/export|\.csv|/responses/|/events|/stream|/service/parts|/log-in|/oidc|{rest:path}")
_LISTS = ("/console", "/console/closed")


@dataclass(frozen=True)
class PageTime:
    """Milliseconds of one page: median and 95th percentile by the clock, 95th by the processor; and its queries."""

    address: str
    p50: float
    p95: float
    processor_p95: float
    queries: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.console_pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help=f"times that each page is asked for ({_ROUNDS})")
    parser.add_argument("--write-docs", action="store_true", help="also write docs/measurements/console.md")
    parser.add_argument("--existing", action="store_true", help="a copy of var/demo, instead of making a clinic up")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with TemporaryDirectory() as folder:
        services = _demo_clinic(Path(folder), is_made_already=given.existing)
        say("measuring every page")
        pages, skipped = measure(services, rounds=given.rounds)
        say(f"measuring the lists with {_MANY_CLOSED:,} closed and {_MANY_OPEN} open escalations")
        add_escalations(services, closed=_MANY_CLOSED, still_open=_MANY_OPEN)
        many = [_page(services, address, given.rounds) for address in _LISTS]
        services.database.dispose()
    lines = _markdown(pages, many, skipped, given.rounds)
    sys.stdout.write("\n".join(lines) + "\n")
    if given.write_docs:
        _IN_DOCS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return int(any(page.processor_p95 > TARGET_MS for page in [*pages, *many]))


def measure(services: Services, *, rounds: int) -> tuple[list[PageTime], list[str]]:
    """Every page, the slowest first, and the addresses that are no pages."""
    addresses, skipped = _addresses(services)
    pages = [_page(services, address, rounds) for address in addresses]
    return sorted(pages, key=lambda page: -page.p95), skipped


def _demo_clinic(folder: Path, *, is_made_already: bool) -> Services:
    if is_made_already:
        for name in ("interlude.db", "data.key"):
            shutil.copy(MADE / name, folder)
    settings = Settings(
        var_folder=folder,
        database_url=f"sqlite:///{folder / 'interlude.db'}",
        alert_urls=[],
        sms_provider="emulator",
        rate_limit="off",
    )
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    migrate(database)
    database.dispose()
    detector = Detector.load()
    services = Services.build(settings, detector=detector)
    if not is_made_already:
        say("making up the clinic of make demo")
        fill(services, detector)
    return services


def _addresses(services: Services) -> tuple[list[str], list[str]]:
    """The address of every page, with the patient who has most behind them; and the routes that are left out."""
    values = _busiest(services)
    found, skipped = [], []
    for route in console_router(services).routes:
        if not isinstance(route, APIRoute) or "GET" not in (route.methods or ()):
            continue
        names = set(_PARAMETER.findall(route.path))
        if _NO_PAGES.search(route.path) or names - values.keys():
            skipped.append(route.path)
            continue
        found.append(_PARAMETER.sub(lambda match: values[match[1]], route.path))
    found += ["/console/patients?status=waiting", "/console/patients?status=finished", "/console/service?days=90"]
    return [*dict.fromkeys(found), "/console/waiting-list?shown=all"], skipped


def _busiest(services: Services) -> dict[str, str]:
    with services.database.read() as session:
        patient_id = session.scalars(
            select(QuestionnaireResponse.patient_id)
            .join(Course, Course.patient_id == QuestionnaireResponse.patient_id)
            .where(Course.ended_at.is_(None))
            .group_by(QuestionnaireResponse.patient_id)
            .order_by(func.count().desc())
        ).first()
        conversation_id = session.scalars(
            select(Message.conversation_id).group_by(Message.conversation_id).order_by(func.count().desc())
        ).first()
        session_id = session.scalars(
            select(TherapySession.id).join(Course).where(Course.patient_id == patient_id).order_by(TherapySession.id)
        ).first()
        escalation_id = session.scalars(
            select(Escalation.id)
            .join(Conversation, Conversation.id == Escalation.conversation_id)
            .where(Conversation.patient_id == patient_id)
            .order_by(Escalation.id.desc())
        ).first()
        if escalation_id is None:
            escalation_id = session.scalar(select(func.max(Escalation.id)))
    return {
        "patient_id": str(patient_id),
        "conversation_id": str(conversation_id),
        "escalation_id": str(escalation_id),
        "session_id": str(session_id),
        "topic": "therapist_silence",
    }


def _page(services: Services, address: str, rounds: int) -> PageTime:
    client = TestClient(create_app(services))
    for role in ("duty", "administrator"):
        client.cookies.set(COOKIE, _token(services, role))
        answer = client.get(address, follow_redirects=False)
        if answer.status_code == 200:
            break
    else:
        raise RuntimeError(f"{address} answers {answer.status_code}")
    with _counting(services) as queries:
        client.get(address)
    for _ in range(_WARM_UP):
        client.get(address)
    clock, processor = [], []
    for _ in range(rounds):
        started, worked = time.perf_counter(), time.process_time()
        client.get(address)
        clock.append((time.perf_counter() - started) * 1000)
        processor.append((time.process_time() - worked) * 1000)
    return PageTime(address, _rank(clock, 0.5), _rank(clock, 0.95), _rank(processor, 0.95), len(queries))


def _token(services: Services, role: str) -> str:
    with services.database.write() as session:
        beat(session, RELAY)
        account = session.scalars(select(StaffAccount).where(StaffAccount.role == role)).first()
        if account is None:
            raise RuntimeError(f"the demo has no account with the role {role}")
        return open_session(session, account)


@contextmanager
def _counting(services: Services) -> Iterator[list[str]]:
    said: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            said.append(statement)

    event.listen(services.database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(services.database.engine, "before_cursor_execute", note)


def _rank(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _markdown(pages: list[PageTime], many: list[PageTime], skipped: list[str], rounds: int) -> list[str]:
    return [
        "# Pages of the console",
        "",
        "Made by `python -m bench.console_pages --write-docs`: every page, with the clinic of `make demo` (60 people)",
        f"in SQLite, {rounds} times each, in one process and without a network. Target: at most {TARGET_MS:.0f} ms at",
        "the 95th percentile. The processor's time is what the page costs; the clock's is longer on a busy machine.",
        "",
        *_table(pages),
        "",
        f"The lists with {_MANY_CLOSED:,} closed and {_MANY_OPEN} open escalations more:",
        "",
        *_table(many),
        "",
        "Left out, because they are files, streams or pages that wait for Rasa:",
        f"{', '.join(f'`{path}`' for path in skipped)}.",
        "",
        f"{this_machine()}. The machine's load average at the end was {os.getloadavg()[0]:.0f}:",
        "at more than 2, read the processor's time and not the clock's.",
    ]


def _table(pages: list[PageTime]) -> list[str]:
    heads = ("Page", "queries", "p50, ms", "p95, ms", "p95 of processor time, ms")
    rows = [heads, ("---",) * len(heads)]
    for page in pages:
        times = (page.p50, page.p95, page.processor_p95)
        rows.append((f"`{_without_ids(page.address)}`", str(page.queries), *(f"{value:.0f}" for value in times)))
    return [f"| {' | '.join(row)} |" for row in rows]


def _without_ids(address: str) -> str:
    return re.sub(r"/[0-9a-f]{32}|/\d+(?=/|$)", "/...", address)


if __name__ == "__main__":
    sys.exit(main())
