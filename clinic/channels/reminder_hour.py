"""The hour of the day before a session at which a person wishes to be reminded."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.channels.api import Patient
from clinic.conversations.models import Conversation
from clinic.courses.service import current_course
from clinic.patients.contact import ContactHours, may_be_contacted
from clinic.patients.models import Patient as PatientRow
from clinic.services import Services


class ReminderHour(BaseModel):
    """What is chosen, and between which hours can be chosen. `hours` is empty where no reminder comes at all."""

    hour: int | None
    usual_hour: int
    hours: list[int]


class NewReminderHour(BaseModel):
    """The wish; None: the clinic's usual hour."""

    model_config = ConfigDict(strict=True)

    hour: Annotated[int, Field(ge=0, le=23)] | None


def reminder_hour_router(services: Services) -> APIRouter:
    """The routes, on these services."""
    router = APIRouter(prefix="/api/conversations", tags=["patients"])

    @router.get("/{conversation_id}/reminder-hour")
    def read(conversation: Patient) -> ReminderHour:
        """What this person has chosen."""
        with services.database.read() as session:
            return _hour(services, session, conversation)

    @router.post("/{conversation_id}/reminder-hour")
    def choose(conversation: Patient, body: NewReminderHour) -> ReminderHour:
        """Chooses the hour; only one at which this person may be written to."""
        with services.database.write() as session:
            allowed = _hour(services, session, conversation).hours
            if not allowed or (body.hour is not None and body.hour not in allowed):
                raise HTTPException(422, "This hour cannot be chosen.")
            patient = session.get_one(PatientRow, conversation.patient_id)
            patient.reminder_hour = body.hour
            record(session, actor="patient", action="change_reminder_hour", entity="patient", entity_id=patient.id)
            session.flush()
            return _hour(services, session, conversation)

    return router


def _hour(services: Services, session: Session, conversation: Conversation) -> ReminderHour:
    usual = services.settings.reminder_hour
    if conversation.patient_id is None:
        return ReminderHour(hour=None, usual_hour=usual, hours=[])
    patient = session.get_one(PatientRow, conversation.patient_id)
    is_reminded = may_be_contacted(session, patient) and current_course(session, patient.id) is not None
    hours = ContactHours.of(patient)
    return ReminderHour(
        hour=patient.reminder_hour,
        usual_hour=hours.nearest(usual),
        hours=list(range(hours.from_hour, hours.until_hour)) if is_reminded else [],
    )
