"""Which language a message is written in, if it is surely not English."""

from __future__ import annotations

import re
from functools import cached_property

import structlog
from lingua import Language, LanguageDetector, LanguageDetectorBuilder

from clinic.languages.crisis_words import CrisisWords

logger = structlog.get_logger(__name__)

# The languages told apart: those that have a text of their own, others often spoken in the UK, and some that the
# first would be confused with.
_LANGUAGES_LIST = """
ALBANIAN ARABIC BENGALI BULGARIAN CHINESE CZECH DUTCH ENGLISH FRENCH GERMAN GREEK GUJARATI HINDI HUNGARIAN
ITALIAN JAPANESE KOREAN LATVIAN LITHUANIAN PERSIAN POLISH PORTUGUESE PUNJABI ROMANIAN RUSSIAN SLOVAK SOMALI
SPANISH TAGALOG TAMIL THAI TURKISH UKRAINIAN URDU VIETNAMESE WELSH
"""
_LANGUAGES = frozenset(_LANGUAGES_LIST.split())
# "Not sure" stays English: below these nothing is said to be another language.
_SURE = 0.5
_NOT_ENGLISH = 0.05
_FEWEST_WORDS = 3
_FEWEST_LETTERS = 10
# Letters of another alphabet say it by themselves, in a single word already.
_FEWEST_OTHER_LETTERS = 2
_LONGEST_LOOKED_AT = 600
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
# So common in English, and so rare elsewhere, that a message with a third of them is English whatever else it says.
_ENGLISH_LIST = """
about always and any are be because been but can can't cant come could did didnt doesnt don't dont each every
feel feeling for from get going has have havent he help her him his how i i'm id if ill im is isnt it it's its
ive just know like look made make may me much my never not now of people really said session sessions she
still talk tell that that's thats the their them then therapist therapy there these they think this to too
want was wasnt we week were what whats when which who why will with wont would you your
"""
_ENGLISH = frozenset(_ENGLISH_LIST.split())


class Languages:
    """Detects with lingua. Loading takes a moment and some memory, so it happens with the first message."""

    def __init__(self, crisis_words: CrisisWords) -> None:
        self._crisis_words = crisis_words

    def of(self, text: str) -> str | None:
        """The ISO 639-1 code of the language of a message; None for English and for whatever is not sure.

        A detector that fails says None: the message is then dealt with as English, and it has been screened before.
        """
        try:
            code = self.other_than_english(text)
        except Exception as error:  # failing open is the point: a language that is not told apart loses nothing
            logger.error("language_not_detected", error=type(error).__name__)
            code = None
        if code is None:
            found = self._crisis_words.find(text)
            code = found.language if found is not None else None
        return code

    @cached_property
    def _detector(self) -> LanguageDetector:
        known = [language for language in Language.all() if language.name in _LANGUAGES]
        return LanguageDetectorBuilder.from_languages(*known).build()

    def other_than_english(self, text: str) -> str | None:
        """The code that the letters and words give; None for English and for whatever is not sure."""
        looked_at = text[:_LONGEST_LOOKED_AT]
        words = [word.lower().replace("\u2019", "'") for word in _WORD.findall(looked_at)]
        letters = "".join(words)
        others = sum(not _is_latin(letter) for letter in letters)
        if others >= _FEWEST_OTHER_LETTERS and others * 2 > len(letters):
            return self._likeliest(looked_at, sure=0.0) or "und"
        if len(words) < _FEWEST_WORDS or len(letters) < _FEWEST_LETTERS:
            return None
        if sum(word in _ENGLISH for word in words) * 3 >= len(words):
            return None
        return self._likeliest(looked_at, sure=_SURE)

    def _likeliest(self, text: str, *, sure: float) -> str | None:
        values = self._detector.compute_language_confidence_values(text)
        chances = {value.language: value.value for value in values}
        first = values[0].language
        if first == Language.ENGLISH or chances[first] < sure or (sure and chances[Language.ENGLISH] > _NOT_ENGLISH):
            return None
        return str(first.iso_code_639_1.name).lower()


def _is_latin(letter: str) -> bool:
    # Latin with its marks ends at U+024F; Vietnamese and Yoruba use U+1E00-1EFF.
    return letter < "\u0250" or "\u1e00" <= letter <= "\u1eff" or "\u0300" <= letter <= "\u036f"
