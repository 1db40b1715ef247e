"""Questionnaires in the dialogue. One form serves them all; its items and answers are the clinic's data."""

from __future__ import annotations

from rasa_sdk import Action
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.follow_ups import ActionFollowUp
from actions.turn import ClinicAction, Event, Turn, utter
from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply, quick_reply
from clinic.questionnaires.asking import ask
from clinic.questionnaires.filling import Effect, Taken
from clinic.questionnaires.service import Position, current_answers, left_out
from clinic.services import Services

_SLOT = "questionnaire_answer"
# Set in place of a value when the turn was dealt with here: the form then asks for what is next.
_ASK_NEXT: Event = SlotSet(_SLOT, None)
_COMPLETE: Event = SlotSet(_SLOT, "complete")
_LEAVE_THE_FORM: list[Event] = [ActiveLoop(None), SlotSet(_SLOT, None), SlotSet("requested_slot", None)]
# What a person may mean by a message that reads like no answer: these stay in the form and are asked again.
_NOT_A_DIGRESSION = frozenset({"nlu_fallback", "unsure", "affirm", "deny", "out_of_scope"})
# ... unless they ask something.
_DIGRESSION_IF_ASKED = frozenset({"unsure", "out_of_scope"})


def questionnaire_actions(services: Services) -> list[Action]:
    """The actions of this capability."""
    kinds = (OpenQuestionnaire, AskItem, ReadAnswerAction, ExplainItem, PreviousItem, Pause, Finish, MyAnswers)
    return [kind(services) for kind in kinds]


class OpenQuestionnaire(ClinicAction):
    """Begins the questionnaire that was asked for, or goes on with the one left unfinished."""

    def name(self) -> str:
        return "action_open_questionnaire"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        texts = self.services.texts.questionnaires
        with self.services.database.write() as session:
            message = turn.message(session)
            if message is None:
                dispatcher.utter_message(response="utter_fallback_second")
                return [FollowupAction("action_listen")]
            position, resumed = self._open(session, message, turn)
            name = position.questionnaire.id
        intro = texts.resumed if resumed else texts.intro[name]
        utter(dispatcher, intro.reply(details={"questionnaire": name}))
        # A "yes" to the offer comes here too; the form is what follows in either case.
        return [_ASK_NEXT, FollowupAction("questionnaire_form")]

    def _open(self, session: Session, message: Message, turn: Turn) -> tuple[Position, bool]:
        service = self.services.questionnaires
        request = turn.text
        if turn.intent == "affirm":
            ended = service.correctable(session, turn.conversation_id)
            following = service.following(session, ended) if ended is not None else None
            request = following.id if following is not None else request
        return service.open(session, message=message, request=request)


class AskItem(ClinicAction):
    """Asks the item at which the person stands."""

    def name(self) -> str:
        return "action_ask_questionnaire_form_questionnaire_answer"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.read() as session:
            position = self.services.questionnaires.current(session, turn.conversation_id)
            message = turn.message(session)
            if position is None or position.item is None or message is None:
                return []
            # The stem is said at the beginning and after anything that came between; not with every item.
            straight_on = any(answer.message_id == message.id for answer in position.response.answers)
            utter(dispatcher, ask(position, with_stem=not straight_on))
        return []


class ReadAnswerAction(ClinicAction):
    """Takes a message into the questionnaire; leaves everything that is not for it to the dialogue."""

    def name(self) -> str:
        return "validate_questionnaire_form"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        service = self.services.questionnaires
        with self.services.database.write() as session:
            message = turn.message(session)
            position = service.current(session, turn.conversation_id)
            if message is None:
                return _LEAVE_THE_FORM
            if position is None:
                return self._elsewhere(session, dispatcher, turn, message)
            # Rasa calls this again when an opening leads into the form.
            if position.response.opened_by_message_id == message.id:
                return []
            taken = self.services.filling.take(
                session, position=position, message=message, is_flagged=turn.intent == "risk"
            )
            if turn.intent == "risk":
                return []
            if taken.told:
                utter(dispatcher, self.services.crisis.for_message(session, message))
        return self._reply(dispatcher, turn, taken)

    def _elsewhere(
        self, session: Session, dispatcher: CollectingDispatcher, turn: Turn, message: Message
    ) -> list[Event]:
        """The questionnaire went on in another channel: an answer brings it back here, and is asked for again."""
        service = self.services.questionnaires
        response = service.elsewhere(session, turn.conversation_id)
        if response is None or turn.intent == "risk" or not self.services.filling.is_answer(response, message):
            return []
        service.bring_here(session, response, message)
        utter(dispatcher, self.services.texts.questionnaires.resumed.reply())
        return [_ASK_NEXT]

    def _reply(self, dispatcher: CollectingDispatcher, turn: Turn, taken: Taken) -> list[Event]:
        texts, position = self.services.texts.questionnaires, taken.position
        if taken.effect is Effect.NONE:
            return self._left_to_the_dialogue(dispatcher, turn, taken)
        if taken.effect is Effect.PAUSED:
            utter(dispatcher, texts.paused.reply())
            return _LEAVE_THE_FORM
        said = confirmation(self.services, taken)
        if said is not None:
            utter(dispatcher, said)
        return [_COMPLETE if position.is_complete else _ASK_NEXT]

    def _left_to_the_dialogue(self, dispatcher: CollectingDispatcher, turn: Turn, taken: Taken) -> list[Event]:
        texts = self.services.texts.questionnaires
        if turn.intent == "goodbye":
            with self.services.database.write() as session:
                position = self.services.questionnaires.current(session, turn.conversation_id)
                if position is not None:
                    self.services.questionnaires.pause(session, position)
            utter(dispatcher, texts.paused.reply())
            return _LEAVE_THE_FORM
        if taken.is_question and turn.intent in _DIGRESSION_IF_ASKED:
            return []
        said = {"thanks": texts.thanked, "greet": texts.greeted}.get(turn.intent)
        if turn.intent in _NOT_A_DIGRESSION:
            said = texts.answer_not_understood
        if said is None:
            return []
        utter(dispatcher, said.reply(details=_details(taken.position)))
        return [_ASK_NEXT]


