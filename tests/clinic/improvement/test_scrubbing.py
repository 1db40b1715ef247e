"""What could tell who wrote a message is taken out of it; the turn of phrase stays."""

from __future__ import annotations

import pytest

from clinic.improvement.examples import CommonNames
from clinic.improvement.scrubbing import Scrubber

COMMON = CommonNames.load()
SCRUBBER = Scrubber(
    names=["Amira", "El Haddad", "Priya Nair"],
    phrases=["Riverside Talking Therapies", "RT-0042", "ask for Auntie Jo"],
    common=COMMON.given_names | COMMON.places,
)


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        # What the detector is taught with stays as it is, mistakes too.
        ("i cant do this anymore, I just want it to stop", "i cant do this anymore, I just want it to stop"),
        ("I took 2 tablets. Then nothing", "I took 2 tablets. Then nothing"),
        ("My GP and the NHS said God knows", "My GP and the NHS said God knows"),
        # Names that the clinic knows, in any case and with what hangs on them.
        ("amira here, AMIRA's mum", "[name] here, [name]'s mum"),
        ("priya said so", "[name] said so"),
        ("el haddad", "[name]"),
        # Names that nobody told the clinic.
        ("my husband dave and Zbigniew hit me", "my husband [name] and [name] hit me"),
        ("dr okafor and Mrs. Lee", "[name] and [name]"),
        ("it is Hope who left", "it is [name] who left"),
        ("I hope it will end", "I hope it will end"),
        # Numbers, addresses, dates, places.
        ("call 07700 900123 or +44 (0)20 7946 0018 now", "call [number] or [number] now"),
        ("amira@example.org or www.example.org/amira", "[address] or [address]"),
        ("find me at @amira_h", "find me at [name]"),
        ("I live in leeds, LS1 4DY", "I live in [name], [place]"),
        ("on 12/03/1980, on 3rd of march, on Friday", "on [number], on [date], on [date]"),
        ("since december i may march on", "since [date] i may march on"),
        ("my number is rt-0042, ASK FOR  AUNTIE JO", "my number is [name]"),
        ("at riverside talking therapies", "at [name]"),
        ("", ""),
    ],
)
def test_scrubbing_takes_out_who_it_is_and_leaves_what_is_said(text: str, scrubbed: str) -> None:
    assert SCRUBBER.scrub(text) == scrubbed


def test_scrubbing_leaves_capitals_to_whoever_writes_everything_large() -> None:
    assert SCRUBBER.scrub("I WANT IT TO STOP AMIRA") == "I WANT IT TO STOP [name]"
    # A name at the beginning of a sentence is told from a word only by the lists.
    assert SCRUBBER.scrub("Sarah left. Tired of it.") == "[name] left. Tired of it."
