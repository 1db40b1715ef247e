"""Exports line by line; that one was made is on record before its first line leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, get_args

from clinic.audit.service import record
from clinic.database import Database
from clinic.export.fhir import Fhir, Resource
from clinic.export.report import course_rows, csv_lines, score_rows
from clinic.export.responses import responses_to_export
from clinic.questionnaires.change import ChangeRule
from clinic.questionnaires.definitions import Questionnaires

What = Literal["questionnaire_responses", "observations", "scores", "courses"]
EVERYTHING: tuple[What, ...] = get_args(What)
# The names that FHIR's bulk export gives its files.
FILE_NAMES: dict[What, str] = {
    "questionnaire_responses": "QuestionnaireResponse.ndjson",
    "observations": "Observation.ndjson",
    "scores": "scores.csv",
    "courses": "courses.csv",
}
MEDIA_TYPES = {".ndjson": "application/fhir+ndjson", ".csv": "text/csv; charset=utf-8"}


class Export:
    """What leaves the clinic, and who took it."""

    def __init__(self, *, database: Database, questionnaires: Questionnaires, base_url: str, rule: ChangeRule) -> None:
        self._database = database
        self._questionnaires = questionnaires
        self._fhir = Fhir(base_url=base_url)
        self._rule: ChangeRule = rule

    def lines(
        self, what: What, *, by: str, patient_id: str | None = None, since: datetime | None = None
    ) -> Iterator[str]:
        """The lines of one file, of one patient or of all.

        Raises:
            ValueError: the rows of courses are of all patients and of all times.
        """
        if what == "courses" and (patient_id is not None or since is not None):
            raise ValueError("courses are exported all together")
        self._record(what, by=by, patient_id=patient_id)
        return self._lines(what, patient_id=patient_id, since=since)

    def bundle(self, response_id: int, *, patient_id: str, by: str) -> Resource | None:
        """One response of one patient as a FHIR Bundle; None where there is none that can be exported."""
        with self._database.read() as session:
            found = next(
                responses_to_export(session, self._questionnaires, patient_id=patient_id, response_id=response_id), None
            )
            bundle = self._fhir.bundle(found) if found is not None else None
        if bundle is not None:
            with self._database.write() as session:
                record(session, actor=by, action="export", entity="questionnaire_response", entity_id=response_id)
        return bundle

    def _record(self, what: What, *, by: str, patient_id: str | None) -> None:
        with self._database.write() as session:
            entity, entity_id = ("patient", patient_id) if patient_id is not None else ("all_patients", what)
            record(session, actor=by, action=f"export_{what}", entity=entity, entity_id=entity_id)

    def _lines(self, what: What, *, patient_id: str | None, since: datetime | None) -> Iterator[str]:
        with self._database.read() as session:
            if what == "courses":
                yield from csv_lines(course_rows(session, self._questionnaires, rule=self._rule))
                return
            exported = responses_to_export(session, self._questionnaires, patient_id=patient_id, since=since)
            if what == "scores":
                yield from csv_lines(score_rows(exported, self._questionnaires))
                return
            for one in exported:
                resource = (
                    self._fhir.observation(one) if what == "observations" else self._fhir.questionnaire_response(one)
                )
                if resource is not None:
                    yield json.dumps(resource, ensure_ascii=False, separators=(",", ":")) + "\n"
