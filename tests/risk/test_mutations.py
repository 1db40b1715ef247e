"""However an explicit sentence is typed, the rules alone still see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from risk import Detector

SENTENCES = [
    "i want to kill myself",
    "i dont want to be here anymore",
    "id be better off dead",
    "i took all my tablets an hour ago",
    "going to end it tonight",
    "everyone would be better off without me",
    "i have written a suicide note",
    "i cut myself again last night",
    "the voices tell me to kill myself",
    "my husband hits me",
    "i am scared i will hurt the baby",
    "i am suicidal",
    "no i am suicidal",
    "there is no hope left for me",
    "he said he will kill me",
]


def leet(text: str) -> str:
    return " ".join(
        word.translate(str.maketrans("eiao", "31@0")) if word.isalpha() and len(word) > 2 else word
        for word in text.split()
    )


def last_word_spaced(text: str) -> str:
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
    "digits for letters": leet,
    "emoji round it": lambda text: f"😭😭 {text} 💔",
    "emoji between": lambda text: text.replace(" ", " 😭 "),
    "a knife at the end": lambda text: f"{text} 🔪",
    "last word spaced out": last_word_spaced,
    "all of it spaced out": lambda text: "   ".join(" ".join(word) for word in text.split()),
    "trailing signs": lambda text: f"{text}!!!???",
    "a command before it": lambda text: f"/restart {text}",
    "markup round it": lambda text: f"<b>{text}</b><script>x</script>",
    "after a long story": lambda text: "we went to the shops and then home on the bus. " * 80 + text,
    "before a long story": lambda text: f"{text}. " + "we went to the shops and then home on the bus. " * 80,
}


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutations_keep_the_flag(rules_alone: Detector, mutation: str, sentence: str) -> None:
    assert rules_alone.screen(MUTATIONS[mutation](sentence)).flagged


@pytest.mark.parametrize("sentence", SENTENCES)
def test_mutations_split_over_three_messages_keep_the_flag(rules_alone: Detector, sentence: str) -> None:
    words = sentence.split()
    third = max(1, len(words) // 3)
    bubbles = [" ".join(words[:third]), " ".join(words[third : 2 * third]), " ".join(words[2 * third :])]
    verdicts = [
        rules_alone.screen(bubble, previous=["hi", "are you there", *bubbles[:at]]) for at, bubble in enumerate(bubbles)
    ]
    assert any(verdict.flagged for verdict in verdicts)
