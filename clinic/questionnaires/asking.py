"""An item in the instrument's own words, with its options."""

from __future__ import annotations

from typing import Any

from clinic.conversations.replies import Reply, quick_reply
from clinic.questionnaires.service import Position


def ask(position: Position, *, with_stem: bool) -> Reply:
    """The item at which the person stands. As a text message it is shortened where it is sent
    (clinic/channels/sms/composing.py).

    Raises:
        ValueError: nothing is left to ask.
    """
    questionnaire, number = position.questionnaire, position.item
    if number is None:
        raise ValueError("the questionnaire is complete")
    details: dict[str, Any] = {"questionnaire": questionnaire.id, "item": number}
    stem = f"{questionnaire.stem}\n\n" if with_stem else ""
    options = [f"{option.value} - {option.label}" for option in questionnaire.options]
    return Reply(
        kind="questionnaire",
        text=f"{stem}{number} of {len(questionnaire.items)}: {questionnaire.item(number).text}",
        details=details,
        quick_replies=tuple(quick_reply(option, option) for option in options),
    )
