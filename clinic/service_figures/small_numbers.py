"""Numbers so small that somebody could be recognised in them.

Source: NHS England's rule for published counts (numbers from 1 to 4 are not shown). A count of what patients may be in
danger of, or asked, is one such number even inside the clinic, because not everybody who sees figures sees patients.
"""

from __future__ import annotations

SMALLEST_SHOWN = 5


def is_too_small(count: int) -> bool:
    """Whether a number must not be shown. None at all says nothing about anybody."""
    return 0 < count < SMALLEST_SHOWN


def guarded(count: int) -> int | None:
    """The number, or None where it is too small."""
    return None if is_too_small(count) else count
