"""A timed job that finds messages without a reply: after a crash, or when a device went away half-way."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import anyio.to_thread
import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from clinic.clock import now
from clinic.conversations.door_rules import DoorRules
from clinic.conversations.models import Conversation, Message
from clinic.services import Services

logger = structlog.get_logger(__name__)
_LOOK_EVERY_S = 15.0


def answer_stuck(services: Services, rules: DoorRules) -> list[str]:
    """Gives each unanswered message the safe reply and tells a person. Returns the conversations concerned."""
    before = now() - timedelta(seconds=services.settings.unanswered_after_s)
    with services.database.write() as session:
        stuck = session.scalars(
            select(Message)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.direction == "incoming", Message.answered_at.is_(None), Message.at < before)
            .order_by(Message.id)
            .limit(50)
        ).all()
        for message in stuck:
            rules.conclude(session, message, [], "stuck")
    return [message.conversation_id for message in stuck]


async def look_for_stuck(services: Services, rules: DoorRules) -> None:
    """Until cancelled."""
    while True:
        try:
            found = await anyio.to_thread.run_sync(lambda: answer_stuck(services, rules))
        except SQLAlchemyError as error:
            logger.error("stuck_messages_not_looked_for", error=type(error).__name__)
            found = []
        for conversation_id in found:
            services.doorbell.ring(conversation_id)
        if found:
            services.relay.wake()
        await asyncio.sleep(_LOOK_EVERY_S)
