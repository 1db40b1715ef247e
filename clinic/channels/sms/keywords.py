"""The words that switch text messages off and on, as Twilio and the networks read them."""

from __future__ import annotations

from typing import Literal

Keyword = Literal["stop", "start", "help"]
# Twilio's default words: alone in a message, in any case. After a "stop" Twilio itself delivers nothing more.
STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START = frozenset({"start", "unstop"})
# Twilio starts again at YES too; to somebody who has not stopped, "yes" is an answer like any other.
START_WHILE_STOPPED = START | {"yes"}
HELP = frozenset({"help", "info"})


def read_keyword(text: str, *, is_stopped: bool) -> Keyword | None:
    """Which of them this message is, if it is one."""
    word = text.strip().strip(".!?\"'").lower()
    if word in STOP:
        return "stop"
    if word in (START_WHILE_STOPPED if is_stopped else START):
        return "start"
    return "help" if word in HELP else None
