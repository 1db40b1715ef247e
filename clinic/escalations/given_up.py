"""What could not be sent is itself told, by the other channels."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from clinic.escalations.addresses import Addresses
from clinic.outbox.models import OutboxItem
from clinic.outbox.service import enqueue

# Two channels that fail one after the other are told of; more, and the console is what is left.
_MOST_TRIED = 2


def tell_of_given_up(addresses: Addresses) -> Callable[[Session, OutboxItem], None]:
    """For the relay: tells every other channel of an item that is given up, in the transaction that gives it up."""

    def tell(session: Session, item: OutboxItem) -> None:
        tried = [*item.payload.get("tried", ()), item.channel]
        if len(tried) > _MOST_TRIED:
            return
        payload = {"trouble": "not_sent", "respond": "now", "tried": tried}
        if "escalation" in item.payload:
            payload["escalation"] = item.payload["escalation"]
        for channel in addresses.every_channel():
            if channel not in tried:
                enqueue(session, channel=channel, payload=payload)

    return tell
