"""Logs: one line an event, JSON in production; nothing that a person wrote can get in."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

# Keys that could carry a person's words or identity; their values never reach a log.
_NEVER = frozenset(
    {"text", "body", "message_text", "answer", "phone", "number", "token", "password", "name", "url_query"}
)


def configure_logging(*, as_json: bool) -> None:
    """Sets up structlog, and keeps access logs (which would hold addresses) out."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("apprise").setLevel(logging.ERROR)


def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces what must not be logged, should anybody try."""
    for key in _NEVER & event.keys():
        event[key] = "[redacted]"
    return event
