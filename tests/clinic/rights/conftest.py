"""A person about whom something is kept in every kind of table, and somebody else who must stay as they are."""

from __future__ import annotations

import json
from datetime import date, time
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select

from clinic.audit.service import record
from clinic.channels.sms.models import SmsContact, SmsInbound
from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.conversations.replies import Reply
from clinic.conversations.service import open_conversation, store_incoming, store_replies
from clinic.courses.models import SessionReminder, TherapySession
from clinic.database import Base
from clinic.escalations.models import Escalation
from clinic.joining.models import Joining
from clinic.notes.service import add_note
from clinic.outbox.service import enqueue
from clinic.patients.phone_numbers import normalised_phone
from clinic.patients.service import NewPatient, add_patient, contact_index, record_consent
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse
from clinic.services import Services
from clinic.staff.models import StaffAccount
from tests.clinic.conftest import Clinic
from tests.clinic.courses.conftest import CourseMaker, maker

__all__ = ["maker"]
NAME, FAMILY, NUMBER, WORDS = "Zebedee", "Quillfeather", "07700 900987", "a peacock danced on the piano"
NEEDLES = (NAME, FAMILY, "7700900987", NUMBER, "peacock", "piano", "RS-4711")


class Kept:
    """Puts people into the database and looks for what is left of them."""

    def __init__(self, services: Services, maker: CourseMaker, var: Path) -> None:
        self.services, self.maker, self.var = services, maker, var

    def person(self, name: str = NAME, family: str = FAMILY, number: str = NUMBER, words: str = WORDS) -> str:
        with self.services.database.write() as session:
            phone = normalised_phone(number)
            patient = add_patient(
                session,
                NewPatient(given_name=name, family_name=family, reference=f"RS-4711-{name}", phone=phone),
            )
            session.flush()
            record_consent(session, patient, decision="given", version="1", channel="web")
            record(session, actor="sam", action="view", entity="patient", entity_id=patient.id)
            self.conversation(session, patient.id, words, phone)
            patient_id = patient.id
        course_id = self.maker.course(patient_id, date(2026, 11, 24), time(10))
        with self.services.database.write() as session:
            first = session.scalars(select(TherapySession).where(TherapySession.course_id == course_id)).first()
            assert first is not None
            session.add(
                SessionReminder(session_id=first.id, session_on=date(2026, 11, 24), what="first", sent_at=now())
            )
        return patient_id

    def conversation(self, session, patient_id: str | None, words: str, phone: str | None = None) -> str:  # type: ignore[no-untyped-def]
        conversation, _ = open_conversation(session, channel="sms" if phone else "web")
        conversation.patient_id = patient_id
        message = store_incoming(
            session,
            conversation=conversation,
            text=words,
            client_message_id=None,
            verdict={"flagged": True, "phrases": [words]},
        )
        reply = Reply(kind="note", text=f"I have kept: {words}", quick_replies=({"label": "Show", "text": "show"},))
        (said,) = store_replies(session, conversation_id=conversation.id, replies=[reply], in_reply_to=message)
        add_note(session, message=message, text=words)
        session.add(
            Escalation(
                conversation_id=conversation.id,
                message_id=message.id,
                reasons=["asked_for_a_person"],
                respond="today",
                status="closed",
                created_at=now(),
                closed_at=now(),
                closed_by="sam",
                outcome="spoken_to",
                note=f"spoke about: {words}",
            )
        )
        response = QuestionnaireResponse(
            conversation_id=conversation.id, patient_id=patient_id, questionnaire="phq-9", version="1", started_at=now()
        )
        response.answers.append(QuestionnaireAnswer(item=1, value=2, message_id=message.id, at=now()))
        session.add(response)
        session.add(Joining(conversation_id=conversation.id, patient_id=patient_id, began_at=now(), changed_at=now()))
        enqueue(session, channel="log", payload={"message_id": said.id})
        if phone is not None:
            index = contact_index("phone", phone)
            session.add(SmsContact(number_index=index, number=phone, conversation_id=conversation.id, created_at=now()))
            session.flush()
            session.add(
                SmsInbound(
                    provider="x",
                    provider_message_id=f"in-{conversation.id}",
                    number_index=index,
                    text=words,
                    received_at=now(),
                    message_id=message.id,
                )
            )
        session.flush()
        return conversation.id  # type: ignore[no-any-return]

    def unknown(self, words: str = WORDS) -> str:
        with self.services.database.write() as session:
            return self.conversation(session, None, words)

    def staff(self) -> None:
        with self.services.database.write() as session:
            for username in ("sam", "kim"):
                session.add(
                    StaffAccount(
                        username=username, name=username, password_hash="x", role="administrator", created_at=now()
                    )
                )

    def everything(self) -> str:
        """Every column of every row of every table, decrypted."""
        with self.services.database.read() as session:
            return "\n".join(
                json.dumps([str(value) for value in row], ensure_ascii=False)
                for table in Base.metadata.sorted_tables
                for row in session.execute(select(table))
            )

    def ciphertexts(self) -> set[bytes]:
        """What encrypted columns hold, as the disk has it."""
        found: set[bytes] = set()
        with self.services.database.engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                for column in table.columns:
                    if isinstance(getattr(column.type, "impl", column.type), LargeBinary):
                        rows = connection.exec_driver_sql(f'SELECT "{column.name}" FROM "{table.name}"')
                        found |= {bytes(value) for (value,) in rows if value is not None}
        return found

    def conversations(self, patient_id: str) -> list[str]:
        with self.services.database.read() as session:
            return list(session.scalars(select(Conversation.id).where(Conversation.patient_id == patient_id)))


@pytest.fixture
def kept(clinic: Clinic, maker: CourseMaker, tmp_path: Path) -> Kept:
    found = Kept(clinic.services, maker, tmp_path)
    found.staff()
    return found
