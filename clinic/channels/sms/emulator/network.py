"""The emulated network: phones, Twilio's REST API as far as Interlude uses it, and webhooks signed like Twilio's."""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import smsutil  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from clinic.channels.sms.keywords import HELP, START_WHILE_STOPPED, STOP
from clinic.clock import now

# Posts a form to a path of the clinic service and returns the status and the body.
Post = Callable[[str, Mapping[str, str], Mapping[str, str]], Awaitable[tuple[int, str]]]
_LONGEST = 1600


@dataclass
class Text:
    """One text message as a phone shows it."""

    id: int
    direction: str
    text: str
    at: datetime
    sid: str
    status: str

    @property
    def segments(self) -> int:
        """What it costs."""
        return len(smsutil.split(self.text).parts)


@dataclass
class Phone:
    """One phone. `is_blocked` after STOP: Twilio delivers nothing more to it."""

    number: str
    texts: list[Text] = field(default_factory=list)
    is_blocked: bool = False
    # What the next message to it meets: a Twilio error code, or None.
    next_error: int | None = None


class Network:
    """Phones on one side, the clinic on the other, and Twilio's rules between them."""

    def __init__(self, *, account_sid: str, auth_token: str, number: str, public_url: str, post: Post) -> None:
        self.number = number
        self.phones: dict[str, Phone] = {}
        self._account_sid, self._auth_token = account_sid, auth_token
        self._public_url = public_url
        self._post = post
        self._validator = RequestValidator(auth_token)
        self._ids = 0
        self._reports: list[tuple[str, dict[str, str]]] = []
        self._lock = threading.Lock()

    def phone(self, number: str) -> Phone:
        """The phone with this number (E.164)."""
        with self._lock:
            return self.phones.setdefault(number, Phone(number))

    async def write(self, number: str, text: str, **more: str) -> tuple[int, str]:
        """Somebody writes from a phone; Twilio's opt-out words work as they do there. Returns the clinic's answer."""
        phone = self.phone(number)
        sent = self._show(phone, "out", text, "delivered")
        word = text.strip().lower()
        if word in STOP:
            phone.is_blocked = True
        elif word in START_WHILE_STOPPED:
            phone.is_blocked = False
        elif word in HELP:
            pass  # its own answer to HELP is switched off where the clinic answers
        return await self.deliver(number, text, sid=sent.sid, **more)

    async def deliver(self, number: str, text: str, *, sid: str, **more: str) -> tuple[int, str]:
        """Calls the clinic's webhook as Twilio does; the same `sid` again is a repeated delivery."""
        form = {
            "ToCountry": "GB", "SmsMessageSid": sid, "NumMedia": "0", "SmsSid": sid, "SmsStatus": "received",
            "Body": text, "To": self.number, "MessageSid": sid, "AccountSid": self._account_sid, "From": number,
            "ApiVersion": "2010-04-01", "FromCity": "", **more,
        }  # fmt: skip
        status, body = await self.call("/sms/twilio", form)
        if "<Message>" in body:
            said = body.split("<Message>")[1].split("</Message>")[0]
            self._show(self.phone(number), "in", said, "delivered")
        return status, body

    async def call(self, path: str, form: Mapping[str, str], *, signature: str | None = None) -> tuple[int, str]:
        """Posts a signed form to the clinic; `signature` in place of the right one forges it."""
        right = self._validator.compute_signature(f"{self._public_url}{path}", dict(form))
        return await self._post(path, form, {"X-Twilio-Signature": right if signature is None else signature})

    def accept(self, *, account_sid: str, authorization: str, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """POST /2010-04-01/Accounts/{account}/Messages.json: a text message of the clinic's."""
        if not self._is_authorised(account_sid, authorization):
            return 401, _error(401, 20003, "Authenticate")
        to, body = form.get("To", ""), form.get("Body", "")
        if not to.startswith("+"):
            return 400, _error(400, 21211, "Invalid 'To' Phone Number")
        if not body or len(body) > _LONGEST:
            return 400, _error(400, 21617 if body else 21602, "The message body is too long or missing")
        phone = self.phone(to)
        if phone.is_blocked:
            return 400, _error(400, 21610, "Attempt to send to unsubscribed recipient")
        if phone.next_error is not None:
            code, phone.next_error = phone.next_error, None
            return (code, _error(code, 20500, "Try again")) if code >= 500 and code < 600 else (400, _error(400, code))
        text = self._show(phone, "in", body, "delivered")
        callback = form.get("StatusCallback")
        if callback:
            self._report(callback, text.sid, to)
        return 201, {
            "sid": text.sid, "status": "queued", "to": to, "from": form.get("From"), "body": body,
            "account_sid": account_sid, "num_segments": str(text.segments), "error_code": None, "error_message": None,
            "direction": "outbound-api", "api_version": "2010-04-01", "num_media": "0", "price": None, "uri": "",
            "price_unit": "USD", "messaging_service_sid": None, "date_created": None, "date_updated": None,
            "date_sent": None, "subresource_uris": {},
        }  # fmt: skip

    async def send_reports(self) -> int:
        """Tells the clinic what became of the messages that it sent. Returns how many calls were made."""
        with self._lock:
            reports, self._reports = self._reports, []
        for path, form in reports:
            await self.call(path, form)
        return len(reports)

    def _report(self, callback: str, sid: str, to: str) -> None:
        parts = urlsplit(callback)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        with self._lock:
            for status in ("sent", "delivered"):
                form = {"MessageSid": sid, "MessageStatus": status, "To": to, "AccountSid": self._account_sid}
                self._reports.append((path, form))

    def _show(self, phone: Phone, direction: str, text: str, status: str) -> Text:
        with self._lock:
            self._ids += 1
            shown = Text(self._ids, direction, text, now(), f"SM{secrets.token_hex(16)}", status)
            phone.texts.append(shown)
        return shown

    def _is_authorised(self, account_sid: str, authorization: str) -> bool:
        wanted = base64.b64encode(f"{self._account_sid}:{self._auth_token}".encode()).decode()
        return account_sid == self._account_sid and hmac.compare_digest(
            authorization.encode(), f"Basic {wanted}".encode()
        )


def _error(status: int, code: int, message: str = "Refused") -> dict[str, Any]:
    return {
        "code": code,
        "message": message,
        "status": status,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
    }
