"""Twilio: signed webhooks in, its REST API out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from urllib.parse import urlencode

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from clinic.channels.sms.providers import InboundText, MalformedWebhook, NotAccepted, Status, StatusReport
from clinic.patients.phone_numbers import PhoneNumberError, normalised_phone

# Longer than Twilio takes, shorter than the lease of an outbox row.
TIMEOUT_S = 10.0
_BLOCKED = 21610
# Twilio's words to ours (its MessageStatus). What is not here says nothing new.
_STATUSES: dict[str, Status] = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
# Answers below 500 after which trying again may help: too many requests, and a conflict on Twilio's side.
_TRY_AGAIN = frozenset({408, 409, 425, 429})
Pairs = Sequence[tuple[str, str]]


class _Fields:
    """Form fields as RequestValidator wants them: a name may stand twice."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs

    def __iter__(self) -> object:
        return iter({name for name, _ in self._pairs})

    def getlist(self, name: str) -> list[str]:
        return [value for known, value in self._pairs if known == name]


class Twilio:
    """One account, one sender."""

    name = "twilio"

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str = "",
        messaging_service_sid: str = "",
        public_url: str,
        api_url: str = "",
        http_client: HttpClient | None = None,
    ) -> None:
        # Its client logs every call at INFO, numbers included.
        logging.getLogger("twilio.http_client").setLevel(logging.WARNING)
        self._client = Client(
            account_sid, auth_token, http_client=http_client or TwilioHttpClient(timeout=TIMEOUT_S, max_retries=0)
        )
        if api_url:
            self._client.api.base_url = api_url
        self._validator = RequestValidator(auth_token)
        self._sender, self._messaging_service_sid = sender, messaging_service_sid
        self._public_url = public_url

    def is_genuine(self, *, path: str, query: str, fields: Pairs, signature: str) -> bool:
        """Whether Twilio signed this call, for the address that this clinic is known by."""
        url = f"{self._public_url}{path}" + (f"?{query}" if query else "")
        return bool(signature) and bool(self._validator.validate(url, _Fields(fields), signature))

    def send(self, *, number: str, text: str, delivery_id: int) -> str:
        """Hands over one text message and returns its MessageSid.

        Raises:
            NotAccepted: Twilio did not take it, or did not answer.
        """
        origin = (
            {"messaging_service_sid": self._messaging_service_sid}
            if self._messaging_service_sid
            else {"from_": self._sender}
        )
        # The id comes back with each report, which can overtake the answer to this call.
        callback = f"{self._public_url}/sms/twilio/status?{urlencode({'delivery': delivery_id})}"
        try:
            created = self._client.messages.create(to=number, body=text, status_callback=callback, **origin)
        except TwilioRestException as error:
            raise _refused(error) from error
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise NotAccepted(type(error).__name__, is_final=False) from error
        return str(created.sid)


def _refused(error: TwilioRestException) -> NotAccepted:
    code = str(error.code or f"http_{error.status}")
    is_final = 400 <= error.status < 500 and error.status not in _TRY_AGAIN
    # 401 and 403: our settings are wrong. Somebody may be mending them.
    is_final = is_final and error.status not in (401, 403)
    return NotAccepted(code, is_final=is_final, is_blocked=error.code == _BLOCKED)


def inbound_text(fields: Pairs) -> InboundText:
    """Reads Twilio's report of an incoming message.

    Raises:
        MalformedWebhook: it has no MessageSid, or no number that could be answered.
    """
    given = dict(fields)
    sid = given.get("MessageSid", "")
    if not 0 < len(sid) <= 64 or not sid.isascii() or not sid.isalnum():
        raise MalformedWebhook("MessageSid")
    if "Body" not in given:
        raise MalformedWebhook("Body")
    # Short codes and senders with names: nobody can be answered there, and a machine may be at the other end.
    if not given.get("From", "").startswith("+"):
        raise MalformedWebhook("From")
    try:
        number = normalised_phone(given["From"])
    except PhoneNumberError as error:
        raise MalformedWebhook("From") from error
    media = given.get("NumMedia", "0")
    return InboundText(sid, number, given["Body"], int(media) if media.isdecimal() else 0)


def status_report(fields: Pairs, *, delivery: str) -> StatusReport | None:
    """Reads Twilio's report of what became of a message; None where it says nothing new.

    Raises:
        MalformedWebhook: it has no MessageSid.
    """
    given = dict(fields)
    sid = given.get("MessageSid", "")
    if not 0 < len(sid) <= 64:
        raise MalformedWebhook("MessageSid")
    status = _STATUSES.get(given.get("MessageStatus", ""))
    if status is None:
        return None
    code = given.get("ErrorCode") or None
    delivery_id = int(delivery) if delivery.isdecimal() and len(delivery) < 10 else None
    return StatusReport(sid, status, code[:32] if code else None, delivery_id)
