"""Importing a list: uploading it, deciding what its columns hold, looking at what would be done, doing it."""

from __future__ import annotations

import hmac
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.console.rendering import Pages
from clinic.console.viewing import record_view
from clinic.patients.phone_numbers import readable_phone
from clinic.services import Services
from clinic.staff.access import StaffUser, requires
from clinic.waiting_list.check import Check, Entry
from clinic.waiting_list.columns import FIELD_NAMES, FIELDS, Headings, MappingError
from clinic.waiting_list.models import WaitingListImport
from clinic.waiting_list.service import ImportStateError, cancel, confirm, preview, set_mapping, table_of, upload
from clinic.waiting_list.table import Table, TableError

Importing = Annotated[StaffUser, requires("import_waiting_list")]
UPLOAD_PATH = "/console/waiting-list/import"
_SHOWN = 5
_RECENT = 10
_LARGEST_ID = 2**31 - 1


def add_import_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""
    headings = Headings.load()

    @router.get(UPLOAD_PATH)
    def show_upload(request: Request, staff: Importing) -> Response:
        """Where a file is chosen; and what was imported lately."""
        return _upload_page(request, staff)

    @router.post(UPLOAD_PATH)
    def take_file(
        request: Request, staff: Importing, csrftoken: Annotated[str, Form()] = "", file: UploadFile | None = None
    ) -> Response:
        """Keeps the file, encrypted, until somebody has looked at what it would do."""
        # The middleware leaves this to us (clinic.app).
        if not hmac.compare_digest(csrftoken.encode(), request.scope["csrftoken"]().encode()):
            return pages.page(request, "form_refused.html", staff=None, status=403)
        if file is None or not file.filename:
            return _upload_page(request, staff, error="Choose a file first", status=422)
        content = file.file.read()
        try:
            with services.database.write() as session:
                uploaded = upload(
                    session, content=content, file_name=file.filename, by=staff.username, headings=headings
                )
        except TableError as error:
            return _upload_page(request, staff, error=str(error), status=422)
        return RedirectResponse(f"/console/waiting-list/imports/{uploaded.id}", status_code=303)

    @router.get("/console/waiting-list/imports/{import_id:int}")
    def show_import(request: Request, staff: Importing, import_id: int) -> Response:
        """What would be done with each row; or how far the import is."""
        return _import_page(request, staff, import_id)

    @router.get("/console/live/imports/{import_id:int}")
    def update_import(request: Request, staff: Importing, import_id: int) -> Response:
        """How far it is, for the page that is open already."""
        with services.database.read() as session:
            uploaded = _found(session, import_id)
        if uploaded is None:
            return pages.not_found(request, staff=staff)
        return pages.part_if_changed(request, "parts/import_progress.html", staff=staff, uploaded=uploaded)

    @router.post("/console/waiting-list/imports/{import_id:int}/columns")
    def choose_columns(
        request: Request,
        staff: Importing,
        import_id: int,
        given_name: Annotated[str, Form()] = "",
        family_name: Annotated[str, Form()] = "",
        born_on: Annotated[str, Form()] = "",
        phone: Annotated[str, Form()] = "",
        email: Annotated[str, Form()] = "",
        reference: Annotated[str, Form()] = "",
    ) -> Response:
        """Decides which column holds what, and shows what would be done then."""
        given = zip(FIELDS, (given_name, family_name, born_on, phone, email, reference), strict=True)
        mapping = {field: int(column) for field, column in given if column.isdecimal() and len(column) < 4}
        return _change(request, staff, import_id, lambda session, uploaded: set_mapping(uploaded, mapping))

    @router.post("/console/waiting-list/imports/{import_id:int}/confirm")
    def confirm_import(
        request: Request, staff: Importing, import_id: int, good_rows: Annotated[str, Form()] = ""
    ) -> Response:
        """Lets the import begin. Where rows are wrong, only on request."""

        def begin(session: Session, uploaded: WaitingListImport) -> None:
            is_open = uploaded.status == "uploaded"
            if is_open and not good_rows and preview(session, uploaded, today=now().date()).refused:
                raise ImportStateError("Some rows cannot be imported. Choose to import the others without them.")
            confirm(session, uploaded, by=staff.username)

        return _change(request, staff, import_id, begin)

    @router.post("/console/waiting-list/imports/{import_id:int}/cancel")
    def cancel_import(request: Request, staff: Importing, import_id: int) -> Response:
        """Gives the import up; the uploaded list is erased."""
        return _change(
            request, staff, import_id, lambda session, uploaded: cancel(session, uploaded, by=staff.username)
        )

    def _change(request: Request, staff: StaffUser, import_id: int, change: Any) -> Response:
        try:
            with services.database.write() as session:
                uploaded = _found(session, import_id, for_change=True)
                if uploaded is None:
                    return pages.not_found(request, staff=staff)
                change(session, uploaded)
        except (MappingError, ImportStateError) as error:
            return _import_page(request, staff, import_id, error=str(error), status=422)
        return RedirectResponse(f"/console/waiting-list/imports/{import_id}", status_code=303)

    def _upload_page(request: Request, staff: StaffUser, *, error: str | None = None, status: int = 200) -> Response:
        with services.database.read() as session:
            recent = session.scalars(
                select(WaitingListImport).order_by(WaitingListImport.id.desc()).limit(_RECENT)
            ).all()
        return pages.page(request, "import_upload.html", staff=staff, recent=recent, error=error, status=status)

    def _import_page(
        request: Request, staff: StaffUser, import_id: int, *, error: str | None = None, status: int = 200
    ) -> Response:
        with services.database.read() as session:
            uploaded = _found(session, import_id)
            if uploaded is None:
                return pages.not_found(request, staff=staff)
            context: dict[str, Any] = {"uploaded": uploaded, "error": error}
            if uploaded.status == "uploaded":
                context |= _preview(session, uploaded)
        record_view(services, staff, entity="waiting_list_import", entity_id=import_id)
        if uploaded.status == "uploaded":
            return pages.page(request, "import_check.html", staff=staff, status=status, **context)
        part = pages.part(request, "parts/import_progress.html", staff=staff, uploaded=uploaded)
        return pages.page(request, "import_progress.html", staff=staff, status=status, part=part, **context)


def _found(session: Session, import_id: int, *, for_change: bool = False) -> WaitingListImport | None:
    if import_id > _LARGEST_ID:
        return None
    return session.get(WaitingListImport, import_id, with_for_update=for_change)


def _preview(session: Session, uploaded: WaitingListImport) -> dict[str, Any]:
    table = table_of(uploaded)
    context: dict[str, Any] = {
        "headings": table.headings,
        "fields": FIELD_NAMES,
        "examples": {
            n: next((row.cells[n] for row in table.rows if row.cells[n]), "") for n in range(len(table.headings))
        },
        "check": Check(),
        "mapping_error": None,
        "first": [],
    }
    try:
        check = preview(session, uploaded, today=now().date())
    except MappingError as problem:
        return {**context, "mapping_error": str(problem)}
    return {**context, "check": check, "first": [_shown(entry) for entry in check.ready[:_SHOWN]]}


def _example(table: Table, column: int) -> str:
    return next((row.cells[column] for row in table.rows if row.cells[column]), "")


def _shown(entry: Entry) -> dict[str, Any]:
    person = entry.person
    return {
        "line": entry.line,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "born_on": _in_words(person.born_on) if person.born_on else None,
        "phone": readable_phone(person.phone) if person.phone else None,
        "email": person.email,
        "reference": person.reference,
    }


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
