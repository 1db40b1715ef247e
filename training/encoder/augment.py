"""Variants of a message as tired thumbs and other registers would have written it: the label stays what it was."""

from __future__ import annotations

import random

_NEIGHBOURS = {
    "a": "qsz", "b": "vgn", "c": "xvd", "d": "sfec", "e": "wrd", "f": "dgrc", "g": "fhtv", "h": "gjyb", "i": "uok",
    "j": "hkun", "k": "jlim", "l": "kop", "m": "njk", "n": "bmhj", "o": "ipl", "p": "ol", "q": "wa", "r": "etf",
    "s": "adwx", "t": "ryg", "u": "yij", "v": "cbf", "w": "qes", "x": "zcs", "y": "tuh", "z": "xas",
}  # fmt: skip
_TEXT_SPEAK = {
    "you": "u", "your": "ur", "are": "r", "why": "y", "because": "cos", "to": "2", "for": "4", "please": "pls",
    "really": "rly", "don't": "dont", "know": "kno", "about": "bout", "with": "w", "and": "n", "what": "wat",
    "something": "smth", "someone": "sum1", "be": "b", "see": "c", "tomorrow": "2moro", "tonight": "2nite",
    "going": "goin", "therapist": "therpist", "therapy": "therapy", "people": "ppl", "right": "rite", "though": "tho",
    "through": "thru", "want to": "wanna", "have": "hav", "just": "jus", "never": "neva", "feel": "feal", "i'm": "im",
}  # fmt: skip


def vary(text: str, chance: random.Random) -> str:
    """Returns the text with typos, text-speak, dropped words or without punctuation, each now and then."""
    if chance.random() < 0.15:
        text = " ".join(_TEXT_SPEAK.get(word, word) if chance.random() < 0.6 else word for word in text.split())
    if chance.random() < 0.15:
        text = "".join(letter for letter in text if letter not in ".,!?'\";:")
    if chance.random() < 0.25:
        text = " ".join(_mistyped(word, chance) if chance.random() < 0.12 else word for word in text.split())
    if chance.random() < 0.15:
        words = [word for word in text.split() if chance.random() > 0.08]
        text = " ".join(words) or text
    return text


def _mistyped(word: str, chance: random.Random) -> str:
    if len(word) < 4:
        return word
    at = chance.randrange(1, len(word) - 1)
    match chance.randrange(4):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 2:
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + chance.choice(_NEIGHBOURS.get(word[at], word[at])) + word[at + 1 :]
