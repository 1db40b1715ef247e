"""What has been kept long enough goes by itself, on a clock that the test moves."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from clinic.audit.models import AuditEvent
from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.escalations.models import Escalation
from clinic.outbox.models import OutboxItem
from clinic.patients.models import Patient
from clinic.rights.retention import keep_to_retention
from tests.clinic.courses.conftest import london
from tests.clinic.rights.conftest import NEEDLES, Kept

START = london(2026, 11, 20, 12)


def count(kept: Kept, table: type) -> int:
    with kept.services.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def after(kept: Kept, **passed: float) -> None:
    with time_machine.travel(START + timedelta(**passed), tick=False):
        keep_to_retention(kept.services)


async def test_retention_of_conversations_of_nobody_known(kept: Kept) -> None:
    with time_machine.travel(START, tick=False):
        kept.unknown()
    after(kept, days=364, hours=23)
    assert count(kept, Conversation) == 1
    after(kept, days=365, hours=1)
    assert count(kept, Conversation) == 0
    assert [needle for needle in NEEDLES if needle in kept.everything()] == []


async def test_retention_waits_for_an_open_escalation(kept: Kept) -> None:
    with time_machine.travel(START, tick=False):
        kept.unknown()
        with kept.services.database.write() as session:
            session.scalars(select(Escalation)).one().status = "new"
    after(kept, days=400)
    assert count(kept, Conversation) == 1


@pytest.mark.parametrize(("status", "days", "left"), [("finished", 100, 0), ("waiting", 100, 1), ("finished", 0, 1)])
async def test_retention_of_finished_patients(kept: Kept, status: str, days: int, left: int) -> None:
    with time_machine.travel(START, tick=False):
        patient_id = kept.person()
        with kept.services.database.write() as session:
            session.get_one(Patient, patient_id).status = status
    kept.services.settings.retention_finished_days = days
    # The last session of the course counts: 16 weeks.
    after(kept, days=200)
    assert count(kept, Patient) == 1
    after(kept, days=400)
    assert count(kept, Patient) == left


async def test_retention_of_what_was_sent(kept: Kept) -> None:
    with time_machine.travel(START, tick=False), kept.services.database.write() as session:
        for sent_at in (now(), None):
            session.add(OutboxItem(channel="log", payload={}, created_at=now(), due_at=now(), sent_at=sent_at))
    after(kept, days=29)
    assert count(kept, OutboxItem) == 2
    after(kept, days=31)
    assert count(kept, OutboxItem) == 1


@pytest.mark.parametrize(("days", "left"), [(0, True), (30, False)])
async def test_retention_of_audit_events(kept: Kept, days: int, left: bool) -> None:
    with time_machine.travel(START, tick=False), kept.services.database.write() as session:
        session.add(AuditEvent(at=now(), actor="sam", action="view", entity="patient", entity_id="x"))
    kept.services.settings.retention_audit_days = days
    after(kept, days=31)
    assert (count(kept, AuditEvent) == 1) is left