class ExplainItem(ClinicAction):
    """ "What do you mean?": how to answer, without rewording the instrument."""

    def name(self) -> str:
        return "action_explain_item"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.read() as session:
            position = self.services.questionnaires.current(session, turn.conversation_id)
        if position is None:
            # Outside a questionnaire "what do you mean" is about the last answer.
            return ActionFollowUp(self.services).act(dispatcher, turn)
        utter(dispatcher, self.services.texts.questionnaires.explain_item.reply(details=_details(position)))
        return []


class PreviousItem(ClinicAction):
    """Back to the item before; also where the questionnaire has just ended, and answers can still be changed."""

    def name(self) -> str:
        return "action_previous_item"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        service, filling = self.services.questionnaires, self.services.filling
        with self.services.database.write() as session:
            message = turn.message(session)
            position = service.current(session, turn.conversation_id)
            ended = service.correctable(session, turn.conversation_id) if position is None else None
            if message is None or (position is None and ended is None):
                dispatcher.utter_message(response="utter_not_what_i_asked")
                return []
            if position is not None:
                taken = filling.step_back(session, position=position, message=message)
            elif ended is not None:
                taken = filling.correct(session, position=ended, message=message)
            if taken.told:
                utter(dispatcher, self.services.crisis.for_message(session, message))
        said = confirmation(self.services, taken)
        if said is not None:
            utter(dispatcher, said)
        return [] if position is not None or taken.position.is_complete else [FollowupAction("questionnaire_form")]


class Pause(ClinicAction):
    """Stops for now; what was answered stays."""

    def name(self) -> str:
        return "action_pause_questionnaire"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.write() as session:
            position = self.services.questionnaires.current(session, turn.conversation_id)
            if position is None:
                dispatcher.utter_message(response="utter_nothing_to_stop")
                return _LEAVE_THE_FORM
            self.services.questionnaires.pause(session, position)
        utter(dispatcher, self.services.texts.questionnaires.paused.reply())
        return _LEAVE_THE_FORM


class Finish(ClinicAction):
    """Thanks the person, who is not graded, and offers the next questionnaire."""

    def name(self) -> str:
        return "action_finish_questionnaire"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        texts, service = self.services.texts.questionnaires, self.services.questionnaires
        with self.services.database.read() as session:
            message = turn.message(session)
            ended = service.ended_by(session, message) if message is not None else None
            # The form also ends when the person stops for now; that was answered already.
            if ended is None:
                return [SlotSet(_SLOT, None)]
            gaps, following = left_out(ended.response), service.following(session, ended)
        if gaps:
            utter(dispatcher, texts.finished_with_gaps.reply(item=" and ".join(str(item) for item in gaps)))
        else:
            utter(dispatcher, texts.finished.reply())
        if following is not None:
            utter(dispatcher, self._offer(following.id))
        return [SlotSet(_SLOT, None)]

    def _offer(self, questionnaire_id: str) -> Reply:
        texts = self.services.texts.questionnaires
        intro = texts.intro[questionnaire_id]
        offer = texts.finished_next.reply(title=intro.title)
        buttons = (quick_reply(intro.label, intro.request), *offer.quick_replies)
        return Reply(kind=offer.kind, text=offer.text, quick_replies=buttons)


class MyAnswers(ClinicAction):
    """The person's own score is not shown; who talks about it, and where their answers are."""

    def name(self) -> str:
        return "action_my_answers"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.read() as session:
            conversation = session.get(Conversation, turn.conversation_id)
            by_text = conversation is not None and conversation.channel == "sms"
        texts = self.services.texts.own_answers
        utter(dispatcher, (texts.no_score_by_text if by_text else texts.no_score).reply())
        return []


def confirmation(services: Services, taken: Taken) -> Reply | None:
    """What is said of a change before the next item; nothing where an answer was simply given."""
    texts, questionnaire = services.texts.questionnaires, taken.position.questionnaire
    answer = questionnaire.label(taken.value) if taken.value is not None else ""
    if taken.effect is Effect.ROW:
        answers = sorted(current_answers(taken.position.response).items())
        return texts.row_taken.reply(details=_details(taken.position), answers=" ".join(str(v) for _, v in answers))
    text = {
        Effect.SKIPPED: texts.skipped,
        Effect.WENT_BACK: texts.went_back,
        Effect.NOTHING_BEFORE: texts.no_question_before,
        Effect.CHANGED: texts.answer_changed,
        Effect.NOT_REACHED: texts.not_reached,
        Effect.EXPLAINED: texts.explain_item,
        Effect.HOW_FAR: texts.how_far,
        Effect.WHY: texts.why,
        Effect.WHICH: texts.which_to_change,
        Effect.BETWEEN: texts.between_two,
        Effect.SEVERAL: texts.one_at_a_time,
        Effect.OUT_OF_RANGE: texts.out_of_range,
        Effect.ASK_FIRST: texts.resumed,
    }.get(taken.effect)
    if text is None:
        return None
    numbers = {"number": taken.position.item, "count": len(questionnaire.items)}
    return text.reply(details=_details(taken.position), item=taken.item, answer=answer, **numbers)


def _details(position: Position) -> dict[str, object]:
    return {"questionnaire": position.questionnaire.id}
