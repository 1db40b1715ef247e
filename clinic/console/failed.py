"""What staff see when something fails: a page, where a program would get JSON. It needs no database."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from fastapi.responses import Response

from clinic.console.rendering import Pages
from clinic.services import Services


def failed_page(services: Services) -> Callable[[Request, int, Response], Response]:
    """Gives the page for an error in the console; for anything else, the answer that was made for programs."""
    pages = Pages(services)

    def page_or(request: Request, status: int, answer: Response) -> Response:
        if not request.url.path.startswith("/console"):
            return answer
        template = "failed.html" if status >= 500 else "not_found.html"
        return pages.page(request, template, staff=None, status=status, was_sent=request.method == "POST")

    return page_or
