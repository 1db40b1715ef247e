"""What is said to a patient, before it is stored: a kind of the contract, a reviewed text, and its details."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Kind = Literal[
    "leaflet",
    "topic_choice",
    "fallback",
    "questionnaire",
    "correction",
    "crisis",
    "ack",
    "menu",
    "goodbye",
    "human",
    "onboarding",
    "note",
    "service",
]
KINDS: frozenset[str] = frozenset(get_args(Kind))
# What an outgoing message may carry beside kind, text and topic; names as in the contract.
# `part` ("answer", "more", "why") and `asks` (what a bare number would answer) are not told to devices.
_DETAILS = ("topics", "source", "part", "asks", "questionnaire", "item")


class UnusableReply(ValueError):
    """Something came back that must not reach a patient."""


@dataclass(frozen=True)
class Reply:
    """One message of the assistant."""

    kind: Kind
    text: str
    topic: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    quick_replies: tuple[Mapping[str, str], ...] = ()


def quick_reply(label: str, text: str) -> dict[str, str]:
    """A button: `label` is shown, `text` is what tapping it sends."""
    return {"label": label, "text": text}


def reply_from_rasa(message: Mapping[str, Any]) -> Reply:
    """Turns one message of the clinic channel into a reply.

    Raises:
        UnusableReply: it has no text or no kind of the contract.
    """
    metadata = message.get("metadata") or {}
    kind, text = metadata.get("kind"), str(message.get("text") or "").strip()
    if kind not in KINDS or not text:
        raise UnusableReply(f"a message of kind {kind!r} {'without text' if not text else ''}".strip())
    return Reply(
        kind=kind,
        text=text,
        topic=metadata.get("topic"),
        details={name: metadata[name] for name in _DETAILS if metadata.get(name) is not None},
        quick_replies=tuple(quick_reply(b["title"], b["payload"]) for b in message.get("buttons") or []),
    )
