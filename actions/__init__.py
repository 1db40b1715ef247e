"""Rasa's custom actions: thin. They read the tracker, call the clinic's services, and utter.

They are served to Rasa by the clinic service itself (actions/endpoint.py), one module a capability.
"""

from rasa_sdk import Action

from actions.crisis import ActionCrisis, ActionSafe
from actions.dialogue import (
    ActionAffirm,
    ActionAnswerBoth,
    ActionFallback,
    ActionOfferTopics,
    ActionOtherLanguage,
    ActionOutOfScope,
)
from actions.follow_ups import ActionFollowUp, ActionNotWhatIAsked
from actions.human import ActionAskForData, ActionAskForHuman
from actions.notes import ActionAddNote, ActionManageNotes, ActionShowNotes
from actions.questionnaire import questionnaire_actions
from actions.reminders import ActionGreet, ActionReminders
from actions.session import ActionSessionStart
from clinic.services import Services


def all_actions(services: Services) -> list[Action]:
    """Every action that domain.yml names."""
    return [
        ActionSessionStart(services),
        ActionFollowUp(services),
        ActionAnswerBoth(services),
        ActionOfferTopics(services),
        ActionOutOfScope(services),
        ActionOtherLanguage(services),
        ActionFallback(services),
        ActionAffirm(services),
        ActionCrisis(services),
        ActionSafe(services),
        ActionNotWhatIAsked(services),
        ActionAskForHuman(services),
        ActionAskForData(services),
        ActionAddNote(services),
        ActionShowNotes(services),
        ActionManageNotes(services),
        ActionReminders(services),
        ActionGreet(services),
        *questionnaire_actions(services),
    ]


__all__ = ["all_actions"]
