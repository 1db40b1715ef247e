"""What stands round a match: denied, over, supposed, about somebody else, or happening now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import FrozenSet, Mapping, Sequence, Tuple

from spacy.vocab import Vocab

from risk.data_file import check_keys, read
from risk.language.words import BOUNDARY
from risk.rules.loader import Rule, compile_patterns
from risk.rules.matching import Found, PatternMatcher
from risk.verdict import Respond, one_step_slower

CUES = (
    "negation",
    "negation_carries",
    "new_clause",
    "negation_not_meant",
    "past",
    "past_not_meant",
    "hypothetical",
    "hypothetical_slows",
    "other_person",
    "own_person",
    "imminent",
    "imminent_not_meant",
    "procedure_question",
)
# How far before a match, in words, a cue still speaks of it.
_NEGATION_REACH = 5
_PERSON_REACH = 4
_SENTENCE_REACH = 15
# Categories whose danger does not wait when words such as "tonight" stand beside it.
_HASTENED = frozenset(
    {
        "plan_or_intent",
        "suicidal_ideation_active",
        "farewell_or_burden",
        "self_harm",
        "harm_to_others",
        "abuse_or_danger_from_others",
        "child_at_risk",
    }
)


@dataclass(frozen=True)
class InContext:
    """A rule's match with what its surroundings say.

    Attributes:
        category: the rule's, but for an attempt that is over or denied: that one is not in progress.
        respond: the rule's speed, hastened or slowed by one step.
        is_slowed: something round it says that it can wait a step longer.
        tags: what was noticed.
        denied: the writer denies it of themselves.
    """

    rule: Rule
    first: int
    last: int
    category: str
    respond: Respond
    is_slowed: bool
    tags: FrozenSet[str]
    denied: bool


class ContextReader:
    """Finds the cues of a message and weighs them for each match."""

    def __init__(self, path: Path, *, word_sets: Mapping[str, FrozenSet[str]], vocab: Vocab) -> None:
        data = read(path)
        check_keys(data, path, required=CUES)
        patterns = [(cue, compile_patterns(data[cue], path, word_sets)) for cue in CUES]
        self._matcher = PatternMatcher(
            ((cue, pattern) for cue, several in patterns for pattern in several), vocab=vocab
        )
        self.words = frozenset().union(*(pattern.words for _, several in patterns for pattern in several))

    def cues(self, words: Sequence[str]) -> Cues:
        return Cues(words, self._matcher.find(words))


class Cues:
    """The cues of one message."""

    def __init__(self, words: Sequence[str], found: Sequence[Found[str]]) -> None:
        self._words = words
        self._found = {cue: [one for one in found if one.key == cue] for cue in CUES}
        for cue in ("negation", "imminent"):
            broken = self._found[f"{cue}_not_meant"]
            self._found[cue] = [one for one in self._found[cue] if not any(_overlap(one, other) for other in broken)]

    @property
    def is_procedure_question(self) -> bool:
        """The message asks what is done when somebody speaks of risk."""
        return bool(self._found["procedure_question"])

    def of(self, rule: Rule, found: Found[Rule]) -> InContext:
        """Weighs what stands round one match of `rule`."""
        start, end = self._sentence(found.first, found.last)
        tags = set()
        slows = False
        denied = not found.pattern.negates and self._negated(start, found)
        if denied:
            tags.add("negation")
            slows = True
        if self._within("past", start, end):
            tags.add("past")
            slows = slows or not self._within("past_not_meant", start, end)
        if self._within("hypothetical", start, found.first):
            tags.add("hypothetical")
            slows = slows or self._within("hypothetical_slows", start, found.first)
        if rule.about == "self" and self._about_other(start, found):
            tags.add("other_person")
            slows = True
        category, respond, slowed = rule.category, rule.respond, False
        imminent = self._within("imminent", start, end)
        if imminent:
            tags.add("imminent")
        if category == "attempt_in_progress":
            if slows and not tags.isdisjoint(("negation", "past")) and not (imminent and not denied):
                # It is over, or never was: nothing is in progress, and that is the one step.
                category, respond, slowed = "suicidal_ideation_active", one_step_slower(respond), True
        elif imminent and not denied and category in _HASTENED:
            respond = "now"
        elif slows:
            respond, slowed = one_step_slower(respond), True
        return InContext(rule, found.first, found.last, category, respond, slowed, frozenset(tags), denied)

    def _negated(self, start: int, found: Found[Rule]) -> bool:
        reach = max(start, found.first - _NEGATION_REACH)
        return any(
            one.first >= reach and one.last <= found.last and not self._clause_between(one.last, found)
            for one in self._found["negation"]
        )

    def _clause_between(self, negation_end: int, found: Found[Rule]) -> bool:
        # The match's own first word counts: "i am not ok | i want to die".
        begins_anew = self._within("new_clause", negation_end, found.first + 1)
        return begins_anew and not self._within("negation_carries", negation_end, found.first)

    def _about_other(self, start: int, found: Found[Rule]) -> bool:
        reach = max(start, found.first - _PERSON_REACH)
        others = [one.last for one in self._found["other_person"] if one.first >= reach and one.last <= found.last]
        if not others:
            return False
        return not any(one.first >= max(others) and one.first < found.last for one in self._found["own_person"])

    def _within(self, cue: str, start: int, end: int) -> bool:
        return any(one.first >= start and one.last <= end for one in self._found[cue])

    def _sentence(self, first: int, last: int) -> Tuple[int, int]:
        """Returns the words round a match up to the ends of its sentence, or `_SENTENCE_REACH` where there are none."""
        earliest, latest = max(0, first - _SENTENCE_REACH), min(len(self._words), last + _SENTENCE_REACH)
        start = next((at + 1 for at in range(first - 1, earliest - 1, -1) if self._words[at] == BOUNDARY), earliest)
        end = next((at for at in range(last, latest) if self._words[at] == BOUNDARY), latest)
        return start, end


def _overlap(one: Found[str], other: Found[str]) -> bool:
    return one.first < other.last and other.first < one.last
