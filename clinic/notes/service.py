"""Keeping, changing, deleting and sharing things to raise; every change in the caller's transaction.

A note belongs to a person, not to a device: what was written in a chat is there in the text messages of the same
patient. In a conversation of nobody the clinic knows, notes belong to that conversation.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.notes.models import Note
from clinic.notes.wordings import content_words


class NotShareable(Exception):
    """The clinic does not know whose conversation this is: there is no therapist to share with."""


def notes_of(session: Session, conversation_id: str) -> Sequence[Note]:
    """Everything that the person of this conversation keeps, by number."""
    patient_id = session.get_one(Conversation, conversation_id).patient_id
    if patient_id is not None:
        return notes_of_patient(session, patient_id)
    return session.scalars(
        select(Note)
        .where(Note.conversation_id == conversation_id, Note.patient_id.is_(None))
        .order_by(Note.number, Note.created_at)
    ).all()


def notes_of_patient(session: Session, patient_id: str) -> Sequence[Note]:
    """Everything that a patient keeps, in every channel; notes from before the clinic knew them become theirs."""
    own = select(Note).where(Note.patient_id == patient_id).order_by(Note.number, Note.created_at)
    found = list(session.scalars(own))
    conversations = select(Conversation.id).where(Conversation.patient_id == patient_id)
    earlier = session.scalars(
        select(Note)
        .where(Note.patient_id.is_(None), Note.conversation_id.in_(conversations))
        .order_by(Note.created_at, Note.number)
    ).all()
    for note in earlier:
        note.patient_id = patient_id
        note.number = _next_number(found)
        found.append(note)
    return found


def shared_notes(session: Session, patient_id: str) -> Sequence[Note]:
    """What the person chose to show their therapist."""
    return session.scalars(
        select(Note).where(Note.patient_id == patient_id, Note.shared_at.is_not(None)).order_by(Note.number)
    ).all()


def add_note(session: Session, *, message: Message, text: str) -> Note:
    """Keeps a note made from a message; the same message makes one note, however often it comes."""
    known = session.scalar(select(Note).where(Note.message_id == message.id))
    if known is not None:
        return known
    conversation = session.get_one(Conversation, message.conversation_id)
    note = Note(
        id=uuid.uuid4().hex,
        conversation_id=conversation.id,
        patient_id=conversation.patient_id,
        number=_next_number(notes_of(session, conversation.id)),
        text=text,
        message_id=message.id,
        created_at=now(),
    )
    session.add(note)
    session.flush()
    return note


def change_note(session: Session, note: Note, text: str) -> None:
    """Puts other words in its place. A note that is shared stays shared: the person is told so."""
    note.text = text
    note.changed_at = now()
    session.flush()


def delete_notes(session: Session, notes: Sequence[Note]) -> None:
    """Deletes for good."""
    for note in notes:
        session.delete(note)
    session.flush()


def share_note(session: Session, note: Note) -> None:
    """Lets the therapist read it. Sharing it twice is no error.

    Raises:
        NotShareable: the clinic does not know whose it is.
    """
    if note.patient_id is None:
        raise NotShareable
    note.shared_at = note.shared_at or now()
    session.flush()


def stop_sharing(session: Session, note: Note) -> None:
    """Takes it back: from now on nobody but the person sees it in a list."""
    note.shared_at = None
    session.flush()


def notes_with_words(notes: Sequence[Note], words: frozenset[str]) -> list[Note]:
    """The notes that hold every word of a description ("the one about my dad": dad)."""
    return [note for note in notes if words and words <= content_words(note.text)]


def _next_number(notes: Sequence[Note]) -> int:
    return max((note.number for note in notes), default=0) + 1
