"""Erasure leaves nothing of a person in any table or file, and needs two people."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select, update

from clinic.audit.chain import verify_chain
from clinic.audit.models import AuditEvent
from clinic.database import Base
from clinic.escalations.models import Escalation
from clinic.outbox.models import OutboxItem
from clinic.outbox.relay import SendFailed
from clinic.patients.models import Patient
from clinic.rights.erasure import (
    ErasureRefused,
    confirm_erasure,
    request_erasure,
    sweep,
    sweep_if_possible,
    withdraw_erasure,
)
from clinic.rights.holdings import NobodyFound, Subject, holdings_of
from clinic.rights.models import Erasure
from clinic.rights.rasa_memory import RASA_MEMORY, RasaMemory
from tests.clinic.rights.conftest import NEEDLES, Kept

# Tables that hold nothing of a patient, or are dealt with by name in clinic/rights/.
NOT_A_PERSONS = {
    "audit_event": "reduced to a reference",
    "audit_head": "the end of the audit trail",
    "outbox_item": "found by what the payload refers to",
    "waiting_list_import": "an erasure waits until it is empty",
    "invitation_attempt": "counts tries of a sender whom nobody knows, by a blind index",
    "erasure": "names nobody once it is done",
    "heartbeat": "of the service",
    "staff_account": "of staff",
    "staff_session": "of staff",
}


def erase(kept: Kept, subject: Subject, **more: object) -> Erasure:
    with kept.services.database.write() as session:
        erasure = request_erasure(session, subject, by="sam")
    with kept.services.database.write() as session:
        found = session.get_one(Erasure, erasure.id)
        confirm_erasure(session, found, by="kim", keeps=more.get("keeps", "escalation_facts"))  # type: ignore[arg-type]
    sweep(kept.services.database)
    return found


def test_erasure_finds_every_table_that_belongs_to_a_person() -> None:
    reachable, before = {"patient", "conversation"}, set()
    while before != reachable:
        before = set(reachable)
        reachable |= {
            table.name
            for table in Base.metadata.sorted_tables
            for key in table.foreign_keys
            if key.column.table.name in before
        }
    everything = set(Base.metadata.tables)
    unknown = everything - reachable - set(NOT_A_PERSONS)
    assert {name for name in unknown if not name.startswith("staff_")} == set(), "say how a person is erased from these"


async def test_erasure_leaves_nothing_in_any_table_or_file(kept: Kept) -> None:
    patient_id = kept.person()
    before = kept.everything()
    assert all(needle in before for needle in NEEDLES if needle != "07700 900987")
    ciphertexts = kept.ciphertexts()
    assert len(ciphertexts) > 10
    erasure = erase(kept, Subject(patient_id=patient_id))
    after = kept.everything()
    assert [needle for needle in NEEDLES if needle in after] == []
    assert patient_id not in after
    assert erasure.erased is not None and erasure.erased["message"] == 2
    left = {
        str(path): needle
        for path in kept.var.rglob("*")
        if path.is_file()
        for content in (path.read_bytes(),)
        for needle in (*(word.encode() for word in NEEDLES), patient_id.encode(), *ciphertexts)
        if needle in content
    }
    assert left == {}


async def test_erasure_leaves_everybody_else_as_they_were(kept: Kept) -> None:
    other = kept.person("Ottoline", "Marchbanks", "07700 900111", "the sea was warm")
    with kept.services.database.read() as session:
        before = holdings_of(session, Subject(patient_id=other)).rows
    erase(kept, Subject(patient_id=kept.person()))
    with kept.services.database.read() as session:
        assert holdings_of(session, Subject(patient_id=other)).rows == before


async def test_erasure_of_a_conversation_of_nobody_known(kept: Kept) -> None:
    conversation_id = kept.unknown()
    erase(kept, Subject(conversation_id=conversation_id))
    assert [needle for needle in NEEDLES if needle in kept.everything()] == []


async def test_erasure_of_a_patients_conversation_alone_is_no_erasure(kept: Kept) -> None:
    (conversation_id,) = kept.conversations(kept.person())
    with pytest.raises(NobodyFound), kept.services.database.write() as session:
        request_erasure(session, Subject(conversation_id=conversation_id), by="sam")


async def test_erasure_needs_two_people(kept: Kept) -> None:
    subject = Subject(patient_id=kept.person())
    with kept.services.database.write() as session:
        erasure = request_erasure(session, subject, by="sam")
        with pytest.raises(ErasureRefused, match="Somebody else"):
            confirm_erasure(session, erasure, by="sam", keeps="nothing")
        with pytest.raises(ErasureRefused, match="already"):
            request_erasure(session, subject, by="kim")
        withdraw_erasure(session, erasure, by="sam")
        with pytest.raises(ErasureRefused, match="taken back"):
            confirm_erasure(session, erasure, by="kim", keeps="nothing")
        assert session.get(Patient, subject.patient_id) is not None


async def test_erasure_waits_while_somebody_may_need_help(kept: Kept) -> None:
    patient_id = kept.person()
    with kept.services.database.write() as session:
        for escalation in session.scalars(select(Escalation)):
            escalation.status = "acknowledged"
    with pytest.raises(ErasureRefused, match="escalations"), kept.services.database.write() as session:
        request_erasure(session, Subject(patient_id=patient_id), by="sam")


@pytest.mark.parametrize(("keeps", "count"), [("escalation_facts", 1), ("nothing", 0)])
async def test_erasure_keeps_what_the_setting_says(kept: Kept, keeps: str, count: int) -> None:
    erasure = erase(kept, Subject(patient_id=kept.person()), keeps=keeps)
    assert erasure.kept is not None and len(erasure.kept) == count
    assert all(fact["outcome"] == "spoken_to" and "note" not in fact for fact in erasure.kept)


async def test_erasure_reduces_the_audit_to_a_reference(kept: Kept) -> None:
    erasure = erase(kept, Subject(patient_id=kept.person()))
    with kept.services.database.read() as session:
        views = session.scalars(select(AuditEvent).where(AuditEvent.action == "view")).all()
    assert [(event.actor, event.entity, event.entity_id) for event in views] == [("sam", "patient", erasure.id)]


async def test_erasure_leaves_the_audit_trail_whole_and_hides_nothing_else(kept: Kept) -> None:
    database, patient_id = kept.services.database, kept.person()
    erase(kept, Subject(patient_id=patient_id))
    with database.read() as session:
        assert verify_chain(session).problems == []
    with database.write() as session:
        # As if somebody wanted to hide a look behind an erasure that there never was.
        session.execute(update(AuditEvent).where(AuditEvent.action == "view").values(entity_id="E-0000000000"))
    with database.read() as session:
        assert not verify_chain(session).is_whole


async def test_erasure_tells_rasa_to_forget(kept: Kept) -> None:
    patient_id = kept.person()
    conversations = kept.conversations(patient_id)
    erase(kept, Subject(patient_id=patient_id))
    with kept.services.database.read() as session:
        items = session.scalars(select(OutboxItem).where(OutboxItem.channel == RASA_MEMORY)).all()
    assert [item.payload["conversation_id"] for item in items] == conversations
    asked: list[httpx.Request] = []

    def rasa(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200 if len(asked) > 1 else 500)

    memory = RasaMemory(url="http://rasa", token="secret", transport=httpx.MockTransport(rasa))
    with pytest.raises(SendFailed):
        memory.send(items[0])
    memory.send(items[0])
    assert asked[-1].url.path == "/webhooks/clinic/forget" and asked[-1].headers["authorization"] == "Bearer secret"


async def test_erasure_says_when_the_log_could_not_be_emptied(kept: Kept) -> None:
    database = kept.services.database
    if database.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's own log")
    kept.person()
    with database.read() as reading:
        reading.execute(select(Patient)).all()
        kept.unknown()
        with database.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
        assert sweep_if_possible(database) is False
    assert sweep_if_possible(database) is True
