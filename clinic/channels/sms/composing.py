"""A message of the conversation as text messages: plain words, numbered choices, parts that fit.

The same message always makes the same parts: what "2" means, and what MORE brings, follows from what was sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import smsutil  # type: ignore[import-untyped]

from clinic.channels.sms.texts import SmsTexts

# Three parts of a text message; an answer from the leaflet never costs more at once.
MOST_SEGMENTS = 3
# What must be read whole, or is a person's own words, goes out at once however long it is.
_WHOLE = frozenset({"crisis", "human", "staff"})
# Of one text message: Twilio takes 1,600 characters.
_LONGEST = 1500
_MORE = "tell me more"
# Print and phone keyboards have signs that GSM-7 has not; one of them would double the cost of the whole message.
_PLAIN = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u2022": "-",
        "\u00a0": " ",
        "\u202f": " ",
        "`": "'",
        "\t": " ",
    }
)
# "7 of 9: Trouble ..." becomes "7 Trouble ...": with it, that question would cost a second text message.
_COUNTED = re.compile(r"^(\d+) of \d+: ", re.MULTILINE)
_NUMBERED_ITSELF = re.compile(r"(\d+) - ")


@dataclass(frozen=True)
class Choice:
    """One choice as it was shown: its number, its label, and what choosing it says."""

    number: int
    label: str
    text: str


@dataclass(frozen=True)
class Part:
    """One text message. `choices` are those that it shows; `says_more` where MORE asks for more of the same topic."""

    text: str
    choices: tuple[Choice, ...] = ()
    says_more: bool = False

    @property
    def segments(self) -> int:
        """What it costs, in parts of 153 characters (or 160 alone; 67 and 70 outside GSM-7)."""
        return len(smsutil.split(self.text).parts)


def plain(text: str) -> str:
    """The text in GSM-7 as far as that goes without loss of meaning: accents go before the message doubles in cost."""
    text = text.translate(_PLAIN)
    if smsutil.is_valid_gsm(text):
        return text
    return "".join(sign if smsutil.is_valid_gsm(sign) else _without_accents(sign) for sign in text)


def compose(
    *, kind: str, text: str, details: Mapping[str, Any], is_unasked: bool, texts: SmsTexts
) -> tuple[list[Part], int]:
    """The text messages that say a message, and how many of them go out at once; the others follow on MORE."""
    body = plain(_COUNTED.sub(r"\1 ", text) if details.get("item") else text)
    if is_unasked and (kind == "staff" or texts.is_clinical(body.split("\n", 1)[0])):
        body = f"{texts.unasked}\n\n{body}"
    replies = [(plain(reply["label"]), reply["text"]) for reply in details.get("quick_replies") or []]
    if kind in _WHOLE:
        parts = _whole(body, replies, texts)
        return parts, len(parts)
    says_more = any(text == _MORE for _, text in replies)
    replies = [reply for reply in replies if reply[1] != _MORE]
    lines, choices = _choices(replies, texts)
    tail = f"\n\n{texts.more}" if says_more else ""
    whole = Part(body + lines + tail, choices, says_more)
    if whole.segments <= MOST_SEGMENTS:
        return [whole], 1
    # More of the same brings the next choices with it; without it, the choices themselves are the rest.
    return _split(body, tail if says_more else lines, () if says_more else choices, says_more, texts), 1


def _whole(body: str, replies: Sequence[tuple[str, str]], texts: SmsTexts) -> list[Part]:
    lines, choices = _choices(replies, texts)
    pieces = list(_pieces(body, lambda piece: len(piece) <= _LONGEST))
    parts = [Part(piece) for piece in pieces[:-1]]
    last = pieces[-1] + lines
    if len(last) <= _LONGEST:
        return [*parts, Part(last, choices)]
    return [*parts, Part(pieces[-1]), Part(lines.strip(), choices)]


def _choices(replies: Sequence[tuple[str, str]], texts: SmsTexts) -> tuple[str, tuple[Choice, ...]]:
    """The lines that show the choices, and the choices; answers that carry numbers of their own keep them."""
    if not replies:
        return "", ()
    if all(_NUMBERED_ITSELF.match(label) for label, _ in replies):
        return "\n" + "\n".join(_NUMBERED_ITSELF.sub(r"\1 ", label) for label, _ in replies), ()
    choices = tuple(Choice(number, label, text) for number, (label, text) in enumerate(replies, start=1))
    shown = "\n".join(f"{choice.number} {choice.label}" for choice in choices)
    return f"\n\n{texts.choices}\n{shown}", choices


def _split(body: str, end: str, choices: tuple[Choice, ...], says_more: bool, texts: SmsTexts) -> list[Part]:
    """Parts of at most MOST_SEGMENTS; all but the last say how to get the rest."""
    go_on = f"\n\n{texts.rest}"
    pieces = list(_pieces(body, lambda piece: Part(piece + go_on).segments <= MOST_SEGMENTS))
    last = Part(pieces[-1] + end, choices, says_more)
    if last.segments <= MOST_SEGMENTS:
        return [*(Part(piece + go_on) for piece in pieces[:-1]), last]
    return [*(Part(piece + go_on) for piece in pieces), Part(end.strip(), choices, says_more)]


def _pieces(text: str, fits: Any) -> Any:
    """Cuts at a paragraph, else at a sentence, else at a word, else anywhere."""
    rest = text
    while not fits(rest):
        cut = next((at for pattern in (r"\n\n", r"[.!?:]\s", r"\s") if (at := _last_cut(rest, pattern, fits))), 0)
        if not cut:
            cut = next(at for at in range(len(rest) - 1, 0, -1) if fits(rest[:at]))
        yield rest[:cut].strip()
        rest = rest[cut:].strip()
    yield rest


def _last_cut(text: str, pattern: str, fits: Any) -> int:
    """The end of the last match up to which the text fits and is not almost nothing; 0 where there is none."""
    ends = [match.end() for match in re.finditer(pattern, text)]
    return next((end for end in reversed(ends) if end > 40 and fits(text[:end].strip())), 0)


def _without_accents(sign: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(c))
    return bare if bare and smsutil.is_valid_gsm(bare) else sign
