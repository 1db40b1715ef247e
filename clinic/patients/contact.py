"""Whether, and at which hours, the clinic may write to a person who has not just written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic.patients.models import Patient
from clinic.patients.service import has_consented

# Whatever hours somebody has chosen: a message at night frightens.
EARLIEST_HOUR = 8
LATEST_HOUR = 21
_USUAL = (9, 20)


@dataclass(frozen=True)
class ContactHours:
    """Hours of the day, by the clinic's clock, in which messages may come unasked: from, and before."""

    from_hour: int
    until_hour: int

    @classmethod
    def of(cls, patient: Patient) -> ContactHours:
        """The person's own hours, never at night; the usual ones where theirs leave nothing."""
        from_hour = max(patient.contact_from_hour, EARLIEST_HOUR)
        until_hour = min(patient.contact_until_hour, LATEST_HOUR)
        return cls(from_hour, until_hour) if from_hour < until_hour else cls(*_USUAL)

    def hold(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether this moment is one of them."""
        return self.from_hour <= moment.astimezone(zone).hour < self.until_hour

    def nearest(self, hour: int) -> int:
        """The hour itself where it is one of them, else the one that comes closest."""
        return min(max(hour, self.from_hour), self.until_hour - 1)


def may_be_contacted(session: Session, patient: Patient) -> bool:
    """Whether messages may come unasked: a channel is chosen, and consent was given and not taken back."""
    return patient.preferred_channel in ("sms", "web") and has_consented(session, patient.id)
