"""What the questionnaires cost as text messages."""

from __future__ import annotations

import smsutil

from clinic.channels.sms.composing import compose
from clinic.channels.sms.texts import SmsTexts
from clinic.content.paths import QUESTIONNAIRES
from clinic.questionnaires.asking import ask
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.questionnaires.service import Position

LOADED = Questionnaires.load(QUESTIONNAIRES)


def segments(name: str) -> list[int]:
    """Of each item as it is asked in a run from the first to the last, with the stem at the first."""
    questionnaire, counted = LOADED.get(name), []
    for number in range(1, len(questionnaire.items) + 1):
        position = Position(questionnaire, QuestionnaireResponse(), number)
        reply = ask(position, with_stem=number == 1)
        details = {**reply.details, "quick_replies": reply.quick_replies}
        parts, _ = compose(kind=reply.kind, text=reply.text, details=details, is_unasked=False, texts=SmsTexts.load())
        (part,) = parts
        assert smsutil.is_valid_gsm(part.text)
        assert questionnaire.item(number).text in part.text
        assert all(f"{option.value} {option.label}" in part.text for option in questionnaire.options)
        counted.append(part.segments)
    return counted


def test_segments_of_both_questionnaires_are_at_most_twenty() -> None:
    phq9, gad7 = segments("phq-9"), segments("gad-7")
    assert sum(phq9) + sum(gad7) <= 20, (phq9, gad7)
