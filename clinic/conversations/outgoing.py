"""Writing to a patient who has not just written: a reminder, an answer from the clinic, news of the waiting list."""

from __future__ import annotations

from sqlalchemy.orm import Session

from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply
from clinic.conversations.service import latest_of_patient, open_conversation, store_replies
from clinic.patients.models import Patient

SMS = "sms"


def send_to_patient(session: Session, patient: Patient, reply: Reply) -> Message | None:
    """Says something in the patient's conversation, in the caller's transaction.

    What is stored for SMS leaves by itself (clinic/channels/sms/leaving.py). Whether the person may be written to now
    is for the caller to ask (clinic.patients.contact). Ring the doorbell and wake the relay when the transaction has
    committed.

    Returns:
        The message, or None where there is no way to the person: web is preferred, and no chat has been opened.
    """
    conversation = conversation_of(session, patient)
    if conversation is None:
        return None
    (message,) = store_replies(
        session, conversation_id=conversation.id, replies=[reply], channel=patient.preferred_channel
    )
    conversation.last_message_at = message.at
    return message


def conversation_of(session: Session, patient: Patient, *, opens: bool = True) -> Conversation | None:
    """The conversation in which the patient is written to: one for web and SMS, the latest where there are several.

    Args:
        opens: whether one is opened where text messages are preferred and there is none.
    """
    found = latest_of_patient(session, patient.id)
    if found is None and opens and patient.preferred_channel == SMS:
        # The first text message may come from the clinic; a web chat is opened by the person's own device.
        found, _ = open_conversation(session, channel=SMS)
        found.patient_id = patient.id
        session.flush()
    return found
