"""The same message typed in other ways: what is found must stay found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evaluation.intervals import Share
from evaluation.nlu.report import table
from evaluation.risk.judging import Judged
from risk.detector import Detector

# A long story takes 50 ms and more to read: every fifth message is enough there.
_LONG = ("after a long story", "before a long story")


def _leet(text: str) -> str:
    return " ".join(
        word.translate(str.maketrans("eiao", "31@0")) if word.isalpha() and len(word) > 2 else word
        for word in text.split()
    )


def _last_word_spaced(text: str) -> str:
    *before, last = text.split()
    return " ".join([*before, " ".join(last)])


MUTATIONS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "every other capital": lambda text: "".join(c.upper() if i % 2 else c for i, c in enumerate(text)),
    "two blanks": lambda text: text.replace(" ", "  "),
    "line breaks": lambda text: text.replace(" ", "\n"),
    "no-break blanks": lambda text: text.replace(" ", "\u00a0"),
    "dots for blanks": lambda text: text.replace(" ", "."),
    "pauses": lambda text: text.replace(" ", "... ", 2),
    "vowels held": lambda text: "".join(c * 4 if c in "aeiu" and i % 3 == 0 else c for i, c in enumerate(text)),
    "last letter held": lambda text: text + text[-1] * 5,
    "curly apostrophes": lambda text: text.replace("dont", "don\u2019t").replace("id be", "I\u2019d be"),
    "zero-width blanks": lambda text: "\u200b".join(text),
    "soft hyphens": lambda text: "\u00ad".join(text),
    "struck through": lambda text: "".join(c + "\u0336" for c in text),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in text),
    "look-alikes": lambda text: text.translate(str.maketrans("aeiop", "аеіор")),
    "digits for letters": _leet,
    "emoji round it": lambda text: f"😭😭 {text} 💔",
    "emoji between": lambda text: text.replace(" ", " 😭 "),
    "a knife at the end": lambda text: f"{text} 🔪",
    "last word spaced out": _last_word_spaced,
    "all of it spaced out": lambda text: "   ".join(" ".join(word) for word in text.split()),
    "trailing signs": lambda text: f"{text}!!!???",
    "a command before it": lambda text: f"/restart {text}",
    "markup round it": lambda text: f"<b>{text}</b><script>x</script>",
    "after a long story": lambda text: "we went to the shops and then home on the bus. " * 80 + text,
    "before a long story": lambda text: f"{text}. " + "we went to the shops and then home on the bus. " * 80,
}


def typed_badly(text: str) -> str:
    """Two neighbouring letters swapped inside every third word of five letters and more."""
    words = text.split()
    for at in range(0, len(words), 3):
        if len(words[at]) >= 5:
            words[at] = words[at][:2] + words[at][3] + words[at][2] + words[at][4:]
    return " ".join(words)


def in_three(text: str) -> list[str]:
    """The message as three, one after the other."""
    words = text.split()
    third = max(1, len(words) // 3)
    return [" ".join(words[:third]), " ".join(words[third : 2 * third]), " ".join(words[2 * third :])]


def kept(detector: Detector, judged: Sequence[Judged]) -> list[str]:
    """Of the risky messages that are flagged as they are, the share still flagged, a row for each way of typing."""
    found = [one.row.text for one in judged if one.is_risky and one.verdict.flagged and len(one.row.bubbles) == 1]
    ways: dict[str, Callable[[str], str]] = {**MUTATIONS, "letters swapped": typed_badly}
    rows: list[list[object]] = []
    for name, change in ways.items():
        texts = found[::5] if name in _LONG else found
        rows.append([name, Share(sum(detector.screen(change(text)).flagged for text in texts), len(texts))])
    rows.append(["split over three messages", Share(sum(_any_flagged(detector, text) for text in found), len(found))])
    return table(["typed", "still flagged (95 %)"], rows)


def _any_flagged(detector: Detector, text: str) -> bool:
    bubbles = in_three(text)
    return any(detector.screen(bubble, previous=bubbles[:at]).flagged for at, bubble in enumerate(bubbles))
