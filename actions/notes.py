"""Things to raise: keeping, showing, changing, deleting and sharing them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.turn import ReplyAction
from clinic.conversations.models import Message
from clinic.conversations.replies import Reply
from clinic.notes.models import Note
from clinic.notes.replies import NoteReplies
from clinic.notes.service import (
    NotShareable,
    add_note,
    change_note,
    delete_notes,
    notes_of,
    notes_with_words,
    share_note,
    stop_sharing,
)
from clinic.notes.wordings import Keeps, Request
from clinic.services import Services


class NoteAction(ReplyAction):
    """An action on the person's notes, in one transaction."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.wordings = services.note_wordings
        self.replies = NoteReplies(services.texts.notes)


class ActionAddNote(NoteAction):
    """Keeps what the message says, or the message before ("keep it as a note")."""

    def name(self) -> str:
        return "action_add_note"

    def answer(self, session: Session, message: Message) -> Reply:
        kept = self.wordings.kept_text(message.text)
        text = self._text_before(session, message) if kept.keeps is Keeps.MESSAGE_BEFORE else kept.text
        if not text:
            return self.replies.texts.ask_for_words.reply()
        is_first = not notes_of(session, message.conversation_id)
        note = add_note(session, message=message, text=text)
        return self.replies.added(note, is_first=is_first, is_shareable=note.patient_id is not None)

    def _text_before(self, session: Session, message: Message) -> str:
        """The person's own words just before, unless they were about notes too."""
        before = session.scalar(
            select(Message)
            .where(
                Message.conversation_id == message.conversation_id,
                Message.direction == "incoming",
                Message.id < message.id,
            )
            .order_by(Message.id.desc())
            .limit(1)
        )
        if before is None or self._was_about_notes(session, before):
            return ""
        return before.text.strip()

    @staticmethod
    def _was_about_notes(session: Session, message: Message) -> bool:
        kinds = select(Message.kind).where(Message.in_reply_to_id == message.id)
        return "note" in session.scalars(kinds).all()


class ActionShowNotes(NoteAction):
    """The list."""

    def name(self) -> str:
        return "action_show_notes"

    def answer(self, session: Session, message: Message) -> Reply:
        return self.replies.list_of(notes_of(session, message.conversation_id))


class ActionManageNotes(NoteAction):
    """ "delete 2", "change 1 to ...", "share the one about my dad". What is not plain changes nothing."""

    def name(self) -> str:
        return "action_manage_notes"

    def answer(self, session: Session, message: Message) -> Reply:
        notes = notes_of(session, message.conversation_id)
        request = self.wordings.request(message.text)
        if request is None or not notes:
            return self.replies.list_of(notes)
        chosen = self._chosen(notes, request)
        if request.operation == "delete":
            return self._delete(session, notes, chosen, request)
        if request.is_everything and request.operation == "share":
            return self.replies.texts.one_at_a_time.reply()
        if len(chosen) != 1:
            return self.replies.which(notes)
        (note,) = chosen
        if request.operation == "change":
            return self._change(session, note, request)
        if request.operation == "stop_sharing":
            stop_sharing(session, note)
            return self.replies.about(self.replies.texts.stopped_sharing, note)
        return self._share(session, note)

    def _chosen(self, notes: Sequence[Note], request: Request) -> list[Note]:
        if request.numbers:
            by_number = {note.number: note for note in notes}
            # One number that is not there, and nothing is done: it may be the one that counts.
            known = all(number in by_number for number in request.numbers)
            return [by_number[number] for number in request.numbers] if known else []
        return notes_with_words(notes, self.wordings.describing_words(request.words))

    def _delete(self, session: Session, notes: Sequence[Note], chosen: list[Note], request: Request) -> Reply:
        if request.is_everything and not request.numbers:
            delete_notes(session, notes)
            return self.replies.texts.deleted_all.reply()
        # Several by number were named one by one; several by a word may be more than was meant.
        if not chosen or (len(chosen) > 1 and not request.numbers):
            return self.replies.which(notes)
        delete_notes(session, chosen)
        numbers = " and ".join(str(note.number) for note in chosen)
        return self.replies.texts.deleted.reply(number=numbers)

    def _change(self, session: Session, note: Note, request: Request) -> Reply:
        if request.new_text is None:
            return self.replies.about(self.replies.texts.ask_for_change, note)
        change_note(session, note, request.new_text)
        return self.replies.changed(note)

    def _share(self, session: Session, note: Note) -> Reply:
        try:
            share_note(session, note)
        except NotShareable:
            return self.replies.texts.not_shareable.reply()
        return self.replies.about(self.replies.texts.shared, note)
