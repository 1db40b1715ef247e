"""Exports from the console: of one response, of one patient, of all."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from clinic.console.patient_access import patient_for
from clinic.console.rendering import Pages
from clinic.export.service import FILE_NAMES, MEDIA_TYPES, Export, What
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Exporting = Annotated[StaffUser, requires("export_patients")]
# Everybody's answers at once are for those who report and keep records.
ExportingAll = Annotated[StaffUser, requires("export_everybody")]
_LARGEST_ID = 2**31 - 1


def add_export_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""
    export = Export(
        database=services.database,
        questionnaires=services.questionnaires.questionnaires,
        base_url=services.settings.base_url,
        rule=services.settings.reliable_change_rule,
    )

    @router.get("/console/export")
    def show(request: Request, staff: ExportingAll) -> Response:
        """What can be exported."""
        return pages.page(request, "export.html", staff=staff, files=FILE_NAMES)

    @router.get("/console/export/{what}")
    def export_all(staff: ExportingAll, what: What) -> Response:
        """One file of everybody."""
        return _download(export, what, by=staff.username)

    @router.get("/console/patients/{patient_id}/export/{what}")
    def export_patient(request: Request, staff: Exporting, patient_id: str, what: What) -> Response:
        """One file of one patient."""
        with services.database.read() as session:
            found = patient_for(session, staff, patient_id)
        if found is None or what == "courses":
            return pages.not_found(request, staff=staff)
        return _download(export, what, by=staff.username, patient_id=patient_id)

    @router.get("/console/patients/{patient_id}/responses/{response_id:int}")
    def export_response(request: Request, staff: Exporting, patient_id: str, response_id: int) -> Response:
        """One response as a FHIR Bundle."""
        with services.database.read() as session:
            found = patient_for(session, staff, patient_id)
        bundle = None
        if found is not None and response_id <= _LARGEST_ID:
            bundle = export.bundle(response_id, patient_id=patient_id, by=staff.username)
        if bundle is None:
            return pages.not_found(request, staff=staff)
        return JSONResponse(
            bundle, media_type="application/fhir+json", headers=_headers(f"response-{response_id}.json")
        )


def _download(export: Export, what: What, *, by: str, patient_id: str | None = None) -> StreamingResponse:
    name = FILE_NAMES[what]
    media_type = next(kind for ending, kind in MEDIA_TYPES.items() if name.endswith(ending))
    lines = export.lines(what, by=by, patient_id=patient_id)
    return StreamingResponse(lines, media_type=media_type, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
