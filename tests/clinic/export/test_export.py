"""What leaves the clinic: everything of known patients, nothing of others, and each time on record first."""

from __future__ import annotations

import csv
import io
import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse as FhirResponse
from sqlalchemy import select
from typer.testing import CliRunner

from clinic.__main__ import cli
from clinic.audit.models import AuditEvent
from clinic.clock import now
from clinic.export import responses
from clinic.patients.models import Patient
from clinic.settings import Settings
from tests.clinic.export.conftest import Filler


def audit(filler: Filler) -> list[tuple[str, str, str, str]]:
    with filler.database.read() as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.action.startswith("export"))).all()
        return [(one.actor, one.action, one.entity, one.entity_id) for one in found]


def rows(lines: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(lines))))  # type: ignore[arg-type]


def test_export_ndjson_is_one_valid_resource_a_line(filler: Filler) -> None:
    patient = filler.patient()
    sessions = filler.course(patient[0])
    filler.response(patient, session_id=sessions[0])
    filler.response(patient, "gad-7", session_id=sessions[0])
    filler.response(patient, values=[3, 3])
    made = [json.loads(line) for line in filler.export.lines("questionnaire_responses", by="sam")]
    assert [FhirResponse.model_validate(one).status for one in made] == ["completed", "completed", "stopped"]
    assert [one.get("encounter", {}).get("display") for one in made] == ["Session 1", "Session 1", None]
    totals = [json.loads(line) for line in filler.export.lines("observations", by="sam")]
    assert [Observation.model_validate(one).valueQuantity.value for one in totals] == [9, 7]
    assert audit(filler) == [
        ("sam", "export_questionnaire_responses", "all_patients", "questionnaire_responses"),
        ("sam", "export_observations", "all_patients", "observations"),
    ]


def test_export_is_on_record_before_the_first_line(filler: Filler) -> None:
    filler.export.lines("scores", by="sam")
    assert audit(filler) == [("sam", "export_scores", "all_patients", "scores")]


def test_export_leaves_out_who_is_not_known_and_what_has_no_meaning_here(filler: Filler) -> None:
    unknown = filler.patient(joined=False)
    filler.response((None, unknown[1]))
    filler.response(filler.patient(), values=[])
    filler.response(filler.patient(), version="0")
    assert filler.exported() == []


def test_export_finds_what_was_filled_in_before_the_person_was_known(filler: Filler) -> None:
    patient = filler.patient()
    filler.response((None, patient[1]))
    assert [one.patient.id for one in filler.exported()] == [patient[0]]


def test_export_goes_on_over_batches(filler: Filler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "_BATCH", 3)
    patient = filler.patient()
    made = [filler.response(patient) for _ in range(7)]
    assert [one.response.id for one in filler.exported()] == made


def test_export_of_one_patient_since_a_day(filler: Filler) -> None:
    one, other = filler.patient(), filler.patient()
    filler.response(one, at=now() - timedelta(days=9))
    wanted = filler.response(one)
    filler.response(other)
    found = filler.exported(patient_id=one[0], since=now() - timedelta(days=1))
    assert [exported.response.id for exported in found] == [wanted]
    with pytest.raises(ValueError, match="all together"):
        filler.export.lines("courses", by="sam", patient_id=one[0])


def test_export_scores_as_csv(filler: Filler) -> None:
    patient = filler.patient(reference="=HYPERLINK(1)")
    sessions = filler.course(patient[0])
    filler.response(patient, values=[2] * 9, session_id=sessions[1])
    filler.response(patient, "gad-7", [1, 0])
    first, second = rows(filler.export.lines("scores", by="sam"))
    # What a spreadsheet would run is text.
    assert first["patient"] == "'=HYPERLINK(1)"
    assert (first["session"], first["questionnaire"], first["total"], first["is_case"]) == ("2", "phq-9", "18", "yes")
    assert [first[f"item_{item}"] for item in range(1, 10)] == ["2"] * 9
    assert (second["status"], second["total"], second["is_case"], second["item_2"], second["item_3"]) == (
        "stopped", "", "", "0", "",
    )  # fmt: skip


def test_export_courses_as_csv(filler: Filler) -> None:
    patient = filler.patient(reference="C-17")
    sessions = filler.course(patient[0])
    for session_id, phq, gad in ((sessions[0], 2, 2), (sessions[1], 1, 0)):
        filler.response(patient, values=[phq] * 9, session_id=session_id)
        filler.response(patient, "gad-7", [gad] * 7, session_id=session_id)
    filler.course(filler.patient()[0])
    first, second = rows(filler.export.lines("courses", by="sam"))
    assert (first["patient"], first["phq-9_first"], first["phq-9_last"]) == ("C-17", "18", "9")
    assert (first["gad-7_scores"], first["gad-7_first"], first["gad-7_last"]) == ("2", "14", "0")
    assert [first[name] for name in ("was_case", "is_case", "reliable_improvement", "reliable_recovery")] == [
        "yes", "no", "yes", "yes",
    ]  # fmt: skip
    assert [second[name] for name in ("phq-9_scores", "phq-9_first", "recovery")] == ["0", "", ""]


@pytest.fixture
def command_line(settings: Settings, database: object, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("DATABASE_URL", settings.resolved_database_url)
    monkeypatch.setenv("VAR_FOLDER", str(settings.var_folder))
    return CliRunner()


def test_export_from_the_command_line(filler: Filler, command_line: CliRunner, tmp_path: Path) -> None:
    one, other = filler.patient(), filler.patient()
    filler.response(one)
    filler.response(other)
    folder = tmp_path / "out"
    done = command_line.invoke(cli, ["export", "fhir", str(folder), "--patient", one[0]])
    assert done.exit_code == 0, done.output
    assert len((folder / "QuestionnaireResponse.ndjson").read_text().splitlines()) == 1
    done = command_line.invoke(cli, ["export", "csv", str(folder)])
    assert done.exit_code == 0, done.output
    assert len((folder / "scores.csv").read_text().splitlines()) == 3
    # Nobody else on the machine reads people's answers.
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert sorted(action for _, action, _, _ in audit(filler)) == [
        "export_courses", "export_observations", "export_questionnaire_responses", "export_scores",
    ]  # fmt: skip
    assert all(actor.startswith("command line (") for actor, *_ in audit(filler))


def test_export_of_a_patient_who_is_not_there_says_so(command_line: CliRunner, tmp_path: Path) -> None:
    done = command_line.invoke(cli, ["export", "fhir", str(tmp_path), "--patient", "nobody"])
    assert done.exit_code == 2 and "no patient" in done.output


def test_export_bundle_of_somebody_else_s_response_is_none(filler: Filler) -> None:
    one, other = filler.patient(), filler.patient()
    response = filler.response(one)
    assert filler.export.bundle(response, patient_id=other[0], by="sam") is None
    assert filler.export.bundle(response, patient_id=one[0], by="sam") is not None
    assert audit(filler) == [("sam", "export", "questionnaire_response", str(response))]
    with filler.database.read() as session:
        assert session.get(Patient, one[0]) is not None
