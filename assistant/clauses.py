"""The clauses of a message: where a second question may begin."""

import re

from assistant.wording import plain

# Shorter pieces say too little by themselves and stay with the clause before them.
_FEWEST_WORDS = 3
# Work for one message is bounded; people come to the point at the end.
_MOST_CLAUSES = 8
_LONGEST_LOOKED_AT = 1500
_BOUNDARY = re.compile(
    r"(?<=[.!?;])\s+|\n+|\s+[-/]+\s+"  # ends of sentences
    r"|,?\s+(?:oh and|and|also|plus|but|&)\s+|,\s+",  # conjunctions and commas
    re.IGNORECASE,
)


def clauses(text: str) -> list[str]:
    """The clauses in order, each of a few words at least; one where the message cannot be divided.

    Of a long message the last eight.
    """
    joined: list[str] = []
    for piece in filter(None, map(plain, _BOUNDARY.split(text[-_LONGEST_LOOKED_AT:]))):
        if joined and min(len(piece.split()), len(joined[-1].split())) < _FEWEST_WORDS:
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return joined[-_MOST_CLAUSES:]
