"""What providers report of messages on their way. Reports come late, twice and out of order."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.channels.sms.contacts import stop
from clinic.channels.sms.models import SmsDelivery
from clinic.channels.sms.providers import STATUS_ORDER, StatusReport
from clinic.channels.sms.sender import note_failed
from clinic.clock import now
from clinic.escalations.service import Escalations

_BLOCKED = "21610"


def note_report(session: Session, report: StatusReport, *, escalations: Escalations) -> bool:
    """Writes down a report. Returns whether it said anything new about a message of ours."""
    delivery = _delivery(session, report)
    if delivery is None:
        return False
    if delivery.provider_message_id is None:
        # It has overtaken the answer to our own call.
        delivery.provider_message_id = report.provider_message_id
    if STATUS_ORDER.index(report.status) <= STATUS_ORDER.index(delivery.status):  # type: ignore[arg-type]
        return False
    if report.status == "failed":
        if report.error_code == _BLOCKED and delivery.contact is not None:
            stop(session, delivery.contact, by="network")
        note_failed(session, delivery, code=report.error_code, escalations=escalations)
        return True
    delivery.status, delivery.status_at, delivery.error_code = report.status, now(), None
    return True


def _delivery(session: Session, report: StatusReport) -> SmsDelivery | None:
    found = session.scalar(
        select(SmsDelivery).where(SmsDelivery.provider_message_id == report.provider_message_id).with_for_update()
    )
    if found is None and report.delivery_id is not None:
        found = session.get(SmsDelivery, report.delivery_id, with_for_update=True)
        if found is not None and found.provider_message_id is not None:
            return None  # the id of another message
    return found if found is not None and found.status in STATUS_ORDER else None
