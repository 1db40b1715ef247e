"""Correcting a person's details: name, number, date of birth, and how messages may reach them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from clinic.console.names import names_of_staff
from clinic.console.patient_access import name_of, patient_for
from clinic.console.rendering import Pages
from clinic.console.viewing import record_view
from clinic.corrections.service import CHANNELS, Details, correct, history, others_with
from clinic.patients.birth_dates import read_birth_date
from clinic.patients.contact import EARLIEST_HOUR, LATEST_HOUR
from clinic.patients.models import Patient
from clinic.patients.phone_numbers import PhoneNumberError, normalised_phone, readable_phone
from clinic.patients.service import current_phone
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Correcting = Annotated[StaffUser, requires("correct_patients")]
_Text = Annotated[str, Form()]
_LONGEST = 80
# What stands in the history, in words for staff.
FIELDS: dict[str, str] = {
    "given_name": "First name",
    "family_name": "Last name",
    "born_on": "Date of birth",
    "phone": "Phone number",
    "preferred_channel": "Messages by",
    "contact_from_hour": "Messages from",
    "contact_until_hour": "Messages until",
    "is_phone_shared": "Phone seen by others",
    "safe_contact": "Safe word or number",
}
CHANNEL_WORDS = {"sms": "Text message", "web": "The web chat only", "none": "Nothing: no messages wanted"}
_SHARED: dict[str, bool | None] = {"yes": True, "no": False, "unknown": None}


def add_details_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console/patients/{patient_id}/details")
    def show(request: Request, staff: Correcting, patient_id: str, said: str = "") -> Response:
        """What the clinic knows, to correct, and every correction before."""
        with services.database.read() as session:
            patient = patient_for(session, staff, patient_id)
            if patient is None:
                return pages.not_found(request, staff=staff)
            context = _context(session, patient, _as_written(Details.of(patient)))
        record_view(services, staff, entity="patient", entity_id=patient_id)
        return pages.page(request, "details.html", staff=staff, said=said, errors={}, **context)

    @router.post("/console/patients/{patient_id}/details")
    def change(
        request: Request,
        staff: Correcting,
        patient_id: str,
        given_name: _Text = "",
        family_name: _Text = "",
        born_on: _Text = "",
        phone: _Text = "",
        preferred_channel: _Text = "",
        contact_from_hour: _Text = "",
        contact_until_hour: _Text = "",
        is_phone_shared: _Text = "unknown",
        safe_contact: _Text = "",
    ) -> Response:
        """Corrects what differs; nothing is changed while anything is wrong."""
        form = {
            "given_name": given_name,
            "family_name": family_name,
            "born_on": born_on,
            "phone": phone,
            "preferred_channel": preferred_channel,
            "contact_from_hour": contact_from_hour,
            "contact_until_hour": contact_until_hour,
            "is_phone_shared": is_phone_shared,
            "safe_contact": safe_contact,
        }
        form = {name: " ".join(value.split()) for name, value in form.items()}
        with services.database.write() as session:
            patient = patient_for(session, staff, patient_id)
            if patient is None:
                return pages.not_found(request, staff=staff)
            details, errors = _read(form)
            if details is None:
                context = _context(session, patient, form)
            else:
                said = "changed" if correct(session, patient, details, by=staff.username) else "same"
        if details is None:
            return pages.page(request, "details.html", staff=staff, status=422, errors=errors, **context)
        return RedirectResponse(f"/console/patients/{patient_id}/details?said={said}", status_code=303)


def _read(form: dict[str, str]) -> tuple[Details | None, dict[str, str]]:
    """The details, or what is wrong with which field."""
    errors: dict[str, str] = {}
    if not form["given_name"]:
        errors["given_name"] = "Enter a first name"
    for name in ("given_name", "family_name", "safe_contact"):
        if len(form[name]) > _LONGEST:
            errors[name] = f"{FIELDS[name]} must be {_LONGEST} characters or fewer"
    born_on = read_birth_date(form["born_on"]) if form["born_on"] else None
    if form["born_on"] and born_on is None:
        errors["born_on"] = "Enter a date in the past, the day first: 31/12/1980"
    phone = None
    try:
        phone = normalised_phone(form["phone"]) if form["phone"] else None
    except PhoneNumberError as error:
        errors["phone"] = str(error).capitalize()
    hours = [form["contact_from_hour"], form["contact_until_hour"]]
    allowed = {str(hour) for hour in range(EARLIEST_HOUR, LATEST_HOUR + 1)}
    if not allowed.issuperset(hours) or int(hours[0]) >= int(hours[1]):
        errors["contact_until_hour"] = "The second hour must be later than the first"
    if form["preferred_channel"] not in CHANNELS:
        errors["preferred_channel"] = "Choose how messages may come"
    if form["preferred_channel"] == "sms" and phone is None and "phone" not in errors:
        errors["phone"] = "Text messages need a number"
    if form["is_phone_shared"] not in _SHARED:
        errors["is_phone_shared"] = "Choose one"
    if errors:
        return None, errors
    return Details(
        given_name=form["given_name"],
        family_name=form["family_name"] or None,
        born_on=born_on,
        phone=phone,
        preferred_channel=form["preferred_channel"],
        contact_from_hour=int(hours[0]),
        contact_until_hour=int(hours[1]),
        is_phone_shared=_SHARED[form["is_phone_shared"]],
        safe_contact=form["safe_contact"] or None,
    ), {}


def _as_written(details: Details) -> dict[str, str]:
    """The details as the form shows them."""
    return {
        "given_name": details.given_name,
        "family_name": details.family_name or "",
        "born_on": f"{details.born_on:%d/%m/%Y}" if details.born_on else "",
        "phone": readable_phone(details.phone) if details.phone else "",
        "preferred_channel": details.preferred_channel,
        "contact_from_hour": str(min(max(details.contact_from_hour, EARLIEST_HOUR), LATEST_HOUR)),
        "contact_until_hour": str(min(max(details.contact_until_hour, EARLIEST_HOUR), LATEST_HOUR)),
        "is_phone_shared": next(word for word, value in _SHARED.items() if value is details.is_phone_shared),
        "safe_contact": details.safe_contact or "",
    }


def _context(session: Session, patient: Patient, form: dict[str, str]) -> dict[str, Any]:
    phone = current_phone(patient)
    return {
        "patient": patient,
        "name": name_of(patient),
        "form": form,
        "fields": FIELDS,
        "channels": CHANNEL_WORDS,
        "hours": range(EARLIEST_HOUR, LATEST_HOUR + 1),
        "is_proven": phone is not None and phone.verified_at is not None,
        "others": others_with(session, patient, phone.value) if phone is not None else 0,
        "history": [_change_in_words(one) for one in history(session, patient.id)],
        "names": names_of_staff(session),
    }


def _change_in_words(change: Any) -> dict[str, Any]:
    return {
        "at": change.at,
        "by": change.by,
        "field": FIELDS.get(change.field, change.field),
        "before": _in_words(change.field, change.before),
        "after": _in_words(change.field, change.after),
    }


def _in_words(field: str, value: str | None) -> str:
    if value is None:
        return "nothing"
    if field == "phone":
        return readable_phone(value)
    if field == "born_on":
        year, month, day = value.split("-")
        return f"{day}/{month}/{year}"
    if field == "is_phone_shared":
        return "yes" if value == "True" else "no"
    if field.startswith("contact_"):
        return f"{value}:00"
    return CHANNEL_WORDS.get(value, value).lower() if field == "preferred_channel" else value
