"""The codes of invitations: easy to read out and to type, hard to guess, and stored only as a blind index."""

from __future__ import annotations

import re
import secrets

from clinic.encryption import blind_index

# No vowels, so that no code is a word, and nothing that looks like another sign on paper (0 O, 1 I L, 2 Z, 5 S, 8 B).
ALPHABET = "CDFGHJKMNPQRTVWXY34679"
_LENGTH = 8
_HALF = _LENGTH // 2
# People answer "my code is CDFG-HJKM"; a sentence that only happens to hold such letters is no code.
_SAID = re.compile(
    rf"(?:(?:hi|hello|join|my|the|code|is|its|it's|invite|invitation|here)[\s:,.!-]*)*"
    rf"([{ALPHABET}]{{{_HALF}}})[\s-]*([{ALPHABET}]{{{_HALF}}})[\s.!]*",
    re.IGNORECASE,
)


def make_code() -> str:
    """A new code, as it is printed: "CDFG-HJKM" (22 signs, eight places: about 50 thousand million)."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
        # Digits alone could be a telephone number that somebody writes.
        if any(sign.isalpha() for sign in code):
            return f"{code[:_HALF]}-{code[_HALF:]}"


def read_code(text: str) -> str | None:
    """The code that a message consists of, as it is printed, whatever its case and spaces; None where it is none."""
    said = _SAID.fullmatch(text.strip())
    if said is None:
        return None
    code = f"{said[1]}-{said[2]}".upper()
    return code if any(sign.isalpha() for sign in code) else None


def code_index(code: str) -> str:
    """What an invitation is found by. The code itself is stored nowhere."""
    return blind_index(code, "invitation.code")
