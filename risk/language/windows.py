"""Cuts a long message into windows, so that a sentence at its end is not lost among the rest."""

from __future__ import annotations

from typing import List

# What the encoder reads in one go (128 word pieces) holds about 90 words of plain English.
WHOLE = 70
LENGTH = 45
STEP = 30
END = 25


def windows(text: str) -> List[str]:
    """Returns the windows in which the classifier reads `text`; the last is always its end.

    A short message is one window; one that is a little longer is read whole, and its end once more. Of a long one the
    beginning is read by itself too: one sentence there would be lost among thirty words that follow.
    """
    words = text.split()
    if len(words) <= END:
        return [text]
    end = " ".join(words[-END:])
    if len(words) <= WHOLE:
        return [text, end]
    starts = range(0, len(words) - LENGTH + STEP, STEP)
    return [" ".join(words[:END]), *(" ".join(words[start : start + LENGTH]) for start in starts), end]
