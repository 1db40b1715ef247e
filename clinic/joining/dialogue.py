"""The dialogue of joining. The door asks it before Rasa, and about harmless messages only."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply
from clinic.invitations.codes import code_index, read_code
from clinic.joining.deciding import Deciding
from clinic.joining.models import Joining
from clinic.joining.proving import PROOF, Proving
from clinic.joining.texts import folded
from clinic.patients.birth_dates import read_birth_date
from clinic.patients.models import Patient
from clinic.questionnaires.service import QuestionnaireService

# So often a question is asked again after something else was said, before joining waits for the person.
_MOST_AGAIN = 2


class JoiningDialogue:
    """What joining says to a message, if it is one for it. Everything happens in the caller's transaction."""

    def __init__(self, *, proving: Proving, deciding: Deciding, questionnaires: QuestionnaireService) -> None:
        self._proving = proving
        self._questionnaires = questionnaires
        self._deciding = deciding
        self._texts = deciding.texts

    def begin(self, session: Session, conversation: Conversation, *, code: str, sender: str) -> list[Reply]:
        """Somebody opened the chat with a code, right or wrong. What is said is the same."""
        # What is no code at all is looked up like one, and fails like one.
        index = code_index(read_code(code) or code)
        return self._with_code(session, self._joining(session, conversation), conversation, index, sender)

    def concerns(self, session: Session, conversation: Conversation, text: str) -> bool:
        """Whether a message may be one for joining: a question stands, or it is a code or one of joining's words."""
        joining = session.get(Joining, conversation.id)
        if joining is not None and joining.step is not None:
            return True
        if read_code(text) is not None:
            return True
        return conversation.patient_id is not None and self._is_command(text)

    def take(self, session: Session, conversation: Conversation, text: str, *, sender: str) -> list[Reply] | None:
        """The answer to a message; None where it is not one for joining, and the assistant should answer."""
        joining = self._joining(session, conversation)
        joining.changed_at = now()
        code = read_code(text)
        if code is not None and conversation.patient_id is None:
            return self._with_code(session, joining, conversation, code_index(code), sender)
        if joining.patient_id is None and conversation.patient_id is not None:
            joining.patient_id = conversation.patient_id
        if joining.step is not None and folded(text) in self._texts.join_words:
            joining.asked_again = 0
            return self._ask(session, joining, conversation)
        is_asked = joining.step is not None and self._is_asked(session, conversation.id)
        if is_asked and folded(text) in self._texts.later_words and joining.step in (PROOF, "consent"):
            return self._leave(joining)
        said = self._take(session, joining, conversation, text, sender=sender, is_asked=is_asked)
        if said is not None:
            joining.asked_again = 0
        elif is_asked and folded(text) in self._texts.later_words:
            return self._leave(joining)
        return said

    def _take(
        self, session: Session, joining: Joining, conversation: Conversation, text: str, *, sender: str, is_asked: bool
    ) -> list[Reply] | None:
        if joining.patient_id is None:
            # A whole date is a proof whenever it comes; "12" only where it was just asked for.
            if joining.code_index is None or not (is_asked or read_birth_date(text) is not None):
                return None
            proven = self._proving.take_proof(session, joining, conversation, text, sender=sender)
            return self._after_proof(session, joining, conversation, proven)
        patient = session.get_one(Patient, joining.patient_id)
        if conversation.patient_id is not None and self._is_command(text):
            return self._deciding.take_command(session, joining, patient, conversation, text)
        if not is_asked:
            return None
        return self._deciding.take_answer(session, joining, patient, conversation, text)

    def _leave(self, joining: Joining) -> list[Reply]:
        joining.asked_again = _MOST_AGAIN + 1
        return [self._texts.later.reply()]

    def question(self, session: Session, conversation_id: str) -> list[Reply]:
        """The question that stands, to be asked again after something else was answered."""
        joining = session.get(Joining, conversation_id)
        if joining is None or joining.step is None:
            return []
        if self._questionnaires.current(session, conversation_id) is not None:
            return []
        joining.asked_again += 1
        if joining.asked_again > _MOST_AGAIN:
            # Whoever talks of other things each time is left in peace, and knows how to come back to it.
            return [self._texts.later.reply()] if joining.asked_again == _MOST_AGAIN + 1 else []
        return self._ask(session, joining, session.get_one(Conversation, conversation_id))

    def _ask(self, session: Session, joining: Joining, conversation: Conversation) -> list[Reply]:
        if joining.patient_id is None:
            return [self._proving.ask()]
        return [self._deciding.ask(joining, session.get_one(Patient, joining.patient_id), conversation)]

    def _with_code(
        self, session: Session, joining: Joining, conversation: Conversation, index: str, sender: str
    ) -> list[Reply]:
        proven = self._proving.take_code(session, joining, conversation, index, sender=sender)
        return self._after_proof(session, joining, conversation, proven) or []

    def _after_proof(
        self, session: Session, joining: Joining, conversation: Conversation, proven: Patient | list[Reply] | None
    ) -> list[Reply] | None:
        if isinstance(proven, Patient):
            return self._deciding.begin(session, joining, proven, conversation)
        return proven

    def _is_asked(self, session: Session, conversation_id: str) -> bool:
        """Whether our question is what the person answers: "yes" to a colleague, or "1" to a questionnaire, is not."""
        if self._questionnaires.current(session, conversation_id) is not None:
            return False
        last = session.scalar(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.direction == "outgoing")
            .order_by(Message.id.desc())
            .limit(1)
        )
        return last is not None and last.kind == "onboarding"

    def _is_command(self, text: str) -> bool:
        texts = self._texts
        return folded(text) in texts.withdraw_words | texts.change_words | texts.stop_topics_words

    @staticmethod
    def _joining(session: Session, conversation: Conversation) -> Joining:
        found = session.get(Joining, conversation.id)
        if found is None:
            found = Joining(conversation_id=conversation.id, began_at=now(), changed_at=now(), failures=0)
            session.add(found)
            session.flush()
        return found
