"""Hashed n-grams of characters and words: spelling, slang and word order that a sentence embedding smooths away.

Written in numpy alone, on integers, so that two Python versions with two numpy versions compute exactly the same.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import List

import numpy as np

CHARACTERS = (3, 4, 5)
WORDS = (1, 2, 3)
BUCKETS = 2**15
_MULTIPLIER = np.uint32(0x01000193)
_MIX = np.uint32(0x2C1B3C6D)


@dataclass(frozen=True)
class Sparse:
    """A sparse vector of length `BUCKETS` and Euclidean length 1: `values[k]` at `buckets[k]`, buckets ascending."""

    buckets: np.ndarray
    values: np.ndarray


def hashed_ngrams(text: str) -> Sparse:
    """Returns the n-grams of normalised `text`; half of the weight is the characters', half the words'."""
    characters = _weighted(_character_buckets(text))
    words = _weighted(_word_buckets(text))
    buckets = np.concatenate((characters.buckets, words.buckets))
    values = np.concatenate((characters.values, words.values)) * np.float32(0.5**0.5)
    unique, places = np.unique(buckets, return_inverse=True)
    total = np.zeros(len(unique), dtype=np.float32)
    np.add.at(total, places.reshape(-1), values)
    return Sparse(unique, total)


def _weighted(buckets: np.ndarray) -> Sparse:
    unique, counts = np.unique(buckets, return_counts=True)
    values = 1.0 + np.log(counts.astype(np.float32))
    length = float(np.sqrt(np.sum(values * values)))
    return Sparse(unique, (values / length if length else values).astype(np.float32))


def _character_buckets(text: str) -> np.ndarray:
    codes = np.frombuffer(f" {text} ".encode("utf-32-le"), dtype="<u4").astype(np.uint32)
    hashes = codes.copy()
    found: List[np.ndarray] = []
    for length in range(2, max(CHARACTERS) + 1):
        if len(codes) < length:
            break
        hashes = hashes[:-1] * _MULTIPLIER + codes[length - 1 :]
        if length in CHARACTERS:
            mixed = (hashes ^ (hashes >> np.uint32(15))) * _MIX + np.uint32(length)
            found.append((mixed ^ (mixed >> np.uint32(13))) % np.uint32(BUCKETS))
    return np.concatenate(found).astype(np.int64) if found else np.empty(0, dtype=np.int64)


def _word_buckets(text: str) -> np.ndarray:
    words = text.split()
    grams = (
        f"{length} {' '.join(words[start : start + length])}"
        for length in WORDS
        for start in range(len(words) - length + 1)
    )
    return np.fromiter((zlib.crc32(gram.encode()) % BUCKETS for gram in grams), dtype=np.int64)
