"""The hour of the day before a session at which a person wishes to be reminded."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from clinic.channels.api import Patient
from clinic.conversations.models import Conversation
from clinic.patients.models import Patient as PatientRow
from clinic.reminder_wishes.service import HourNotAllowed, choose_hour, reminders_of, stop_reminders
from clinic.services import Services


class ReminderHour(BaseModel):
    """What is chosen, and between which hours can be chosen. `hours` is empty where no reminder comes at all."""

    hour: int | None
    usual_hour: int
    hours: list[int]
    # Whether the person asked for no reminders. Choosing an hour takes that back.
    stopped: bool = False


class NewReminderHour(BaseModel):
    """The wish; None: the clinic's usual hour."""

    model_config = ConfigDict(strict=True)

    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    stop: bool = False


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
            if not _hour(services, session, conversation).hours:
                raise HTTPException(422, "No reminders come here.")
            patient = session.get_one(PatientRow, conversation.patient_id)
            if body.stop:
                stop_reminders(session, patient, by="patient")
                return _hour(services, session, conversation)
            try:
                choose_hour(session, patient, body.hour, by="patient")
            except HourNotAllowed:
                raise HTTPException(422, "This hour cannot be chosen.") from None
            return _hour(services, session, conversation)

    return router


def _hour(services: Services, session: Session, conversation: Conversation) -> ReminderHour:
    usual = services.settings.reminder_hour
    if conversation.patient_id is None:
        return ReminderHour(hour=None, usual_hour=usual, hours=[])
    patient = session.get_one(PatientRow, conversation.patient_id)
    held = reminders_of(session, patient, usual_hour=usual, zone=services.courses.zone)
    return ReminderHour(
        hour=patient.reminder_hour,
        usual_hour=min(max(usual, held.hours[0]), held.hours[-1]),
        hours=list(held.hours) if held.may_be_contacted and held.has_course else [],
        stopped=held.is_stopped,
    )
