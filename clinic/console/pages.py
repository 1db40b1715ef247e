"""The console's pages under one roof."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from clinic.console.account_pages import add_account_pages
from clinic.console.content_pages import add_content_pages
from clinic.console.conversation_pages import add_conversation_pages
from clinic.console.course_pages import add_course_pages
from clinic.console.details_pages import add_details_pages
from clinic.console.escalation_pages import add_escalation_pages
from clinic.console.export_pages import add_export_pages
from clinic.console.import_pages import add_import_pages
from clinic.console.improvement_pages import add_improvement_pages
from clinic.console.inbox_pages import add_inbox_pages
from clinic.console.kept_pages import add_kept_pages
from clinic.console.live import add_live_pages
from clinic.console.log_in import add_log_in_pages
from clinic.console.log_in_steps import add_log_in_step_pages, add_single_sign_on
from clinic.console.patient_pages import add_patient_pages
from clinic.console.question_pages import add_question_pages
from clinic.console.rendering import Pages
from clinic.console.second_factor_pages import add_second_factor_pages
from clinic.console.service_pages import add_service_pages
from clinic.console.staff_pages import add_staff_pages
from clinic.console.therapist_pages import add_therapist_pages
from clinic.console.waiting_list_pages import add_waiting_list_pages
from clinic.services import Services
from clinic.staff.access import Staff
from clinic.staff.oidc import SingleSignOn
from clinic.staff.roles import home_of


def console_router(services: Services) -> APIRouter:
    """The routes, all under /console, on these services. All but log-in need a member of staff."""
    pages = Pages(services)
    router = APIRouter(include_in_schema=False)
    sso = SingleSignOn(services.settings)
    add_log_in_pages(router, services, pages, sso)
    add_log_in_step_pages(router, services, pages)
    add_single_sign_on(router, services, pages, sso)
    add_account_pages(router, services, pages)
    add_second_factor_pages(router, services, pages)
    add_staff_pages(router, services, pages)
    add_inbox_pages(router, services, pages)
    add_escalation_pages(router, services, pages)
    add_live_pages(router, services)
    add_improvement_pages(router, services, pages)
    add_conversation_pages(router, services, pages)
    add_waiting_list_pages(router, services, pages)
    add_import_pages(router, services, pages)
    add_patient_pages(router, services, pages)
    add_kept_pages(router, services, pages)
    add_details_pages(router, services, pages)
    add_course_pages(router, services, pages)
    add_export_pages(router, services, pages)
    add_therapist_pages(router, services, pages)
    add_question_pages(router, services, pages)
    add_service_pages(router, services, pages)
    add_content_pages(router, services, pages)

    @router.get("/console/{rest:path}")
    def show_nothing(request: Request, staff: Staff, rest: str) -> Response:
        """Any other address under /console."""
        if not rest:
            return RedirectResponse(home_of(staff.role), status_code=303)
        return pages.not_found(request, staff=staff)

    return router
