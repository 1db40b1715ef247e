"""What the actions need of the clinic service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clinic.content.service_texts import ServiceTexts
from clinic.content.topics import Topics
from clinic.crisis.service import CrisisReplies
from clinic.database import Database
from clinic.escalations.service import Escalations
from clinic.questionnaires.service import QuestionnaireService


@dataclass(frozen=True)
class ActionServices:
    """Handed to each action when the clinic service starts."""

    database: Database
    topics: Topics
    texts: ServiceTexts
    crisis: CrisisReplies
    escalations: Escalations
    questionnaires: QuestionnaireService
    on_commit: Callable[[], None]
