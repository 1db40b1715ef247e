"""Reasons, response speeds and states in the words that staff read. Never a risk level."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from clinic.questionnaires.definitions import Questionnaires

# The detector's categories (risk.verdict.CATEGORIES). They say what the words may be about, never how ill somebody is.
_CATEGORIES: Mapping[str, str] = {
    "attempt_in_progress": "May be about trying to end their life right now",
    "plan_or_intent": "May be about a plan or an intention to end their life",
    "suicidal_ideation_active": "May be about thoughts of ending their life",
    "suicidal_ideation_passive": "May be about wishing not to be alive",
    "farewell_or_burden": "May be a goodbye, or about feeling a burden",
    "severe_hopelessness": "May be about having no hope left",
    "self_harm": "May be about hurting themselves",
    "harm_to_others": "May be about hurting somebody else",
    "abuse_or_danger_from_others": "May be about being in danger from somebody, or abused",
    "child_at_risk": "May be about a child in danger",
    "psychosis_or_voices": "May be about hearing voices, or beliefs that frighten them",
}
# What the door, the actions and the timed job add.
_REASONS: Mapping[str, str] = {
    **_CATEGORIES,
    "asked_for_help": "Asked for help now, or did not say that they are safe",
    "other_language": "Written in another language, with words that may mean danger: please read it",
    "detector_failed": "The program could not check this message: please read it",
    "message_unanswered": "The assistant could not answer this message",
    "asked_for_a_person": "Asked to talk to a person",
    "missed": "Found by a colleague: the program had not noticed this message",
    "left_alone": "Wrote to a member of staff and got no answer",
    "repeated": "Not the first escalation in this conversation: look sooner",
    "unread": "Nobody had acknowledged it in time: look sooner",
    "crisis_text_not_delivered": "The text message with the crisis numbers did not reach them: they have not read it",
    "stopped_after_risk": "Wrote STOP soon after a message that may mean danger: text messages may not reach them now",
    "asked_for_their_data": "Asked for a copy of what is kept about them, or for its erasure",
}
# What the detector noticed besides and a reader cannot see from this one message.
_TAGS: Mapping[str, str] = {
    "across_messages": "Seen together with the messages before it",
    "partly_read": "The program could read only a part of this message",
}
_RESPOND: Mapping[str, str] = {
    "now": "Look now",
    "today": "Look today",
    "next_working_day": "Look by the next working day",
}
# How an answer to a questionnaire is named as a reason (clinic.questionnaires.service): "phq-9 item 9: Several days".
_ANSWER = re.compile(r"(?P<questionnaire>[a-z0-9-]+) item (?P<item>\d+): (?P<answer>.+)", re.DOTALL)


def category_in_words(category: str) -> str:
    """What a flag of the detector may be about."""
    return _CATEGORIES.get(category, category.replace("_", " ").capitalize())


def respond_in_words(respond: str) -> str:
    """How soon a person should look."""
    return _RESPOND.get(respond, "Look now")


def reasons_in_words(
    reasons: Sequence[str], verdict: Mapping[str, object] | None, questionnaires: Questionnaires
) -> list[str]:
    """Why the clinic was told, one sentence each; a reason that is not known here is shown as it is."""
    lines = [_reason(reason, questionnaires) for reason in reasons]
    tags = (verdict or {}).get("tags")
    if isinstance(tags, list):
        lines += [_TAGS[tag] for tag in tags if tag in _TAGS]
    return lines


def _reason(reason: str, questionnaires: Questionnaires) -> str:
    if reason in _REASONS:
        return _REASONS[reason]
    answer = _ANSWER.fullmatch(reason)
    if answer is None:
        return reason.replace("_", " ").capitalize()
    number = int(answer["item"])
    found = next((q for q in questionnaires if q.id == answer["questionnaire"]), None)
    if found is None or not 1 <= number <= len(found.items):
        return reason
    return f'{found.title}, question {number} ("{found.item(number).text}"), answered: {answer["answer"]}'
