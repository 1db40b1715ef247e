"""From whatever characters a phone sends to plain lower-case ones, without losing where they stood."""

from __future__ import annotations

import re
import unicodedata
from typing import FrozenSet, Iterable, Iterator, Mapping, Match, Tuple

import emoji
import ftfy

from risk.language.traced import TracedText

# ftfy's own NFC is left out: compatibility characters are taken apart below, one by one, so that none loses its place.
_FTFY = ftfy.TextFixerConfig(normalization=None, fix_line_breaks=True, explain=False)
_QUOTES = dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035\u02bc\u02bb\u00b4\u0060\uff07", "'")
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
# Letters that are in truth blanks: Hangul fillers and the empty Braille cell.
_BLANKS = dict.fromkeys("\u115f\u1160\u3164\uffa0\u2800", " ")
_ODD = re.compile(r"[^ -~\n]|`")
_CAPITALS = re.compile(r"[A-Z]+")
_ANGLES = re.compile(r"[<>]")
_SQUARED_LETTERS = ((0x1F150, 0x1F169), (0x1F170, 0x1F189))


def plain(raw: str, *, look_alikes: Mapping[str, str], emoji_words: Mapping[str, str]) -> TracedText:
    """Returns `raw` in lower-case plain characters.

    Broken encodings are mended, ornaments and look-alikes become letters, control and zero-width characters go. An
    emoji becomes its name: as a word where rules know it (`knife`), in angle brackets (`<crying face>`) otherwise.
    """
    text = TracedText.of(raw)
    text = text.become(ftfy.fix_text(raw, config=_FTFY))
    text = text.replace(_ANGLES, " ")
    if not text.text.isascii():
        text = text.replace_spans(_emoji(text.text, emoji_words))

    def simple(found: Match[str]) -> str:
        return "".join(_simple(character, look_alikes) for character in found.group())

    return text.replace(_ODD, simple).replace(_CAPITALS, lambda found: found.group().lower())


def signs_named(names: Iterable[str]) -> FrozenSet[str]:
    """Returns the characters of the emoji that have one of these names."""
    wanted = frozenset(names)
    return frozenset(sign[0] for sign in emoji.EMOJI_DATA if _name(sign) in wanted)


def _name(sign: str) -> str:
    return emoji.demojize(sign, delimiters=("", "")).replace("_", " ").replace("-", " ").lower()


def _emoji(text: str, words: Mapping[str, str]) -> Iterator[Tuple[int, int, str]]:
    previous, end_of_previous = "", -1
    for found in emoji.emoji_list(text):
        start, end, sign = found["match_start"], found["match_end"], found["emoji"]
        if sign == previous and not text[end_of_previous:start].strip():
            yield start, end, " "  # forty crying faces say what one says
        else:
            name = _name(sign)
            yield start, end, f" {words[name]} " if name in words else f" <{name}> "
        previous, end_of_previous = sign, end


def _simple(character: str, look_alikes: Mapping[str, str]) -> str:
    for table in (_QUOTES, _DASHES, _BLANKS, look_alikes):
        if character in table:
            return table[character]
    if character in "\t\r\v\f\x85\u2028\u2029":
        return "\n" if character in "\r\u2028\u2029" else " "
    for first, last in _SQUARED_LETTERS:
        if first <= ord(character) <= last:
            return chr(ord("a") + ord(character) - first)
    simple = ""
    for part in unicodedata.normalize("NFKD", character):
        kind = unicodedata.category(part)
        if kind[0] in "CM":  # control, format, surrogate, private use, unassigned; accents and other marks
            continue
        if kind[0] == "Z":
            simple += " "
        elif kind[0] in "LN" or part.isascii():
            lower = part.lower()
            simple += look_alikes.get(lower, lower)
        else:
            simple += _DASHES.get(part, _QUOTES.get(part, " "))
    return simple
