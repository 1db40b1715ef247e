"""The data about language: what people write, and the plain words it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, FrozenSet, Mapping, Tuple

from risk.data_file import DataError, Entries, Text, check_keys, expect, read, texts

FOLDER = Path(__file__).resolve().parent
SHORTEST_TYPO_WORD = 7


@dataclass(frozen=True)
class Lexicon:
    """What the normaliser knows besides the rules' own words.

    Attributes:
        replacements: one to four typed words, to the plain words they stand for.
        replacements_before: a typed word, to what it stands for when one of the given words follows (`id` before `be`).
        key_words: words whose letters are put together again when they are hidden or broken up.
        typo_words: words of seven letters and more that one wrong letter must not hide.
        typo_stops: everyday words one letter away from a typo word; never corrected.
        leet: a digit or sign, to the letters it may stand for.
        look_alikes: a foreign or ornamental character, to the plain letter it looks like.
        emoji: an emoji's name, to the word that rules may read it as. The rest is left to the classifier.
        word_sets: the named sets that patterns use.
    """

    replacements: Mapping[Tuple[str, ...], str]
    replacements_before: Mapping[str, Tuple[str, FrozenSet[str]]]
    key_words: FrozenSet[str]
    typo_words: Tuple[str, ...]
    typo_stops: FrozenSet[str]
    leet: Mapping[str, str]
    look_alikes: Mapping[str, str]
    emoji: Mapping[str, str]
    word_sets: Mapping[str, FrozenSet[str]]


def load_lexicon(folder: Path = FOLDER) -> Lexicon:
    """Reads the data files of this folder.

    Raises:
        DataError: a file is missing or wrong; the message names file, line and cure.
    """
    replacements, before = _replacements(folder / "replacements.yml")
    key_words, typo_words, stops = _typos(folder / "key_words.yml")
    characters = read(folder / "characters.yml")
    check_keys(characters, folder / "characters.yml", required=("leet", "look_alikes", "emoji"))
    tables = {name: _table(characters[name], folder / "characters.yml") for name in characters}
    return Lexicon(
        replacements=replacements,
        replacements_before=before,
        key_words=key_words,
        typo_words=typo_words,
        typo_stops=stops,
        leet=tables["leet"],
        look_alikes=tables["look_alikes"],
        emoji=tables["emoji"],
        word_sets=_word_sets(folder / "word_sets.yml"),
    )


def _table(value: object, path: Path) -> Dict[str, str]:
    entries = expect(Entries, value, path)  # type: ignore[arg-type]
    return {key: str(expect(Text, item, path)) for key, item in entries.items()}


def _replacements(
    path: Path,
) -> Tuple[Dict[Tuple[str, ...], str], Dict[str, Tuple[str, FrozenSet[str]]]]:
    data = read(path)
    replacements: Dict[Tuple[str, ...], str] = {}
    before: Dict[str, Tuple[str, FrozenSet[str]]] = {}
    for section, entries in data.items():
        entries = expect(Entries, entries, path)
        for key, value in entries.items():
            if section == "before":
                entry = expect(Entries, value, path)
                check_keys(entry, path, required=("means", "words"))
                words = frozenset(expect(Text, entry["words"], path).split())
                before[key] = (str(expect(Text, entry["means"], path)), words)
                continue
            typed = tuple(key.split())
            if typed in replacements:
                raise DataError(path, value.line, f"'{key}' stands in two sections", "Keep one of them")
            if len(typed) > 4:
                raise DataError(path, value.line, f"'{key}' has more than four words", "Make a rule of it instead")
            replacements[typed] = str(expect(Text, value, path))
    return replacements, before


def _typos(path: Path) -> Tuple[FrozenSet[str], Tuple[str, ...], FrozenSet[str]]:
    data = read(path)
    check_keys(data, path, required=("key_words", "typo_words", "typo_stops"))
    words = {name: [word for line in texts(data[name], path) for word in line.split()] for name in data}
    for line in texts(data["typo_words"], path):
        for word in line.split():
            if len(word) < SHORTEST_TYPO_WORD:
                cure = "Shorter words have too many neighbours: list their misspellings in replacements.yml"
                raise DataError(path, line.line, f"'{word}' has fewer than {SHORTEST_TYPO_WORD} letters", cure)
    return frozenset(words["key_words"]), tuple(sorted(set(words["typo_words"]))), frozenset(words["typo_stops"])


def _word_sets(path: Path) -> Dict[str, FrozenSet[str]]:
    sets: Dict[str, FrozenSet[str]] = {}
    for name, value in read(path).items():
        words: set[str] = set()
        for word in expect(Text, value, path).split():
            if word.startswith("@"):
                if word[1:] not in sets:
                    raise DataError(path, value.line, f"there is no set '{word}' above", "Define it before it is used")
                words |= sets[word[1:]]
            elif word.isascii() and word.isalpha() and word.islower():
                words.add(word)
            else:
                raise DataError(path, value.line, f"'{word}' is no plain lower-case word", "Write it in letters a-z")
        sets[name] = frozenset(words)
    return sets
