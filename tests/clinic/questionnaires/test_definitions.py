"""The instruments are the publisher's words; a broken file is refused with the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.content.paths import ANSWERS, QUESTIONNAIRES
from clinic.content.service_texts import ServiceTexts
from clinic.content.yaml_files import DataFileError
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.reading import Wordings
from clinic.questionnaires.reading.checking import make_readers

LOADED = Questionnaires.load(QUESTIONNAIRES)
# Kroenke, Spitzer, Williams 2001; Spitzer, Kroenke, Williams, Loewe 2006. Print's long dash is a hyphen.
PHQ9 = [
    "Little interest or pleasure in doing things",
    "Feeling down, depressed, or hopeless",
    "Trouble falling or staying asleep, or sleeping too much",
    "Feeling tired or having little energy",
    "Poor appetite or overeating",
    "Feeling bad about yourself - or that you are a failure or have let yourself or your family down",
    "Trouble concentrating on things, such as reading the newspaper or watching television",
    "Moving or speaking so slowly that other people could have noticed? Or the opposite - being so fidgety or "
    "restless that you have been moving around a lot more than usual",
    "Thoughts that you would be better off dead or of hurting yourself in some way",
]
GAD7 = [
    "Feeling nervous, anxious or on edge",
    "Not being able to stop or control worrying",
    "Worrying too much about different things",
    "Trouble relaxing",
    "Being so restless that it is hard to sit still",
    "Becoming easily annoyed or irritable",
    "Feeling afraid as if something awful might happen",
]
OPTIONS = ["Not at all", "Several days", "More than half the days", "Nearly every day"]
LOINC = {
    "phq-9": ["44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"],
    "gad-7": ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"],
}


@pytest.mark.parametrize(("name", "items", "highest"), [("phq-9", PHQ9, 27), ("gad-7", GAD7, 21)])
def test_definitions_are_verbatim(name: str, items: list[str], highest: int) -> None:
    questionnaire = LOADED.get(name)
    assert [item.text for item in questionnaire.items] == items
    assert [option.label for option in questionnaire.options] == OPTIONS
    assert [option.value for option in questionnaire.options] == [0, 1, 2, 3]
    assert [item.loinc for item in questionnaire.items] == LOINC[name]
    assert questionnaire.highest_total == highest
    assert questionnaire.stem.startswith("Over the last 2 weeks, how often have you been bothered by")


def test_definitions_only_item_9_above_zero_escalates() -> None:
    escalating = {
        (questionnaire.id, number, value)
        for questionnaire in LOADED
        for number in range(1, len(questionnaire.items) + 1)
        for value in range(4)
        if questionnaire.escalates(number, value)
    }
    assert escalating == {("phq-9", 9, 1), ("phq-9", 9, 2), ("phq-9", 9, 3)}


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        ("fill in my questionnaire", "phq-9"),
        ("fill in the GAD-7", "gad-7"),
        ("gad 7 please", "gad-7"),
        ("my anxiety form", "gad-7"),
        ("PHQ9", "phq-9"),
        ("the depression one", "phq-9"),
    ],
)
def test_definitions_find_the_one_that_was_asked_for(request_text: str, expected: str) -> None:
    assert LOADED.asked_for(request_text).id == expected


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('version: "1"\n', "", "version"),
        ("{value: 1, label: Several days, loinc: LA6569-3}", "{value: one, label: Several days, loinc: X}", "line 17"),
        ("{from: 5, to: 9, label: mild}", "{from: 6, to: 9, label: mild}", "band 'mild' must begin at 5"),
        (
            "{from: 20, to: 27",
            "{from: 20, to: 26",
            "line 69: bands: Value error, the last band must end at the highest",
        ),
        ("escalate_from: 1", "escalate_from: 4", "item 9: escalate_from must be the value of an option"),
        ("loinc: 44255-8", "loinc: 44250-9", "two items have the code 44250-9"),
        ("loinc: 44255-8", "loinc: none", "line 2"),
        ("scoring: sum", "scoring: mean", "scoring"),
        ("{value: 1,", "{value: 2,", "line 16: options: Value error, options must have different values"),
        ("items:\n", "items: [\n", "not YAML"),
        ("caseness: 10", "casness: 10", "casness"),
        ("next: gad-7", "next: gad-8", "line 76: next: there is no questionnaire 'gad-8'"),
    ],
)
def test_definitions_broken_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    for source in QUESTIONNAIRES.glob("*.yml"):
        (tmp_path / source.name).write_text(source.read_text())
    broken = tmp_path / "phq-9.yml"
    text = broken.read_text()
    assert old in text
    broken.write_text(text.replace(old, new))
    with pytest.raises(DataFileError, match=r"phq-9\.yml") as raised:
        Questionnaires.load(tmp_path)
    assert complaint in str(raised.value)


def test_definitions_a_clinic_adds_one_without_touching_code(tmp_path: Path) -> None:
    for source in QUESTIONNAIRES.glob("*.yml"):
        (tmp_path / source.name).write_text(source.read_text())
    own = (
        (tmp_path / "gad-7.yml")
        .read_text()
        .replace("id: gad-7", "id: my-mood-2")
        .replace("title: GAD-7", "title: My Mood 2")
    )
    (tmp_path / "own.yml").write_text(
        own.replace("also_called: [gad, gad7, anxiety, worry]", "also_called: [wellbeing]")
    )
    loaded = Questionnaires.load(tmp_path)
    assert loaded.asked_for("the wellbeing form please").id == "my-mood-2"
    assert loaded.asked_for("fill in the My Mood 2").id == "my-mood-2"
    assert loaded.asked_for("my anxiety form").id == "gad-7"
    texts = ServiceTexts.load(questionnaires=loaded)
    intro = texts.questionnaires.intro["my-mood-2"]
    assert "My Mood 2, 7 questions" in intro.text and intro.request == "fill in the My Mood 2"
    assert make_readers(loaded, Wordings.load(ANSWERS))["my-mood-2"].read("most days tbh", 1).value == 2


def test_definitions_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="no questionnaire"):
        Questionnaires.load(tmp_path)
