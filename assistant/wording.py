"""One plain form of a text, so that curly quotes, capitals and stray characters do not hide a known wording."""

import re
import unicodedata

_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_INVISIBLE = re.compile(r"[\u0000-\u001f\u007f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")
_SPACES = re.compile(r"\s+")
_EDGES = " .?!,;:\"'"


def plain(text: str) -> str:
    """Lower case, one kind of quote, no invisible characters, single spaces."""
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return _SPACES.sub(" ", _INVISIBLE.sub(" ", folded)).strip().lower()


def same_wording_key(text: str) -> str:
    """What two texts share if they differ only in case, spacing, apostrophes or the punctuation at their ends."""
    return plain(text).replace("'", "").strip(_EDGES)
