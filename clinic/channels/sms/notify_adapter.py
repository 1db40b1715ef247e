"""GOV.UK Notify: callbacks with a bearer token in, its REST API out."""

from __future__ import annotations

import hmac
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import requests
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from clinic.channels.sms.providers import InboundText, MalformedWebhook, NotAccepted, Status, StatusReport
from clinic.patients.phone_numbers import PhoneNumberError, normalised_phone

TIMEOUT_S = 10
# Notify's words to ours.
_STATUSES: dict[str, Status] = {
    "created": "sent",
    "sending": "sent",
    "pending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "permanent-failure": "failed",
    "temporary-failure": "failed",
    "technical-failure": "failed",
}


class Notify:
    """One service of GOV.UK Notify, with a template that holds nothing but ((text))."""

    name = "notify"

    def __init__(self, *, api_key: str, template_id: str, callback_token: str, api_url: str = "") -> None:
        # Its client logs what Notify says of a refused call, which may repeat the number.
        logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)
        urls = {"base_url": api_url} if api_url else {}
        # Its methods carry no types.
        self._new_client: Callable[[], Any] = partial(NotificationsAPIClient, api_key, timeout=TIMEOUT_S, **urls)
        # The client must not be shared between threads.
        self._of_thread = threading.local()
        self._template_id = template_id
        self._callback_token = callback_token

    def is_genuine(self, authorization: str) -> bool:
        """Whether the call carries the token that was entered at Notify."""
        expected = f"Bearer {self._callback_token}"
        return bool(self._callback_token) and hmac.compare_digest(authorization.encode(), expected.encode())

    def send(self, *, number: str, text: str, delivery_id: int) -> str:
        """Hands over one text message and returns Notify's id for it.

        Raises:
            NotAccepted: Notify did not take it, or did not answer.
        """
        try:
            created = self._client().send_sms_notification(
                phone_number=number,
                template_id=self._template_id,
                personalisation={"text": text},
                reference=str(delivery_id),
            )
        except APIError as error:
            # 503 stands for no answer at all; 429 for a limit; 403 for settings that somebody may be mending.
            status = int(error.status_code)
            raise NotAccepted(f"http_{status}", is_final=status in (400, 404)) from error
        except (requests.RequestException, ValueError) as error:
            raise NotAccepted(type(error).__name__, is_final=False) from error
        return str(created["id"])

    def _client(self) -> Any:
        if not hasattr(self._of_thread, "client"):
            self._of_thread.client = self._new_client()
        return self._of_thread.client


def inbound_text(body: Any) -> InboundText:
    """Reads Notify's report of a received text message.

    Raises:
        MalformedWebhook: a field is missing or is no text.
    """
    try:
        number = normalised_phone(f"+{_field(body, 'source_number').lstrip('+')}")
    except PhoneNumberError as error:
        raise MalformedWebhook("source_number") from error
    return InboundText(_field(body, "id"), number, _field(body, "message", may_be_empty=True))


def status_report(body: Any) -> StatusReport | None:
    """Reads Notify's report of what became of a message; None where it says nothing new.

    Raises:
        MalformedWebhook: it has no id.
    """
    name = body.get("status") if isinstance(body, dict) else None
    status = _STATUSES.get(name) if isinstance(name, str) else None
    sent_id = _field(body, "id")
    if status is None:
        return None
    reference = body.get("reference")
    is_ours = isinstance(reference, str) and reference.isdecimal() and len(reference) < 10
    return StatusReport(sent_id, status, name if status == "failed" else None, int(reference) if is_ours else None)


def _field(body: Any, name: str, *, may_be_empty: bool = False) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or (not value and not may_be_empty) or (name == "id" and len(value) > 64):
        raise MalformedWebhook(name)
    return value
