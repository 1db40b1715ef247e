"""The detector: rules and classifier over what a person really typed. Flagged if either says so."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import List, Optional, Sequence, Set, Tuple

import spacy

from risk.classifier.model import FOLDER as MODEL
from risk.classifier.model import Classifier, Encoder, Opinion
from risk.language.lexicon import FOLDER as LEXICON
from risk.language.lexicon import load_lexicon
from risk.language.normaliser import Normaliser
from risk.language.windows import windows
from risk.language.words import Reading
from risk.rules.context import ContextReader, InContext
from risk.rules.loader import FOLDER as RULES
from risk.rules.loader import RuleBook, load_rules
from risk.rules.screen import ReadingMatches, RuleScreen
from risk.verdict import CATEGORIES, Respond, Verdict, one_step_slower, soonest

logger = logging.getLogger(__name__)

# Ten times what the chat accepts. What is longer cannot be read in the time a reply may take.
_LONGEST = 40_000
# How much of the messages before counts: enough to see a sentence that was split over bubbles.
_PREVIOUS_MESSAGES = 3
_PREVIOUS_CHARACTERS = 400
_JOINED_WORDS = 30
_MOST_PHRASES = 8
# What a rule matched: the person's own words, and the match in its surroundings.
_Match = Tuple[str, InContext]
# In a message of at most so many words, what stands round the rules' matches is taken to speak of all of it.
_SHORT = 40


class Detector:
    """Says whether a human should look at a message, and how soon. Thread-safe; keeps nothing of what it reads."""

    def __init__(
        self, rulebook: RuleBook, normaliser: Normaliser, screen: RuleScreen, classifier: Optional[Classifier]
    ) -> None:
        self._respond = rulebook.respond
        self._normaliser = normaliser
        self._rules = screen
        self._classifier = classifier

    @classmethod
    def load(
        cls,
        *,
        rules: Optional[Path] = None,
        model: Optional[Path] = None,
        rules_only: bool = False,
        encoder: Optional[Encoder] = None,
    ) -> Detector:
        """Reads rules, lexicon and model; takes about a second.

        Args:
            rules: folder of rule files; the project's own by default.
            model: folder of the trained classifier; models/risk by default.
            rules_only: work without a classifier. Finds explicit wording only: for tests and for work on rules.
            encoder: a sentence encoder already loaded; the project's own by default.

        Raises:
            DataError: a rule or word list is wrong; names file, line and cure.
            ModelMissing: the classifier or its encoder is not there, or they do not belong together; names the cure.
        """
        lexicon = load_lexicon()
        rulebook = load_rules(rules or RULES, word_sets=lexicon.word_sets)
        vocab = spacy.blank("en").vocab
        context = ContextReader(LEXICON / "context.yml", word_sets=lexicon.word_sets, vocab=vocab)
        normaliser = Normaliser(lexicon, vocabulary=rulebook.words | context.words)
        classifier = None if rules_only else Classifier.load(model or MODEL, encoder=encoder)
        return cls(rulebook, normaliser, RuleScreen(rulebook, context, vocab=vocab), classifier)

    def screen(self, text: str, *, previous: Sequence[str] = ()) -> Verdict:
        """Returns the verdict on one message.

        Args:
            text: what the person wrote, raw and whole.
            previous: the person's last few messages, oldest first. They are read together with `text`, so that a
                sentence split over several is seen; what an earlier message said by itself is not flagged again.

        Raises:
            TypeError: `text` is no string. Nothing else: a failure inside counts as a concern (tag `detector_failed`).
        """
        if not isinstance(text, str):
            raise TypeError("text must be a string")
        try:
            return self._screen(text, previous)
        except Exception as error:  # failing open is the idea: what cannot be screened is a concern
            # The error's own message could hold the patient's words.
            logger.error("screening failed: %s", type(error).__name__)
            return Verdict.concern(type(error).__name__)

    def rule_matches(self, text: str) -> Tuple[bool, bool]:
        """Returns whether a rule that stands alone matches, and whether any rule does: what training needs."""
        found = [match for reading in self._normaliser.readings(text) for match in self._rules.screen(reading).matches]
        return any(match.rule.stands_alone for match in found), bool(found)

    def normalise(self, text: str) -> str:
        """Returns `text` as the classifier reads it: what training needs."""
        return self._normaliser.readings(text)[0].for_classifier()

    def windows(self, text: str) -> List[str]:
        """Returns the windows in which the classifier reads `text`: what evaluation needs."""
        return self._windows(self._normaliser.readings(text)[0])

    def _screen(self, text: str, previous: Sequence[str]) -> Verdict:
        tags: Set[str] = set()
        if len(text) > _LONGEST:
            # Beginning and end are read; that the rest was not is a concern of its own.
            text = f"{text[: _LONGEST // 4]}\n{text[-_LONGEST // 2 :]}"
            tags.add("partly_read")
        readings = self._normaliser.readings(text)
        screened = [self._rules.screen(reading) for reading in readings]
        matches = [(one.reading.typed(match.first, match.last), match) for one in screened for match in one.matches]
        if self._is_procedure_question(screened):
            return Verdict(flagged=False, tags=("procedure_question",))
        opinion = self._opinion(self._windows(readings[0]))
        matches = self._agreed(matches, opinion)
        if previous:
            across, opinion_across = self._across(text, previous)
            if across or opinion_across:
                tags.add("across_messages")
            matches += across
            opinion = max(filter(None, (opinion, opinion_across)), key=lambda one: one.score, default=None)
        is_short = len(readings[0].words) <= _SHORT
        return self._verdict(matches, opinion, tags, is_short=is_short)

    @staticmethod
    def _windows(reading: Reading) -> List[str]:
        """Returns the windows that the classifier reads; where emoji stand among the words, also without them."""
        whole, plain = reading.for_classifier(), reading.for_classifier(with_emoji=False)
        return windows(whole) if plain in ("", whole) else [*windows(plain), *windows(whole)]

    def _opinion(self, texts: Sequence[str]) -> Optional[Opinion]:
        return self._classifier.opinion(texts) if self._classifier else None

    def _agreed(self, matches: Sequence[_Match], opinion: Optional[Opinion]) -> List[_Match]:
        """Leaves out what everyday talk says too, where the classifier finds the whole message clearly harmless."""
        if self._classifier is None or opinion is None or opinion.score >= self._classifier.agreement_threshold:
            return list(matches)
        return [match for match in matches if match[1].rule.stands_alone]

    def _across(self, text: str, previous: Sequence[str]) -> Tuple[List[_Match], Optional[Opinion]]:
        """Returns what only shows when `text` is read together with the messages before it."""
        before = _just_before(text, previous)
        if not before:
            return [], None
        whole = f"{before}\n{text[:_PREVIOUS_CHARACTERS]}"
        crossing: List[_Match] = []
        old: Set[str] = set()
        readings = self._normaliser.readings(whole)
        for reading in readings:
            for match in self._rules.screen(reading).matches:
                words = reading.words[match.first : match.last]
                start, end = reading.text.origin(words[0].start, words[-1].end)
                if end <= len(before):
                    old.add(match.rule.id)
                elif start < len(before):
                    crossing.append((" ".join(reading.typed(match.first, match.last).split()), match))
        matches = [(phrase, match) for phrase, match in crossing if match.rule.id not in old]
        if self._classifier is None or old:
            return matches, None
        together = self._classifier.opinion([readings[0].for_classifier()])
        matches = self._agreed(matches, together)
        if together.score < self._classifier.context_threshold:
            return matches, None
        alone = self._classifier.opinion([self._normaliser.readings(before)[0].for_classifier()])
        return matches, together if alone.score < self._classifier.threshold else None

    @staticmethod
    def _is_procedure_question(screened: Sequence[ReadingMatches]) -> bool:
        """A question about what the clinic does, in which the writer denies being in danger themselves."""
        return (
            any(one.matches for one in screened)
            and screened[0].cues.is_procedure_question
            and len(screened[0].reading.words) <= _SHORT
            and all(match.denied for one in screened for match in one.matches)
        )

    def _verdict(
        self, matches: Sequence[_Match], opinion: Optional[Opinion], tags: Set[str], *, is_short: bool
    ) -> Verdict:
        responds: List[Respond] = [match.respond for _, match in matches]
        categories = {match.category for _, match in matches}
        tags = tags.union(*(match.tags for _, match in matches))
        score = opinion.score if opinion else 0.0
        # The classifier reads neither negation nor tense: where the rules saw one, its call waits the same step longer.
        slows = bool(matches) and is_short and all(match.is_slowed for _, match in matches)
        if opinion and self._classifier and score >= self._classifier.threshold:
            categories.update(opinion.categories)
            speed: Respond = "now" if opinion.is_urgent else self._respond[opinion.categories[0]]
            responds.append(one_step_slower(speed) if slows else speed)
        if "partly_read" in tags:
            responds.append("next_working_day")
        if not responds:
            return Verdict(flagged=False, score=score, tags=tuple(sorted(tags)))
        return Verdict(
            flagged=True,
            respond=soonest(*responds),
            categories=tuple(category for category in CATEGORIES if category in categories),
            phrases=_distinct([phrase for phrase, _ in matches]),
            score=1.0 if matches else score,
            tags=tuple(sorted(tags)),
        )


def _just_before(text: str, previous: Sequence[str]) -> str:
    """Returns the last few messages, as many as make one short reading together with `text`: what somebody spreads over
    several messages is short, and a long message stands for itself."""
    room = _JOINED_WORDS - len(text.split())
    taken: List[str] = []
    for message in reversed(previous[-_PREVIOUS_MESSAGES:]):
        room -= len(message.split())
        if room < 0:
            break
        taken.append(message)
    return "\n".join(reversed(taken))[-_PREVIOUS_CHARACTERS:]


def _distinct(phrases: Sequence[str]) -> Tuple[str, ...]:
    """Leaves out repetitions and phrases that a longer one holds; keeps the order."""
    kept = [
        phrase
        for at, phrase in enumerate(phrases)
        if phrase not in phrases[:at] and not any(phrase != other and phrase in other for other in phrases)
    ]
    return tuple(kept[:_MOST_PHRASES])
