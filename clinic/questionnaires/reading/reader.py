"""One message inside a questionnaire: an answer, several, a wish, or none of these. Nothing is guessed."""

from __future__ import annotations

import re

from clinic.questionnaires.definitions import Questionnaire
from clinic.questionnaires.reading.claims import CLAIMS, Phrasebook, Piece, Sort
from clinic.questionnaires.reading.commands import MOST_WORDS, CommandReader
from clinic.questionnaires.reading.outcome import Reading, Understood
from clinic.questionnaires.reading.wordings import Scale, Wordings, words_of
from clinic.questionnaires.reading.words import Message, Speller

_MOST_WORDS_BESIDE = 8
_ROW = re.compile(r"\d(?:[\s,;./|-]*\d)+")
_LETTER = re.compile(r"\W*([a-j])\W*")


class Reader:
    """Reads messages for one questionnaire."""

    def __init__(self, questionnaire: Questionnaire, wordings: Wordings) -> None:
        self._questionnaire = questionnaire
        self._plain = plain = wordings.plain
        self._scale: Scale | None = wordings.scales.get(questionnaire.answered_in or "")
        self._unsettling = frozenset(word for words in plain.unsettling for word in words.split("|"))
        self._names = {word for one in questionnaire.items for name in one.called for word in name.split()}
        self._books = {number: self._book(number) for number in range(len(questionnaire.items) + 1)}
        self._speller = self._make_speller(wordings)
        self._commands = CommandReader(
            questionnaire, wordings, read_answer=lambda text: self._answer(self._speller.read(text), 0)
        )

    def read(self, text: str, item: int) -> Understood:
        """What `text` is, where `item` (from 1) was asked."""
        message = self._speller.read(text)
        row = self._row(message)
        if row is not None:
            return row
        return self._commands.read(message) or self._answer(message, item)

    def _row(self, message: Message) -> Understood | None:
        """A message of nothing but numbers."""
        plain = message.plain.strip(" .")
        if not _ROW.fullmatch(plain):
            return None
        numbers = re.findall(r"\d+", plain)
        count = len(self._questionnaire.items)
        if len(numbers) == 1 and len(plain) == count and count > 3:
            numbers = list(plain)
        if len(numbers) == 1 or (len(numbers) == 2 and re.search(r"[./|-]", plain)):
            return None
        values = [option.value for option in self._questionnaire.options]
        given = tuple(int(number) for number in numbers)
        if any(value not in values for value in given):
            return Understood(Reading.OUT_OF_RANGE)
        return Understood(Reading.ROW, values=given) if len(given) == count else Understood(Reading.SEVERAL)

    def _answer(self, message: Message, item: int) -> Understood:
        letter = _LETTER.fullmatch(message.plain)
        if letter and not message.is_question:
            return self._lettered(letter[1])
        is_question = message.is_question or (bool(message.words) and message.words[0] in self._plain.question_words)
        if is_question:
            return Understood(Reading.OTHER, is_question=True)
        clauses = [self._books[item].pieces(clause) for clause in message.clauses]
        first = _LETTER.fullmatch(" ".join(message.clauses[0])) if len(clauses) > 1 else None
        if first:
            # "b - several days": both must say the same.
            rest = self._judge(message, clauses[1:], item)
            return rest if rest == self._lettered(first[1]) else _OTHER
        return self._judge(message, clauses, item)

    def _lettered(self, letter: str) -> Understood:
        options, place = self._questionnaire.options, ord(letter) - ord("a")
        return Understood(Reading.ANSWER, options[place].value) if place < len(options) else _OTHER

    def _judge(self, message: Message, clauses: list[list[Piece]], item: int) -> Understood:
        pieces = [piece for clause in clauses for piece in clause]
        claims = [piece for piece in pieces if piece.sort in CLAIMS]
        values = {claim.value for claim in claims}
        sorts = {piece.sort for piece in pieces}
        if Sort.BETWEEN in sorts or len(values) > 1:
            return self._two(message, pieces)
        if Sort.OTHER_NUMBER in sorts:
            alone = sorts <= {Sort.OTHER_NUMBER, Sort.WRAPPING, Sort.OPENER, Sort.FILLER, Sort.POLITE}
            return Understood(Reading.OUT_OF_RANGE) if alone and not claims else _OTHER
        if not values:
            return _OTHER
        value = values.pop()
        numbers = [claim for claim in claims if claim.sort is Sort.NUMBER]
        if len(numbers) > 1:
            return self._two(message, pieces)
        if value is None or not self._is_plain(message, clauses, value, item):
            return _OTHER
        return Understood(Reading.ANSWER, value, is_beside_a_story=Sort.UNKNOWN in sorts)

    def _two(self, message: Message, pieces: list[Piece]) -> Understood:
        unknown = {piece.words[0] for piece in pieces if piece.sort is Sort.UNKNOWN}
        if unknown - self._names - set(self._plain.either):
            return _OTHER
        is_either = any(word in self._plain.either for word in message.words)
        vague = any(piece.sort is Sort.BETWEEN for piece in pieces)
        return Understood(Reading.BETWEEN if is_either or vague else Reading.SEVERAL)

    def _is_plain(self, message: Message, clauses: list[list[Piece]], value: int, item: int) -> bool:
        """Whether this one value may be taken, given everything else that was said."""
        lowest = self._questionnaire.options[0].value
        tells = bool(item) and self._questionnaire.item(item).escalate_from is not None
        claims = [piece for clause in clauses for piece in clause if piece.sort in CLAIMS]
        is_number = any(claim.sort is Sort.NUMBER for claim in claims)
        if tells and value == lowest and any(claim.sort is Sort.SOFT for claim in claims):
            return False
        said_yes = any(word in self._plain.affirmations for word in message.words)
        if value == lowest and said_yes and not is_number:
            return False
        if message.words[0] in self._plain.not_first:
            return False
        understood = [clause for clause in clauses if all(piece.sort is not Sort.UNKNOWN for piece in clause)]
        if not all(self._holds(clause, value, lowest) for clause in clauses):
            return False
        if len(understood) == len(clauses):
            return True
        if tells and value == lowest:
            return False
        return self._beside_a_story(message, clauses, value)

    @staticmethod
    def _holds(clause: list[Piece], value: int, lowest: int) -> bool:
        """Whether nothing in the clause could turn its own claim round."""
        sorts = {piece.sort for piece in clause}
        if not sorts & CLAIMS:
            return True
        if Sort.BARE in sorts and not sorts <= {
            Sort.BARE,
            Sort.SOFT,
            Sort.WRAPPING,
            Sort.OPENER,
            Sort.SAID,
            Sort.NUMBER,
        }:
            return False
        if Sort.SOFT in sorts and not sorts <= {Sort.SOFT, Sort.BARE, Sort.WRAPPING, Sort.OPENER}:
            return False
        # "Sleep every day": beside the bare name of what is asked about, words may mean that all is well.
        if Sort.NAME in sorts and sorts & CLAIMS != {Sort.NUMBER}:
            return False
        # "No energy", "not at all able to concentrate": beside a complaint, the lowest answer may mean the highest.
        return not (value == lowest and sorts & {Sort.MENTION, Sort.NAME})

    def _beside_a_story(self, message: Message, clauses: list[list[Piece]], value: int) -> bool:
        """A plain answer as the first clause, or a number as the last, with few and harmless words beside it."""
        if len(message.words) > MOST_WORDS:
            return False
        lowest = self._questionnaire.options[0].value
        for ours, wanted in ((0, {Sort.NUMBER, Sort.SAID}), (len(clauses) - 1, {Sort.NUMBER})):
            sorts = {piece.sort for piece in clauses[ours]}
            strong = bool(sorts & wanted) and Sort.UNKNOWN not in sorts
            others = [clause for number, clause in enumerate(clauses) if number != ours]
            # "No problem, I ...": the lowest answer in words is said of many things.
            if value == lowest and Sort.NUMBER not in sorts:
                continue
            if strong and all(self._is_harmless(clause) for clause in others):
                return True
        return False

    def _is_harmless(self, clause: list[Piece]) -> bool:
        # "That one" is no number.
        words = [word for piece in clause if piece.sort is not Sort.FILLER for word in piece.words]
        if any(piece.sort in CLAIMS for piece in clause) and any(piece.sort is Sort.UNKNOWN for piece in clause):
            return False
        if all(piece.sort is not Sort.UNKNOWN for piece in clause):
            return True
        return len(words) <= _MOST_WORDS_BESIDE and not any(w in self._unsettling or w.isdigit() for w in words)

    def _book(self, number: int) -> Phrasebook:
        item = self._questionnaire.item(number) if number else None
        return Phrasebook.of(self._questionnaire, item, self._plain, self._scale)

    def _make_speller(self, wordings: Wordings) -> Speller:
        plain, scale = self._plain, self._scale
        matters = [option.label.lower() for option in self._questionnaire.options]
        if scale is not None:
            matters += [source for way in scale.options for source in (*way.said, *way.bare, *way.soft)]
        known = [
            *plain.openers,
            *plain.closers,
            *plain.fillers,
            *plain.frames,
            *plain.command_openers,
            *plain.complaints,
            *plain.unsettling,
        ]
        known += [source for one in wordings.commands for source in one.patterns] + matters
        for one in self._questionnaire.items:
            known += [*one.called, *one.said_as]
        return Speller(
            numbers=plain.numbers,
            spelling=plain.spelling,
            known=words_of(known) | set(plain.real_words),
            corrected_to=words_of(matters),
        )


_OTHER = Understood(Reading.OTHER)
