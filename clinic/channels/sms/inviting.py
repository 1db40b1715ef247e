"""Texting a number that belongs to nobody for certain yet: an invitation."""

from __future__ import annotations

from sqlalchemy.orm import Session

from clinic.channels.sms.contacts import SMS, conversation_of, find_or_add_contact
from clinic.clock import now
from clinic.conversations.replies import Reply
from clinic.conversations.service import store_replies


def say_to_number(session: Session, number: str, patient_id: str, reply: Reply) -> str | None:
    """Says something to a number (E.164) on a patient's behalf, in the caller's transaction.

    It leaves like every message (clinic.channels.sms.leaving).

    Returns:
        Why it cannot be said, in words for staff; None where it is on its way.
    """
    contact = find_or_add_contact(session, number)
    if contact.stopped_at is not None:
        return "has stopped text messages from the clinic (STOP)"
    conversation = conversation_of(session, contact)
    if conversation.patient_id not in (None, patient_id):
        return "shares the phone number with somebody who has joined"
    # The invitation says what it is: a welcome on top of it would be about something else.
    contact.welcomed_at = contact.welcomed_at or now()
    store_replies(session, conversation_id=conversation.id, replies=[reply], channel=SMS)
    return None
