"""The pages say what is true of the repository: links lead somewhere, and what they name exists.

A page without a problem gives an empty list; a problem is named with its page, so that the message is the cure.
"""

from __future__ import annotations

import fnmatch
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.main import get_group

from clinic.__main__ import cli
from clinic.crisis.contacts import Contacts
from clinic.settings import ROOT, Settings

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
README_LINES = 200

_FENCE = re.compile(r"^```.*?^```\s*?$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_TEST_NAME = re.compile(r"\btest_[a-z0-9_]+\b(?!\.py)")
_MAKE = re.compile(r"(?:^|[\s`])make ([a-z]+)")
_MODULE = re.compile(r"python -m ([\w.]+)(?: ([a-z][\w-]*))?")
# A path of the repository has a folder or one of these endings. An address such as `/healthz` begins with a slash.
_PATH = re.compile(r"[\w.<>*-]+(?:/[\w.<>*-]+)*/?")
_ENDINGS = (".py", ".yml", ".md", ".sh", ".toml", ".lock", ".json", ".js", ".onnx", ".gz", ".db")
_SETTING_ROW = re.compile(r"^\| `([A-Z_]+)`", re.MULTILINE)
# Installed in Rasa's environment, which these tests do not run in.
_MODULES_ELSEWHERE = {"rasa"}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page: Path) -> str:
    """The page as it is written."""
    return page.read_text(encoding="utf-8")


def commands(page: Path) -> str:
    """Everything on the page that a reader may type: code in lines and in blocks."""
    text = text_of(page)
    return "\n".join([*_FENCE.findall(text), *_CODE.findall(_FENCE.sub("", text))])


def anchors(page: Path) -> set[str]:
    """What `#...` can lead to on a page, as GitHub makes it from the headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in _HEADING.findall(_FENCE.sub("", text_of(page)))
    }


def links(page: Path) -> Iterator[tuple[str, Path, str]]:
    """Every link into the repository: as written, the file it leads to, and the anchor there."""
    for target in _LINK.findall(_FENCE.sub("", text_of(page))):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield target, (page.parent / unquote(path)).resolve() if path else page, anchor


def paths_named(page: Path) -> set[str]:
    """What stands in backticks and is meant as a file or folder of the repository."""
    in_lines = _CODE.findall(_FENCE.sub("", text_of(page)))
    return {
        code
        for code in in_lines
        if _PATH.fullmatch(code) and ("/" in code or code.endswith(_ENDINGS)) and not code.startswith("<")
    }


def is_there(path: str) -> bool:
    """Whether a file or folder exists, or git ignores it because running makes it; `<...>` stands for any name."""
    pattern = re.sub(r"<[^>]*>", "*", path)
    if any(ROOT.glob(pattern.rstrip("/"))):
        return True
    return any(
        fnmatch.fnmatch(pattern, ignored) or (ignored.endswith("/") and pattern.startswith(ignored))
        for ignored in text_of(ROOT / ".gitignore").split()
    )


def names_of_tests() -> set[str]:
    """Names of all test functions, and of the files that hold them."""
    files = list((ROOT / "tests").rglob("test_*.py"))
    defined = [re.findall(r"^\s*(?:async )?def (test_\w+)", text_of(file), re.MULTILINE) for file in files]
    return {name for names in defined for name in names} | {file.stem for file in files}


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))


@each_page
def test_docs_links_and_pictures_lead_somewhere(page: Path) -> None:
    broken = [target for target, file, _ in links(page) if not file.exists()]
    outside = [target for target, file, _ in links(page) if not file.is_relative_to(ROOT)]
    assert (broken, outside) == ([], [])


@each_page
def test_docs_anchors_are_headings(page: Path) -> None:
    wrong = [
        target
        for target, file, anchor in links(page)
        if anchor and file.suffix == ".md" and file.exists() and anchor not in anchors(file)
    ]
    assert wrong == []


@each_page
def test_docs_pictures_have_a_description(page: Path) -> None:
    assert re.findall(r"!\[\s*\]\([^)]*\)", text_of(page)) == []


@each_page
def test_docs_tests_named_exist(page: Path) -> None:
    assert sorted(set(_TEST_NAME.findall(text_of(page))) - names_of_tests()) == []


@each_page
def test_docs_make_targets_named_exist(page: Path) -> None:
    assert sorted(set(_MAKE.findall(commands(page))) - make_targets()) == []


@each_page
def test_docs_commands_named_exist(page: Path) -> None:
    named = {match for match in _MODULE.findall(commands(page)) if match[0] not in _MODULES_ELSEWHERE}
    missing = sorted(module for module, _ in named if importlib.util.find_spec(module) is None)
    ours = set(get_group(cli).commands)
    unknown = sorted(word for module, word in named if module == "clinic" and word and word not in ours)
    assert (missing, unknown) == ([], [])


@each_page
def test_docs_files_named_exist(page: Path) -> None:
    assert sorted(path for path in paths_named(page) if not is_there(path)) == []


def test_docs_settings_named_are_settings() -> None:
    named = set(_SETTING_ROW.findall(text_of(DOCS / "deployment.md")))
    assert named == {name.upper() for name in Settings.model_fields}


def test_docs_readme_is_short_enough_to_be_read() -> None:
    assert len(text_of(ROOT / "README.md").splitlines()) < README_LINES


def test_docs_readme_map_names_every_folder() -> None:
    """What is new at the top or in the clinic service has a line in the map, or a newcomer does not find it."""
    tops = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".") and path.name != "var"]
    capabilities = [path.parent for path in (ROOT / "clinic").glob("*/__init__.py")]
    readme = text_of(ROOT / "README.md")
    assert [path.name for path in (*tops, *capabilities) if f"{path.name}/" not in readme] == []


def test_docs_readme_leads_to_every_page() -> None:
    """From the README on, by links alone; measurements and pictures are led to from their pages."""
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        waiting += [file for _, file, _ in links(page)]
    assert sorted(str(page.relative_to(ROOT)) for page in PAGES if page not in seen) == []


def test_docs_crisis_numbers_are_those_of_the_contacts() -> None:
    """The README ends with the numbers, for somebody who landed on it by accident."""
    last = " ".join(text_of(ROOT / "README.md").splitlines()[-3:])
    assert [contact.number for contact in Contacts.load().contacts if contact.main and contact.number not in last] == []


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("`data/nothing.yml`", "data/nothing.yml"),
        ("`clinic/nowhere/`", "clinic/nowhere/"),
        ("`nothing.py`", "nothing.py"),
    ],
)
def test_docs_check_finds_a_file_that_is_not_there(tmp_path: Path, written: str, path: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"See {written} and `/healthz`, `a word`, `make run`, `data/nlu/topics/<id>.yml`.")
    assert [named for named in sorted(paths_named(page)) if not is_there(named)] == [path]


@pytest.mark.parametrize("ignored", ["var/interlude.db", "models/interlude.tar.gz", ".env"])
def test_docs_check_takes_what_running_makes(ignored: str) -> None:
    assert is_there(ignored)
