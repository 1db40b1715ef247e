"""Writing to a patient who has not just written: a reminder, an answer from the clinic, news of the waiting list."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply
from clinic.conversations.service import open_conversation, store_replies
from clinic.outbox.service import enqueue
from clinic.patients.models import Patient

# Who sends what stands in the outbox under this channel: clinic.channels.sms.
SMS = "sms"


def send_to_patient(session: Session, patient: Patient, reply: Reply) -> Message | None:
    """Says something in the patient's conversation, in the caller's transaction; by SMS it goes into the outbox too.

    Whether the person may be written to now is for the caller to ask (clinic.patients.contact). Ring the doorbell and
    wake the relay when the transaction has committed.

    Returns:
        The message, or None where there is no way to the person: web is preferred, and no chat has been opened.
    """
    conversation = conversation_of(session, patient)
    if conversation is None:
        return None
    (message,) = store_replies(session, conversation_id=conversation.id, replies=[reply])
    conversation.last_message_at = message.at
    if conversation.channel == SMS:
        # The relay reads the words from the message: the outbox holds references only.
        enqueue(session, channel=SMS, payload={"message_id": message.id})
    return message


def conversation_of(session: Session, patient: Patient, *, opens: bool = True) -> Conversation | None:
    """The conversation in which the patient is written to: the latest on the channel that they prefer.

    Args:
        opens: whether one is opened where text messages are preferred and there is none.
    """
    found = session.scalar(
        select(Conversation)
        .where(Conversation.patient_id == patient.id, Conversation.channel == patient.preferred_channel)
        .order_by(func.coalesce(Conversation.last_message_at, Conversation.created_at).desc())
        .limit(1)
    )
    if found is None and opens and patient.preferred_channel == SMS:
        # The first text message may come from the clinic; a web chat is opened by the person's own device.
        found, _ = open_conversation(session, channel=SMS)
        found.patient_id = patient.id
        session.flush()
    return found
