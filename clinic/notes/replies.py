"""What is said about things to raise, in the reviewed words of data/service/texts.yml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clinic.content.service_texts import NoteTexts, Spoken
from clinic.conversations.replies import Reply, quick_reply
from clinic.notes.models import Note

# As many numbers as are known wordings (data/nlu/quick_replies.yml): a button must be certain.
_KNOWN_NUMBERS = 9


class NoteReplies:
    """Replies about notes."""

    def __init__(self, texts: NoteTexts) -> None:
        self.texts = texts

    def added(self, note: Note, *, is_first: bool, is_shareable: bool) -> Reply:
        """The note as it is kept, so that the person can see what was understood."""
        below = self.texts.first_time if is_first else self.texts.added_more
        return self._of(self.texts.added, note, below=below, buttons=self._buttons(note, is_shareable=is_shareable))

    def list_of(self, notes: Sequence[Note]) -> Reply:
        """All notes with their numbers, and what can be done with them."""
        if not notes:
            return self.texts.none_kept.reply()
        text = f"{self.texts.list_intro.text}\n\n{self.lines(notes)}\n\n{self.texts.how_to}"
        return Reply(kind=self.texts.list_intro.kind, text=text)

    def lines(self, notes: Sequence[Note]) -> str:
        """One line a note."""
        return "\n".join(
            (self.texts.line if note.shared_at is None else self.texts.line_shared).format(
                number=note.number, note=note.text
            )
            for note in notes
        )

    def changed(self, note: Note) -> Reply:
        """The new words; and that the therapist sees them too, where that is so."""
        below = self.texts.changed_shared.format(number=note.number) if note.shared_at is not None else None
        return self._of(self.texts.changed, note, below=below, buttons=[self._show()])

    def about(self, spoken: Spoken, note: Note) -> Reply:
        """A text that names a note by its number."""
        reply = spoken.reply(number=note.number)
        return Reply(kind=reply.kind, text=reply.text, quick_replies=(*reply.quick_replies, self._show()))

    def which(self, notes: Sequence[Note]) -> Reply:
        """Not sure which one: nothing was done, and here they are."""
        if not notes:
            return self.texts.none_kept.reply()
        return Reply(kind=self.texts.which.kind, text=f"{self.texts.which.text}\n\n{self.lines(notes)}")

    def reminder(self, notes: Sequence[Note], *, when: str, with_words: bool) -> Reply:
        """Before a session. Without the words where others may look at the phone."""
        spoken = self.texts.reminder.reply(when=when)
        below = self.lines(notes) if with_words else self.texts.added_more
        return Reply(kind=spoken.kind, text=f"{spoken.text}\n\n{below}", quick_replies=(self._show(),))

    def _of(self, spoken: Spoken, note: Note, *, below: str | None, buttons: Sequence[Mapping[str, str]]) -> Reply:
        text = spoken.text.format(number=note.number, note=note.text)
        return Reply(kind=spoken.kind, text=f"{text}\n\n{below}" if below else text, quick_replies=tuple(buttons))

    def _buttons(self, note: Note, *, is_shareable: bool) -> list[Mapping[str, str]]:
        buttons: list[Mapping[str, str]] = [self._show()]
        if note.number <= _KNOWN_NUMBERS:
            if is_shareable:
                buttons.append(quick_reply(self.texts.share_label, self.texts.share_request.format(number=note.number)))
            buttons.append(quick_reply(self.texts.delete_label, self.texts.delete_request.format(number=note.number)))
        return buttons

    def _show(self) -> Mapping[str, str]:
        return quick_reply(self.texts.show_label, self.texts.show_request)
