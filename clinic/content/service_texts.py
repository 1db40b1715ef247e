"""The texts of the service itself (data/service/texts.yml)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

from clinic.content.paths import SERVICE_TEXTS
from clinic.content.yaml_files import DataFileError, read_model
from clinic.conversations.replies import Kind, Reply


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuickReplyText(_Strict):
    """A quick reply as the data file writes it."""

    label: str
    text: str


class Spoken(_Strict):
    """A text that becomes a message."""

    kind: Kind
    text: str = Field(min_length=1)
    quick_replies: tuple[QuickReplyText, ...] = ()

    def reply(self, *, details: dict[str, Any] | None = None, **values: object) -> Reply:
        """The message, with the words in braces filled in."""
        return Reply(
            kind=self.kind,
            text=self.text.format(**values) if values else self.text,
            details=details or {},
            quick_replies=tuple(button.model_dump() for button in self.quick_replies),
        )


class QuestionnaireIntro(Spoken):
    """How a questionnaire is introduced, and the quick reply that opens it."""

    title: str
    label: str
    request: str


class Introduced(Protocol):
    """What a common introduction says of a questionnaire."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def title(self) -> str:
        """Its name."""

    @property
    def items(self) -> Sequence[object]:
        """Its questions."""


class QuestionnaireTexts(_Strict):
    """What is said around the instrument's own words."""

    intro: dict[str, QuestionnaireIntro] = {}
    intro_other: Spoken
    answer_not_understood: Spoken
    out_of_range: Spoken
    between_two: Spoken
    one_at_a_time: Spoken
    row_taken: Spoken
    skipped: Spoken
    not_reached: Spoken
    thanked: Spoken
    greeted: Spoken
    answer_changed: Spoken
    went_back: Spoken
    no_question_before: Spoken
    explain_item: Spoken
    how_far: Spoken
    why: Spoken
    which_to_change: Spoken
    paused: Spoken
    waiting: Spoken
    resumed: Spoken
    finished: Spoken
    finished_with_gaps: Spoken
    finished_next: Spoken

    def common_intro(self, questionnaire: Introduced) -> QuestionnaireIntro:
        """For a questionnaire that is not introduced in words of its own."""
        title, text = questionnaire.title, self.intro_other
        return QuestionnaireIntro(
            kind=text.kind,
            text=text.text.format(title=title, count=len(questionnaire.items)),
            title=title,
            label=title,
            request=f"fill in the {title}",
        )


class ReminderTexts(_Strict):
    """Reminders of the questionnaire before a session; `label` is the quick reply that opens it.

    What is said about them, too; texts that are no message of their own stand behind another. `request` is what a
    quick reply with an hour sends.
    """

    first: Spoken
    again: Spoken
    label: str
    chosen: Spoken
    full_hours: str
    next_one: str
    no_session: str
    no_messages: str
    when: Spoken
    how_to_change: str
    are_stopped: Spoken
    stopped: Spoken
    started: Spoken
    which_hour: Spoken
    which_of_two: Spoken
    not_at_that_hour: Spoken
    other_thing: Spoken
    not_joined: Spoken
    request: str


class OwnAnswerTexts(_Strict):
    """What stands around a person's own answers when they read them or keep them as a file."""

    about: str
    none: str
    unfinished: str
    not_answered: str
    no_score: Spoken
    no_score_by_text: Spoken


class NoteTexts(_Strict):
    """Things to raise in a session. Texts that are no message of their own stand below another, or in a line of it."""

    added: Spoken
    first_time: str
    added_more: str
    list_intro: Spoken
    line: str
    line_shared: str
    how_to: str
    none_kept: Spoken
    ask_for_words: Spoken
    deleted: Spoken
    deleted_all: Spoken
    changed: Spoken
    changed_shared: str
    ask_for_change: Spoken
    shared: Spoken
    stopped_sharing: Spoken
    not_shareable: Spoken
    one_at_a_time: Spoken
    which: Spoken
    show_label: str
    show_request: str
    delete_label: str
    delete_request: str
    share_label: str
    share_request: str
    reminder: Spoken


class ErrorTexts(_Strict):
    """Bodies of refusals."""

    busy: str
    too_long: str
    too_long_stored: str
    empty: str
    not_stored: str


class ServiceTexts(_Strict):
    """Everything in data/service/texts.yml."""

    welcome_1: Spoken
    welcome_2: Spoken
    safe_reply: Spoken
    staff_joined: Spoken
    staff_left: Spoken
    staff_roles: dict[str, str]
    errors: ErrorTexts
    widget: dict[str, str]
    questionnaires: QuestionnaireTexts
    reminders: ReminderTexts
    own_answers: OwnAnswerTexts
    notes: NoteTexts

    def not_stored(self, numbers: str) -> str:
        """What a person reads when a message could not even be stored."""
        return f"{self.errors.not_stored}\n\n{numbers}"

    @classmethod
    def load(cls, path: Path = SERVICE_TEXTS, *, questionnaires: Iterable[Introduced]) -> Self:
        """Reads and checks the file. A questionnaire without an introduction of its own gets the common one.

        Raises:
            DataFileError: a text is missing or wrong, or introduces a questionnaire that is not there.
        """
        texts = read_model(path, cls)
        own, found = texts.questionnaires, {questionnaire.id: questionnaire for questionnaire in questionnaires}
        if strangers := set(own.intro) - set(found):
            raise DataFileError(
                f"{path}: questionnaires.intro: there is no questionnaire {', '.join(sorted(strangers))}."
            )
        common = {name: own.common_intro(one) for name, one in found.items() if name not in own.intro}
        filled = own.model_copy(update={"intro": {**common, **own.intro}})
        return texts.model_copy(update={"questionnaires": filled})
