"""One person, one conversation: web and text messages come together once it is known whose they are."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from clinic.audit.service import record
from clinic.conversations.models import Conversation, Message
from clinic.database import Base
from clinic.joining.models import Joining
from clinic.outbox.service import enqueue
from clinic.rights.rasa_memory import RASA_MEMORY


def bring_together(session: Session, conversation: Conversation) -> None:
    """Moves everything of the same patient's other conversations into this one, in the caller's transaction.

    The devices that hold the others go on in this one: their tokens lead here from now on.
    """
    session.flush()
    others = session.scalars(
        select(Conversation)
        .where(
            Conversation.patient_id == conversation.patient_id,
            Conversation.patient_id.is_not(None),
            Conversation.id != conversation.id,
            Conversation.merged_into_id.is_(None),
        )
        .with_for_update()
    ).all()
    for other in others:
        _move(session, other, conversation)


def _move(session: Session, other: Conversation, into: Conversation) -> None:
    # An id of a device's own is unique in a conversation; whoever sends that message again has its answer already.
    known = select(Message.client_message_id).where(Message.conversation_id == into.id)
    session.execute(
        update(Message)
        .where(Message.conversation_id == other.id, Message.client_message_id.in_(known))
        .values(client_message_id=None)
    )
    # Where the person stood in joining there is settled: they have just proved who they are here.
    session.execute(delete(Joining).where(Joining.conversation_id == other.id))
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            targets = {key.column.table.name for key in column.foreign_keys}
            if "conversation" in targets and table.name not in ("conversation", "joining"):
                session.execute(update(table).where(column == other.id).values({column.name: into.id}))
    # What this transaction has read already is not read again.
    for one in list(session):
        if getattr(one, "conversation_id", None) == other.id and not isinstance(one, Joining):
            set_committed_value(one, "conversation_id", into.id)
    if other.is_with_staff and not into.is_with_staff:
        into.assignee_id, into.assignee_name = other.assignee_id, other.assignee_name
        into.taken_over_at = other.taken_over_at
    other.assignee_id = other.assignee_name = other.taken_over_at = None
    other.merged_into_id, other.status = into.id, "resolved"
    into.last_message_at = max(filter(None, (into.last_message_at, other.last_message_at)), default=None)
    enqueue(session, channel=RASA_MEMORY, payload={"conversation_id": other.id})
    record(session, actor="joining", action="merge", entity="conversation", entity_id=other.id)
    session.flush()
