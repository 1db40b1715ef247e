"""How an escalation can end is data: checked at start, and asked for where something must be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.content.paths import ESCALATION_OUTCOMES
from clinic.content.yaml_files import DataFileError
from clinic.escalations.outcomes import Outcomes

OUTCOMES = Outcomes.load()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("- id: crisis_team", "- id: spoken_to", "outcome 'spoken_to' stands there twice"),
        ("- id: crisis_team", "- id: Crisis team", "outcomes.1.id"),
        ("{id: joke,", "{id: therapy_talk,", "why 'therapy_talk' stands there twice"),
        ("  label: Handed to the crisis team\n", "", "outcomes.1.label: Field required"),
        ("- id: service_matter\n", "- id: matter\n  whys: [{id: x, label: X}]\n", "only one outcome may have whys"),
    ],
)
def test_outcomes_wrong_data_is_refused_with_file_line_and_cure(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "outcomes.yml"
    path.write_text(ESCALATION_OUTCOMES.read_text().replace(old, new, 1))
    with pytest.raises(DataFileError, match=r"outcomes\.yml, line") as error:
        Outcomes.load(path)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("outcome", "why", "note", "missing"),
    [
        ("spoken_to", None, "", []),
        ("", None, "x", ["outcome"]),
        ("made_up", None, "x", ["outcome"]),
        ("could_not_reach", None, " ", ["note"]),
        ("could_not_reach", None, "three calls", []),
        ("false_alarm", None, "", ["why"]),
        ("false_alarm", "made_up", "", ["why"]),
        ("false_alarm", "joke", "", []),
    ],
)
def test_outcomes_say_what_is_missing(outcome: str, why: str | None, note: str, missing: list[str]) -> None:
    assert list(OUTCOMES.what_is_missing(outcome, why=why, note=note)) == missing
