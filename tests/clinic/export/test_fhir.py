"""Resources are FHIR: valid under fhir.resources (R4B), and bound to the right codes, which that does not check."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse as FhirResponse
from hypothesis import given
from hypothesis import strategies as st

from clinic.courses.models import TherapySession
from clinic.export.fhir import Fhir
from clinic.export.responses import Exported
from clinic.patients.models import Patient
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse
from clinic.questionnaires.scoring import total
from tests.clinic.export.conftest import BASE, LOADED, Filler

FHIR = Fhir(base_url=BASE)
# Typed here once more, in the order of the items: the files that the resources are made from could be wrong.
CODES = {
    "phq-9": {
        "panel": "44249-1",
        "items": ["44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"],
        "total": "44261-6",
        "score": "720433000",
    },
    "gad-7": {
        "panel": "69737-5",
        "items": ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"],
        "total": "70274-6",
        "score": "445455005",
    },
}
ANSWERS = {0: "LA6568-5", 1: "LA6569-3", 2: "LA6570-1", 3: "LA6571-9"}
DISPLAYS = {0: "Not at all", 1: "Several days", 2: "More than half the days", 3: "Nearly every day"}
DEPRECATED = "44262-4"
# The value sets that R4 binds these elements to (required or extensible), written out.
RESPONSE_STATUS = {"in-progress", "completed", "amended", "entered-in-error", "stopped"}
OBSERVATION_STATUS = {
    "registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown",
}  # fmt: skip
CATEGORIES = {
    "social-history", "vital-signs", "imaging", "laboratory", "procedure", "survey", "exam", "therapy", "activity",
}  # fmt: skip
SYSTEMS = {
    "http://loinc.org",
    "http://snomed.info/sct",
    "http://unitsofmeasure.org",
    "http://terminology.hl7.org/CodeSystem/observation-category",
}


@st.composite
def responses(draw: st.DrawFn) -> Exported:
    """Any response that can stand in the database: any answers, in any order, corrected or not, finished or not."""
    questionnaire = LOADED.get(draw(st.sampled_from(["phq-9", "gad-7"])))
    count = len(questionnaire.items)
    reached = draw(st.integers(1, count))
    moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    at, later = sorted((draw(moments), draw(moments)))
    answers = []
    for item in draw(st.permutations(range(1, count + 1)))[:reached]:
        for _ in range(draw(st.integers(0, 2))):
            answers.append(QuestionnaireAnswer(item=item, value=draw(st.integers(0, 3)), at=at, replaced_at=later))
        answers.append(QuestionnaireAnswer(item=item, value=draw(st.integers(0, 3)), at=at, replaced_at=None))
    current = {answer.item: answer.value for answer in answers if answer.replaced_at is None}
    score = total(questionnaire, current)
    response = QuestionnaireResponse(
        id=draw(st.integers(1, 2**31 - 1)),
        questionnaire=questionnaire.id,
        version="1",
        status="completed" if score is not None else draw(st.sampled_from(["in_progress", "stopped"])),
        started_at=at,
        completed_at=draw(st.sampled_from([at, later])) if score is not None else None,
        total=score,
        answers=answers,
    )
    patient = Patient(id="ab12", given_name="Amira", reference=draw(st.none() | st.text(min_size=1, max_size=20)))
    found = TherapySession(id=5, number=3, starts_at=later, status="planned") if draw(st.booleans()) else None
    return Exported(response, patient, found, questionnaire)


@given(responses())
def test_fhir_every_response_is_valid_and_rightly_coded(exported: Exported) -> None:
    made = FHIR.questionnaire_response(exported)
    FhirResponse.model_validate_json(json.dumps(made))
    codes = CODES[exported.response.questionnaire]
    assert made["status"] in RESPONSE_STATUS
    assert made["questionnaire"] == f"http://loinc.org/q/{codes['panel']}"
    assert [item["linkId"] for item in made["item"]] == [f"/{code}" for code in codes["items"]]
    assert [item["text"] for item in made["item"]] == [item.text for item in exported.questionnaire.items]
    current = {one.item: one.value for one in exported.response.answers if one.replaced_at is None}
    for number, item in enumerate(made["item"], start=1):
        if number not in current:
            assert "answer" not in item
            continue
        (answer,) = item["answer"]
        coding = answer["valueCoding"]
        value = current[number]
        assert (coding["system"], coding["code"], coding["display"]) == (
            "http://loinc.org",
            ANSWERS[value],
            DISPLAYS[value],
        )
        assert coding["extension"][0]["valueDecimal"] == value


@given(responses())
def test_fhir_observation_is_the_total_where_there_is_one(exported: Exported) -> None:
    made = FHIR.observation(exported)
    current = {one.item: one.value for one in exported.response.answers if one.replaced_at is None}
    if len(current) < len(exported.questionnaire.items):
        assert made is None
        return
    assert made is not None
    Observation.model_validate_json(json.dumps(made))
    codes = CODES[exported.response.questionnaire]
    assert made["status"] in OBSERVATION_STATUS
    assert made["category"][0]["coding"][0]["code"] in CATEGORIES
    assert {(one["system"], one["code"]) for one in made["code"]["coding"]} == {
        ("http://loinc.org", codes["total"]),
        ("http://snomed.info/sct", codes["score"]),
    }
    assert made["valueQuantity"] == {
        "value": sum(current.values()), "unit": "{score}", "system": "http://unitsofmeasure.org", "code": "{score}",
    }  # fmt: skip
    assert made["derivedFrom"] == [
        {"reference": f"QuestionnaireResponse/{FHIR.questionnaire_response(exported)['id']}"}
    ]


@given(responses())
def test_fhir_bundle_is_valid_and_names_nobody(exported: Exported) -> None:
    bundle = FHIR.bundle(exported)
    Bundle.model_validate_json(json.dumps(bundle))
    written = json.dumps(bundle)
    assert "Amira" not in written and DEPRECATED not in written
    assert set(re.findall(r'"system": "(http[^"]+)"', written)) <= SYSTEMS | {
        f"{BASE}/{name}"
        for name in ("questionnaire-response", "questionnaire-total", "therapy-session", "patient-reference")
    }
    # No grade: neither a band nor caseness leaves the clinic as if a person had judged it.
    assert "interpretation" not in written and "severe" not in written


@pytest.mark.parametrize(
    ("corrected_after", "status", "total_status"), [(False, "completed", "final"), (True, "amended", "amended")]
)
def test_fhir_says_when_an_answer_was_corrected_after_the_end(
    filler: Filler, corrected_after: bool, status: str, total_status: str
) -> None:
    filler.response(filler.patient(), corrected=corrected_after)
    (exported,) = filler.exported()
    observation = FHIR.observation(exported)
    assert observation is not None
    assert (FHIR.questionnaire_response(exported)["status"], observation["status"]) == (status, total_status)


@pytest.mark.parametrize(
    "code", [code for codes in CODES.values() for code in (codes["panel"], codes["total"], *codes["items"])]
)
def test_fhir_loinc_codes_have_the_right_check_digit(code: str) -> None:
    """The typed list itself: LOINC's last digit is a check of the others (mod 10, Luhn)."""
    digits, check = code.split("-")
    summed = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        summed += value - 9 if value > 9 else value
    assert (10 - summed % 10) % 10 == int(check)


def dihedral(a: int, b: int) -> int:
    """The product of two elements of the group of a pentagon's turns (0 to 4) and reflections (5 to 9)."""
    turned = (a + b if a < 5 else a - b) % 5
    return turned + (5 if (a > 4) != (b > 4) else 0)


@pytest.mark.parametrize("code", [codes["score"] for codes in CODES.values()])
def test_fhir_snomed_codes_have_the_right_check_digit(code: str) -> None:
    """SNOMED CT identifiers end in a Verhoeff check digit, after two digits that say what they are (00: a concept)."""
    permuted = [[*range(10)], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    while len(permuted) < 8:
        permuted.append([permuted[-1][permuted[1][digit]] for digit in range(10)])
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = dihedral(check, permuted[place % 8][int(digit)])
    assert check == 0 and code[-3:-1] == "00"
