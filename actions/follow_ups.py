"""Short messages that only the conversation gives a meaning: "tell me more", "why?", "that is not what I asked"."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.offers import offer
from actions.turn import ClinicAction, Event, Turn, utter
from clinic.questions.service import Exchange, exchanges_before, keep_missed


class ActionFollowUp(ClinicAction):
    """Says more about the topic answered last, or why; each part once, then that there is no more."""

    def name(self) -> str:
        return "action_follow_up"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.read() as session:
            message = turn.message(session)
            before = exchanges_before(session, message) if message is not None else []
        if turn.topic is None or (before and before[0].was_missed):
            dispatcher.utter_message(response="utter_nothing_to_follow")
            return []
        self._say_what_follows(dispatcher, turn, parts_said(before, turn.topic))
        return []

    def _say_what_follows(self, dispatcher: CollectingDispatcher, turn: Turn, said: frozenset[str]) -> None:
        wanted = ("why", "more") if turn.intent == "ask_why" else ("more", "why")
        part = next((part for part in wanted if part not in said), None)
        if part is not None:
            dispatcher.utter_message(response=f"utter_{part}_{turn.topic}")
            return
        related = [self.services.topics.get(name) for name in self.services.topics.get(str(turn.topic)).related]
        buttons = [{"title": topic.title, "payload": topic.question} for topic in related]
        dispatcher.utter_message(response="utter_nothing_more", buttons=buttons)


class ActionNotWhatIAsked(ClinicAction):
    """ "That is not what I meant", "none of these".

    After a crisis text, softer words (the alert stays). Else what is likely next, never what was said or offered
    before; the second time in a row, the therapist or a person, and the question is kept.
    """

    def name(self) -> str:
        return "action_not_what_i_asked"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        crisis = self.services.crisis
        with self.services.database.write() as session:
            if crisis.last_was_crisis(session, turn.conversation_id):
                utter(dispatcher, crisis.texts.soften())
                return []
            message = turn.message(session)
            before = exchanges_before(session, message) if message is not None else []
            if before and before[0].was_missed:
                keep_earlier(session, turn, before)
                dispatcher.utter_message(response="utter_fallback_second")
                return []
        seen = frozenset[str]().union(*(exchange.topics for exchange in before))
        others = [name for name in self._next_likely(turn) if name not in seen] if seen else []
        if others:
            offer(dispatcher, self.services.topics, others, response="utter_offer_others")
        else:
            dispatcher.utter_message(response="utter_not_what_i_asked")
        return []

    def _next_likely(self, turn: Turn) -> list[str]:
        """Topics as the earlier question was understood, then those near to the one answered."""
        topics = self.services.topics
        ranked = [name for name in (turn.earlier.ranking if turn.earlier else ()) if name in topics]
        related = topics.get(turn.topic).related if turn.topic is not None else ()
        return list(dict.fromkeys([*ranked, *related]))


def parts_said(before: list[Exchange], topic: str) -> frozenset[str]:
    """Which parts of a topic ("answer", "more", "why") were said in the last exchanges."""
    replies = (reply for exchange in before for reply in exchange.replies if reply.topic == topic)
    return frozenset(str(reply.details.get("part")) for reply in replies)


def keep_earlier(session: Session, turn: Turn, before: list[Exchange]) -> None:
    """Keeps the question that was missed before this message; "none of these" is none."""
    for exchange in before:
        # Where Rasa has forgotten what was a question and what a complaint, the last message is the question.
        if turn.earlier is None or exchange.asked.id == turn.earlier.message_id:
            keep_missed(session, exchange)
            return
