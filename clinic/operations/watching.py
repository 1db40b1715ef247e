"""A timed job that has the way to a human prove itself, and tells patients when it does not.

The detector is asked a sentence that it must flag; a test alert goes through the outbox and the relay. What stays away
is seen in `clinic.outbox.path`, by the door and by this job alike.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.conversations.service import store_replies
from clinic.escalations.policy import Respond
from clinic.outbox.path import DETECTOR, TEST_ALERT, ask, asked_ago, beat, silent_parts
from clinic.outbox.service import enqueue
from clinic.services import Services

logger = structlog.get_logger(__name__)
# What any detector must flag.
PROBE = "i want to die. i want to kill myself tonight"
_PROBE_EVERY = timedelta(seconds=60)
_TROUBLE_EVERY = timedelta(hours=1)
# Who has written within this time may be waiting for somebody.
_ACTIVE = timedelta(hours=1)
_CONTACTS_WARN_BEFORE = timedelta(days=30)
_CONTACTS_EVERY = timedelta(days=7)


def watch(services: Services) -> list[str]:
    """One look. Returns the conversations in which something was said.

    Raises:
        SQLAlchemyError: the database is away; a person has been told, if it stays away.
    """
    try:
        said_in = _look(services)
    except SQLAlchemyError:
        services.emergency.looked(is_there=False)
        raise
    services.emergency.looked(is_there=True)
    return said_in


def _look(services: Services) -> list[str]:
    _probe_detector(services)
    _send_test_alert(services)
    _remind_of_contacts(services)
    with services.database.read() as session:
        silent = silent_parts(session)
    if not silent:
        return []
    logger.error("nobody_is_watching", silent=silent)
    with services.database.write() as session:
        if DETECTOR in silent:
            tell_of_trouble(services, session, "detector_silent", respond="now", every=_TROUBLE_EVERY)
        return _tell_patients(services, session)


def _probe_detector(services: Services) -> None:
    with services.database.read() as session:
        ago = asked_ago(session, DETECTOR)
    if ago is not None and ago < _PROBE_EVERY:
        return
    verdict = services.screening.screen_now(PROBE)
    with services.database.write() as session:
        ask(session, DETECTOR)
        if verdict.flagged and "detector_failed" not in verdict.tags:
            beat(session, DETECTOR)


def _send_test_alert(services: Services) -> None:
    every = timedelta(minutes=services.settings.test_alert_every_minutes)
    with services.database.read() as session:
        ago = asked_ago(session, TEST_ALERT)
    if not every or (ago is not None and ago < every):
        return
    with services.database.write() as session:
        ask(session, TEST_ALERT)
        log, *own = services.addresses.own_channels(services.escalations.policy.test_alert.tell)
        enqueue(session, channel=log, payload={"test": True, "proves": None if own else TEST_ALERT})
        for channel in own:
            enqueue(session, channel=channel, payload={"test": True, "proves": TEST_ALERT})


def _remind_of_contacts(services: Services) -> None:
    """The service will not start with overdue contacts, so somebody must hear of it long before."""
    due = services.contacts.overdue((now() + _CONTACTS_WARN_BEFORE).date())
    if not due:
        return
    with services.database.write() as session:
        tell_of_trouble(services, session, "contacts_due", respond="next_working_day", every=_CONTACTS_EVERY)


def tell_of_trouble(services: Services, session: Session, trouble: str, *, respond: Respond, every: timedelta) -> None:
    """Sends an alert about the service itself to every address, at most once in `every`."""
    part = f"told:{trouble}"
    ago = asked_ago(session, part)
    if ago is not None and ago < every:
        return
    ask(session, part)
    for channel in services.addresses.every_channel():
        enqueue(session, channel=channel, payload={"trouble": trouble, "respond": respond})


def _tell_patients(services: Services, session: Session) -> list[str]:
    active = session.scalars(
        select(Conversation).where(Conversation.last_message_at > now() - _ACTIVE, Conversation.status == "open")
    ).all()
    said_in = []
    for conversation in active:
        replies = services.crisis.nobody_watching(session, conversation.id)
        if replies:
            store_replies(session, conversation_id=conversation.id, replies=replies)
            said_in.append(conversation.id)
    return said_in
