"""FHIR R4: a QuestionnaireResponse for each response, and an Observation of its total where there is one.

Plain dictionaries, because checking each against the whole model takes 15 ms; the tests check them (fhir.resources,
R4B, and the code bindings, which fhir.resources does not check). Codes come from the questionnaires' files: LOINC for
panel, items, answers and total, SNOMED CT for the score.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clinic.export.responses import Exported
from clinic.questionnaires.definitions import Questionnaire
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.questionnaires.service import current_answers

Resource = dict[str, Any]

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
ORDINAL_VALUE = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_STATUS = {"in_progress": "in-progress", "stopped": "stopped", "completed": "completed"}


class Fhir:
    """Makes resources; identifiers and logical references are under the clinic's own address."""

    def __init__(self, *, base_url: str) -> None:
        self._base = base_url

    def bundle(self, exported: Exported) -> Resource:
        """One response with its observation."""
        resources = [self.questionnaire_response(exported), self.observation(exported)]
        return {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {"fullUrl": f"{self._base}/fhir/{one['resourceType']}/{one['id']}", "resource": one}
                for one in resources
                if one is not None
            ],
        }

    def questionnaire_response(self, exported: Exported) -> Resource:
        """Every item, those without an answer too: "not reached" can be seen and is no zero."""
        response, questionnaire = exported.response, exported.questionnaire
        answers = current_answers(response)
        found: Resource = {
            "resourceType": "QuestionnaireResponse",
            "id": _id(response),
            "identifier": {"system": f"{self._base}/questionnaire-response", "value": str(response.id)},
            "questionnaire": f"{LOINC}/q/{questionnaire.loinc_panel}",
            "status": _status(response),
            "subject": self._patient(exported),
            "authored": _instant(response.completed_at or response.started_at),
            "author": self._patient(exported),
            "source": self._patient(exported),
            "item": [
                _item(questionnaire, number, answers.get(number)) for number in range(1, len(questionnaire.items) + 1)
            ],
        }
        encounter = self._encounter(exported)
        if encounter is not None:
            found["encounter"] = encounter
        return found

    def observation(self, exported: Exported) -> Resource | None:
        """The total; None while any answer is missing. No band and no caseness: those are for people to judge."""
        response, questionnaire = exported.response, exported.questionnaire
        if response.total is None or response.completed_at is None:
            return None
        found: Resource = {
            "resourceType": "Observation",
            "id": f"total-{response.id}",
            "identifier": [{"system": f"{self._base}/questionnaire-total", "value": str(response.id)}],
            "status": "amended" if _was_amended(response) else "final",
            "category": [{"coding": [{"system": CATEGORIES, "code": "survey", "display": "Survey"}]}],
            "code": {
                "coding": [
                    {"system": LOINC, "code": questionnaire.loinc_total},
                    {"system": SNOMED, "code": questionnaire.snomed_score},
                ],
                "text": f"{questionnaire.title} total score",
            },
            "subject": self._patient(exported),
            "effectiveDateTime": _instant(response.completed_at),
            "issued": _instant(response.completed_at),
            "performer": [self._patient(exported)],
            "valueQuantity": {"value": response.total, "unit": "{score}", "system": UCUM, "code": "{score}"},
            "derivedFrom": [{"reference": f"QuestionnaireResponse/{_id(response)}"}],
        }
        encounter = self._encounter(exported)
        if encounter is not None:
            found["encounter"] = encounter
        return found

    def _patient(self, exported: Exported) -> Resource:
        """By our own id and, where there is one, the clinic's number; never the name."""
        patient = exported.patient
        found: Resource = {"reference": f"Patient/{patient.id}", "type": "Patient"}
        if patient.reference:
            found["identifier"] = {"system": f"{self._base}/patient-reference", "value": patient.reference}
        return found

    def _encounter(self, exported: Exported) -> Resource | None:
        """The session, by our own number: there is no Encounter resource to point at."""
        found = exported.therapy_session
        if found is None:
            return None
        return {
            "type": "Encounter",
            "identifier": {"system": f"{self._base}/therapy-session", "value": str(found.id)},
            "display": f"Session {found.number}",
        }


def _item(questionnaire: Questionnaire, number: int, value: int | None) -> Resource:
    item = questionnaire.item(number)
    found: Resource = {"linkId": f"/{item.loinc}", "text": item.text}
    option = next((one for one in questionnaire.options if one.value == value), None)
    if option is not None:
        coding = {
            "extension": [{"url": ORDINAL_VALUE, "valueDecimal": option.value}],
            "system": LOINC,
            "code": option.loinc,
            "display": option.label,
        }
        found["answer"] = [{"valueCoding": coding}]
    return found


def _status(response: QuestionnaireResponse) -> str:
    if response.status == "completed" and _was_amended(response):
        return "amended"
    return _STATUS[response.status]


def _was_amended(response: QuestionnaireResponse) -> bool:
    """Whether an answer was corrected after the last question was answered; before that it is part of filling in."""
    end = response.completed_at
    return end is not None and any(one.replaced_at is not None and one.replaced_at > end for one in response.answers)


def _id(response: QuestionnaireResponse) -> str:
    return f"response-{response.id}"


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
