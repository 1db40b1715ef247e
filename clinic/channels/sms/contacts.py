"""Phone numbers: whose they are, which conversation they belong to, and whether they may be written to.

A number proves who somebody is only while it is the verified number of exactly one patient. Every function works in the
caller's session.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.channels.sms.models import SmsContact
from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.conversations.service import current_conversation, latest_of_patient, open_conversation
from clinic.joining.models import Joining
from clinic.patients.models import ContactPoint, Patient
from clinic.patients.service import contact_index

SMS = "sms"
StoppedBy = Literal["person", "network"]


def number_index(number: str) -> str:
    """What a phone number (E.164) is found by: the same index as of a patient's contact point."""
    return contact_index("phone", number)


def find_or_add_contact(session: Session, number: str) -> SmsContact:
    """The row of this number (E.164)."""
    index = number_index(number)
    contact = session.get(SmsContact, index)
    if contact is None:
        contact = SmsContact(number_index=index, number=number, created_at=now())
        session.add(contact)
        session.flush()
    return contact


def proven_patient_id(session: Session, index: str) -> str | None:
    """The patient whose verified number this is; None where two people have it, or nobody has proved it."""
    live = session.execute(
        select(ContactPoint.patient_id, ContactPoint.verified_at).where(
            ContactPoint.system == "phone", ContactPoint.value_index == index, ContactPoint.ended_at.is_(None)
        )
    ).all()
    if len({patient_id for patient_id, _ in live}) != 1:
        return None
    return live[0].patient_id if any(verified_at is not None for _, verified_at in live) else None


def conversation_of(session: Session, contact: SmsContact) -> Conversation:
    """The conversation that a message from this number belongs to now; opened where there is none.

    A patient has one conversation, on whichever channel it was begun; who becomes one is for joining to say. Somebody
    whom the clinic does not know, or not for certain, gets one of the number's own, and another after the number has
    changed hands.
    """
    current = session.get(Conversation, contact.conversation_id) if contact.conversation_id else None
    current = current_conversation(session, current) if current is not None else None
    if current is not None and _is_joining(session, current):
        return current
    patient_id = proven_patient_id(session, contact.number_index)
    theirs = latest_of_patient(session, patient_id) if patient_id is not None else None
    if theirs is not None:
        if current is None or current.patient_id != patient_id:
            current = theirs
    elif current is None or current.patient_id is not None or _has_changed_hands(session, contact, current):
        current, _ = open_conversation(session, channel=SMS)
    contact.conversation_id = current.id
    session.flush()
    return current


def contact_for(session: Session, conversation: Conversation) -> SmsContact | None:
    """The number that a message in this conversation goes to; None where none is certain enough."""
    wrote = session.scalars(
        select(SmsContact)
        .where(SmsContact.conversation_id == conversation.id)
        .order_by(func.coalesce(SmsContact.last_received_at, SmsContact.created_at).desc())
    ).all()
    if conversation.patient_id is None:
        return wrote[0] if wrote else None
    for contact in wrote:
        if proven_patient_id(session, contact.number_index) == conversation.patient_id:
            return contact
    points = session.scalars(
        select(ContactPoint)
        .where(ContactPoint.patient_id == conversation.patient_id, ContactPoint.system == "phone")
        .order_by(ContactPoint.id.desc())
    ).all()
    for point in points:
        if proven_patient_id(session, point.value_index) == conversation.patient_id:
            contact = find_or_add_contact(session, point.value)
            contact.conversation_id = conversation.id
            return contact
    return None


def stop(session: Session, contact: SmsContact, *, by: StoppedBy) -> None:
    """Nothing comes unasked from now on. Where the number is a patient's, reminders end with it."""
    if contact.stopped_at is None:
        contact.stopped_at, contact.stopped_by = now(), by
        _change_preference(session, contact, "sms", "none")
        _record(session, contact, f"stopped_by_{by}")


def start(session: Session, contact: SmsContact) -> None:
    """The person wants messages again."""
    if contact.stopped_at is not None:
        contact.stopped_at = contact.stopped_by = None
        _change_preference(session, contact, "none", "sms")
        _record(session, contact, "started_by_person")


def _change_preference(session: Session, contact: SmsContact, before: str, after: str) -> None:
    patient_id = proven_patient_id(session, contact.number_index)
    patient = session.get(Patient, patient_id) if patient_id is not None else None
    # Whoever is reached on the web stays reached there.
    if patient is not None and patient.preferred_channel == before:
        patient.preferred_channel = after


def _record(session: Session, contact: SmsContact, action: str) -> None:
    # The conversation, never the number.
    if contact.conversation_id is not None:
        record(session, actor="sms", action=action, entity="conversation", entity_id=contact.conversation_id)


def _is_joining(session: Session, conversation: Conversation) -> bool:
    """Whether a question of joining stands in this conversation of somebody who is not let in yet."""
    joining = session.get(Joining, conversation.id) if conversation.patient_id is None else None
    return joining is not None and joining.step is not None


def _has_changed_hands(session: Session, contact: SmsContact, conversation: Conversation) -> bool:
    """Whether the number was taken from somebody since this conversation of an unknown person began."""
    ended = session.scalar(
        select(ContactPoint.id)
        .where(
            ContactPoint.system == "phone",
            ContactPoint.value_index == contact.number_index,
            ContactPoint.ended_at > conversation.created_at,
        )
        .limit(1)
    )
    return ended is not None


def is_stopped(session: Session, number: str) -> bool:
    """Whether nothing may come unasked to this number (E.164)."""
    contact = session.get(SmsContact, number_index(number))
    return contact is not None and contact.stopped_at is not None


def number_of(session: Session, conversation: Conversation) -> str | None:
    """The number (E.164) that a conversation is held with by SMS now; None where it is held on the web."""
    if conversation.channel != SMS:
        return None
    contact = contact_for(session, conversation)
    return contact.number if contact is not None else None
