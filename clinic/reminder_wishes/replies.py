"""What is said of reminders: what holds now, in the clinic's reviewed words."""

from __future__ import annotations

from collections.abc import Sequence

from clinic.content.service_texts import ReminderTexts, Spoken
from clinic.conversations.replies import Reply, quick_reply
from clinic.reminder_wishes.service import Reminders

# A message with this detail asks for an hour: the next one may be a bare number.
ASKS = "reminder_hour"
# Of the hours that can be chosen, these are offered as choices.
_OFFERED = (9, 12, 15, 18)


class ReminderReplies:
    """Puts texts together."""

    def __init__(self, texts: ReminderTexts) -> None:
        self._texts = texts

    def chosen(self, held: Reminders, *, is_full_hour: bool) -> Reply:
        """The hour is set."""
        texts = self._texts
        said = [texts.chosen.text.format(hour=in_words(held.hour))]
        if not is_full_hour:
            said.append(texts.full_hours)
        return self._with_what_holds(texts.chosen, said, held)

    def when(self, held: Reminders) -> Reply:
        """When reminders come."""
        texts = self._texts
        if held.is_stopped:
            return texts.are_stopped.reply()
        text = texts.when.text.format(hour=in_words(held.hour))
        return self._with_what_holds(texts.when, [text], held, behind=[texts.how_to_change])

    def started(self, held: Reminders) -> Reply:
        """Reminders come again."""
        texts = self._texts
        return self._with_what_holds(texts.started, [texts.started.text.format(hour=in_words(held.hour))], held)

    def stopped(self) -> Reply:
        """No more reminders."""
        return self._texts.stopped.reply()

    def other_thing(self) -> Reply:
        """Reminders of other things at an hour are not to be had."""
        return self._texts.other_thing.reply()

    def not_joined(self) -> Reply:
        """Nobody knows who this is."""
        return self._texts.not_joined.reply()

    def which_hour(self, held: Reminders) -> Reply:
        """Asks for the hour."""
        return self._ask(self._texts.which_hour, held, [hour for hour in _OFFERED if hour in held.hours])

    def which_of_two(self, held: Reminders, hours: Sequence[int]) -> Reply:
        """Asks whether morning or evening is meant."""
        return self._ask(self._texts.which_of_two, held, hours)

    def not_at_that_hour(self, held: Reminders) -> Reply:
        """Asks for another hour."""
        return self._ask(self._texts.not_at_that_hour, held, [hour for hour in _OFFERED if hour in held.hours])

    def _ask(self, spoken: Spoken, held: Reminders, offered: Sequence[int]) -> Reply:
        first, last = in_words(held.hours[0]), in_words(held.hours[-1])
        buttons = [quick_reply(in_words(hour), self._texts.request.format(hour=in_words(hour))) for hour in offered]
        either = " or ".join(in_words(hour) for hour in offered)
        text = spoken.text.format(first=first, last=last, either=either)
        return Reply(kind=spoken.kind, text=text, details={"asks": ASKS}, quick_replies=tuple(buttons))

    def _with_what_holds(
        self, spoken: Spoken, said: list[str], held: Reminders, *, behind: Sequence[str] = ()
    ) -> Reply:
        texts = self._texts
        if not held.may_be_contacted:
            said.append(texts.no_messages)
        elif held.next_on is None:
            said.append(texts.no_session)
        else:
            said.append(texts.next_one.format(day=f"{held.next_on:%A} {held.next_on.day} {held.next_on:%B}"))
        return Reply(kind=spoken.kind, text="\n\n".join([" ".join(said), *behind]))


def in_words(hour: int) -> str:
    """ "9 am", "12 noon", "6 pm"."""
    if hour == 12:
        return "12 noon"
    return f"{hour} am" if hour < 12 else f"{hour - 12} pm"
