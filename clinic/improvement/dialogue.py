"""Asking whether a person's messages may help to improve the detector. No question stands: nobody is asked twice."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.content.paths import IMPROVEMENT_TEXTS
from clinic.content.service_texts import Spoken
from clinic.content.yaml_files import read_model
from clinic.conversations.models import Conversation
from clinic.conversations.replies import Reply
from clinic.joining.texts import folded
from clinic.patients.models import Patient
from clinic.patients.service import IMPROVE, record_consent

_ACTOR = "patient"


class ImprovementTexts(BaseModel):
    """Everything in data/improvement/texts.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(max_length=16)
    ask_words: frozenset[str]
    yes_words: frozenset[str]
    no_words: frozenset[str]
    about: Spoken
    given: Spoken
    refused: Spoken

    @classmethod
    def load(cls, path: Path = IMPROVEMENT_TEXTS) -> ImprovementTexts:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong.
        """
        return read_model(path, cls)


class ImprovementDialogue:
    """What is said to somebody whom the clinic knows and who writes one of the words. A dialogue before Rasa."""

    def __init__(self, texts: ImprovementTexts) -> None:
        self._texts = texts

    def concerns(self, session: Session, conversation: Conversation, text: str) -> bool:
        """Whether the whole message is one of the words, and the clinic knows who writes."""
        words = self._texts.ask_words | self._texts.yes_words | self._texts.no_words
        return conversation.patient_id is not None and folded(text) in words

    def take(self, session: Session, conversation: Conversation, text: str, *, sender: str) -> list[Reply] | None:
        """What it is about, or the decision, stored."""
        said, texts = folded(text), self._texts
        if said in texts.ask_words:
            return [texts.about.reply()]
        given = said in texts.yes_words
        patient = session.get_one(Patient, conversation.patient_id)
        record_consent(
            session,
            patient,
            kind=IMPROVE,
            decision="given" if given else "refused",
            version=texts.version,
            channel=conversation.channel,
        )
        action = "consent:improve" if given else "refuse:improve"
        record(session, actor=_ACTOR, action=action, entity="patient", entity_id=patient.id)
        return [(texts.given if given else texts.refused).reply()]

    def question(self, session: Session, conversation_id: str) -> list[Reply]:
        """None ever stands."""
        return []
