"""The one place that asks for the time, so that tests can move it."""

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The present moment as an aware datetime in UTC."""
    return datetime.now(UTC)


# A time further ahead than this was written before the clock was set back. One that is less far ahead may have been
# written by somebody else while this transaction waited for its turn.
SET_BACK = timedelta(minutes=1)
