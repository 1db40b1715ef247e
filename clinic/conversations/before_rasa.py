"""Several dialogues that the clinic service leads itself, asked one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from clinic.conversations.door import BeforeRasa
from clinic.conversations.models import Conversation
from clinic.conversations.replies import Reply


class InOrder:
    """The first that has an answer gives it."""

    def __init__(self, dialogues: Sequence[BeforeRasa]) -> None:
        self._dialogues = dialogues

    def concerns(self, session: Session, conversation: Conversation, text: str) -> bool:
        """Whether a message may be one for any of them."""
        return any(one.concerns(session, conversation, text) for one in self._dialogues)

    def take(self, session: Session, conversation: Conversation, text: str, *, sender: str) -> list[Reply] | None:
        """The answer, or None where the message is for Rasa after all."""
        for one in self._dialogues:
            if one.concerns(session, conversation, text):
                answer = one.take(session, conversation, text, sender=sender)
                if answer is not None:
                    return answer
        return None

    def question(self, session: Session, conversation_id: str) -> list[Reply]:
        """What they still wait to know."""
        return [reply for one in self._dialogues for reply in one.question(session, conversation_id)]
