"""The made-up clinic of `make demo`: whole, the same each time, never mixed with real people, nothing leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select

from clinic.channels.sms.models import SmsDelivery
from clinic.conversations.models import Conversation, Message
from clinic.courses.models import TherapySession
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.escalations.models import Escalation
from clinic.invitations.models import Invitation
from clinic.migrate import migrate
from clinic.notes.models import Note
from clinic.outbox.models import OutboxItem
from clinic.patients.models import Consent, Patient
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.questions.models import OpenQuestion
from clinic.services import Services
from clinic.settings import Settings
from risk import Detector
from scripts.demo.filling import NotEmpty, fill
from scripts.demo.stage import load
from scripts.demo.waiting import Person

# Who has a part in today's story, and one of every other kind.
SOME = ("Dylan", "Nadia", "Bola", "Kezia", "Ines", "Lowri", "Umar", "Osian", "Sami", "Rosa")
OTHERS = ("Leila", "Nerys", "Una", "Viktor", "Yara", "Aoife", "Carys")
MOMENT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.load()


def empty_clinic(folder: Path, detector: Detector) -> Services:
    folder.mkdir(exist_ok=True)
    settings = Settings(var_folder=folder, database_url=f"sqlite:///{folder / 'interlude.db'}", sms_provider="emulator")
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    migrate(database)
    database.dispose()
    return Services.build(settings, detector=detector)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, detector: Detector) -> Iterator[Services]:
    """One demo clinic for all tests of this file, with a part of the cast."""
    services = empty_clinic(tmp_path_factory.mktemp("demo"), detector)
    with time_machine.travel(MOMENT, tick=False):
        fill(services, detector, only=[*SOME, *OTHERS])
    yield services
    services.database.dispose()


@pytest.fixture(autouse=True)
def _its_keys(request: pytest.FixtureRequest) -> None:
    if "demo" in request.fixturenames:
        configure_encryption(request.getfixturevalue("demo").settings)


def test_demo_cast_is_sixty_people_whom_nobody_could_take_for_real() -> None:
    people = [Person(number, *row) for number, row in enumerate(load("cast.yml")["people"])]
    assert len(people) == 60
    assert len({person.given for person in people}) == len({person.family for person in people}) == 60
    # Ofcom's numbers for drama.
    assert all(re.fullmatch(r"\+447700900\d{3}", person.phone) for person in people)
    # The given name and the family name begin alike, as in a story book.
    assert all(person.given[0] == person.family[0] for person in people)


def test_demo_worries_are_noticed_by_the_detector(detector: Detector) -> None:
    """A line that is not noticed is changed here, never the detector for it."""
    assert [one["text"] for one in load("lines.yml")["worries"] if not detector.screen(one["text"]).flagged] == []


def test_demo_has_escalations_in_every_state_and_of_every_response(demo: Services) -> None:
    with demo.database.read() as session:
        found = session.scalars(select(Escalation)).all()
    assert {one.status for one in found} == {"new", "acknowledged", "closed"}
    assert {one.respond for one in found if one.status != "closed"} == {"now", "today", "next_working_day"}
    reasons = {reason for one in found for reason in one.reasons}
    assert reasons >= {"asked_for_their_data", "message_unanswered", "crisis_text_not_delivered", "left_alone"}
    assert any(one.reopened_at is not None for one in found)
    assert any(reason.startswith("phq-9 item 9") for reason in reasons)
    assert all(one.created_at <= one.acknowledged_at <= one.closed_at for one in found if one.status == "closed")


def test_demo_people_stand_at_every_point_of_the_way(demo: Services) -> None:
    with demo.database.read() as session:
        assert set(session.scalars(select(Patient.status))) == {"waiting", "in_therapy", "finished"}
        assert set(session.scalars(select(Consent.decision))) == {"given", "refused", "withdrawn"}
        assert set(session.scalars(select(TherapySession.status))) == {"planned", "attended", "missed", "cancelled"}
        assert set(session.scalars(select(Invitation.way))) == {"sms", "letter"}
        assert set(session.scalars(select(QuestionnaireResponse.status))) >= {"completed", "stopped"}
        assert set(session.scalars(select(Conversation.channel))) == {"web", "sms"}
        assert set(session.scalars(select(OpenQuestion.why)))
        assert session.scalar(select(func.count()).select_from(Note))
        assert session.scalar(select(Conversation.assignee_name).where(Conversation.assignee_name.is_not(None)))


def test_demo_nothing_waits_to_leave_and_nobody_reads_that_nobody_watches(demo: Services) -> None:
    with demo.database.read() as session:
        assert session.scalar(select(func.count()).where(OutboxItem.sent_at.is_(None))) == 0
        assert session.scalar(select(func.count()).where(SmsDelivery.status == "queued")) == 0
        nobody = demo.crisis.texts.nobody_watching().text
        assert nobody not in session.scalars(select(Message.text)).all()


def test_demo_nothing_happens_after_now(demo: Services) -> None:
    with demo.database.read() as session:
        assert session.scalar(select(func.max(Message.at))) <= MOMENT
        assert session.scalar(select(func.max(Escalation.closed_at))) <= MOMENT


def test_demo_is_never_mixed_with_what_is_there(demo: Services, detector: Detector) -> None:
    with demo.database.read() as session:
        before = session.scalar(select(func.count()).select_from(Message))
    with pytest.raises(NotEmpty, match="not empty"):
        fill(demo, detector)
    with demo.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == before


def test_demo_is_the_same_each_time(tmp_path: Path, detector: Detector) -> None:
    told = []
    for name in ("one", "two"):
        services = empty_clinic(tmp_path / name, detector)
        with time_machine.travel(MOMENT, tick=False):
            fill(services, detector, only=["Zelda", "Dylan", "Yara"])
        with services.database.read() as session:
            messages = session.execute(select(Message.at, Message.sender, Message.kind, Message.topic)).all()
            totals = [one.total for one in session.scalars(select(QuestionnaireResponse))]
            told.append((messages, totals))
        services.database.dispose()
    assert told[0] == told[1]
