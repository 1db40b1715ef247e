"""The service with the emulated network in the same process: phones write, the clinic answers through Twilio's own client."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from twilio.http import HttpClient
from twilio.http.response import Response as TwilioResponse

from clinic.app import create_app
from clinic.channels.sms.contacts import conversation_of, find_or_add_contact, number_index
from clinic.channels.sms.emulator.network import Network, Text
from clinic.channels.sms.inbox import Inbox
from clinic.channels.sms.models import SmsContact, SmsDelivery
from clinic.channels.sms.service import EMULATED_ACCOUNT, EMULATED_NUMBER, emulator_token
from clinic.channels.sms.twilio_adapter import Twilio
from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.patients.models import ContactPoint, Patient
from tests.clinic.conftest import Clinic

ANN = "+447700900123"
BEN = "+447700900456"


class InProcess(HttpClient):
    """Twilio's client speaks to the emulated network without a socket."""

    def __init__(self, network: Network | None = None) -> None:
        self.network = network
        self.calls: list[Mapping[str, Any]] = []
        self.fails_with: Exception | None = None

    def request(self, method: str, url: str, data: Any = None, auth: Any = None, **more: Any) -> TwilioResponse:
        import json

        self.calls.append(data)
        if self.fails_with is not None:
            raise self.fails_with
        assert self.network is not None and method.upper() == "POST"
        token = base64.b64encode(f"{auth[0]}:{auth[1]}".encode()).decode()
        account = url.split("/Accounts/")[1].split("/")[0]
        status, body = self.network.accept(account_sid=account, authorization=f"Basic {token}", form=data)
        return TwilioResponse(status, json.dumps(body))


@dataclass
class SmsClinic:
    """The clinic, the network, and what a test asks of both."""

    clinic: Clinic
    network: Network
    http: InProcess
    inbox: Inbox

    async def write(self, number: str, text: str, **more: str) -> list[str]:
        """Somebody writes; everything that follows happens. Returns what the phone received since."""
        before = len(self.received(number))
        status, body = await self.network.write(number, text, **more)
        assert status == 200 and "<Response" in body, (status, body)
        await self.settle()
        return [text.text for text in self.received(number)[before:]]

    async def settle(self) -> None:
        await self.inbox.idle()
        while self.clinic.services.sms.relay.run_once():
            pass
        while await self.network.send_reports():
            pass

    def received(self, number: str) -> list[Text]:
        return [text for text in self.network.phone(number).texts if text.direction == "in"]

    def conversation(self, number: str) -> Conversation:
        with self.clinic.services.database.write() as session:
            return conversation_of(session, find_or_add_contact(session, number))

    def contact(self, number: str) -> SmsContact:
        with self.clinic.services.database.read() as session:
            return session.get_one(SmsContact, number_index(number))

    def deliveries(self) -> list[SmsDelivery]:
        with self.clinic.services.database.read() as session:
            return list(session.scalars(select(SmsDelivery).order_by(SmsDelivery.id)))

    def patient(self, *numbers: str, verified: bool = True, patient_id: str = "p1", channel: str = "sms") -> str:
        """A patient with these numbers."""
        with self.clinic.services.database.write() as session:
            session.add(Patient(id=patient_id, given_name="Amira", preferred_channel=channel, added_at=now()))
            session.flush()
            for number in numbers:
                session.add(
                    ContactPoint(
                        patient_id=patient_id,
                        system="phone",
                        value=number,
                        value_index=number_index(number),
                        added_at=now(),
                        verified_at=now() if verified else None,
                    )
                )
        return patient_id


@pytest.fixture
async def sms(clinic: Clinic) -> AsyncIterator[SmsClinic]:
    services = clinic.services
    http = InProcess()
    provider = Twilio(
        account_sid=EMULATED_ACCOUNT,
        auth_token=emulator_token(),
        sender=EMULATED_NUMBER,
        public_url=services.settings.base_url,
        http_client=http,
    )
    services.sms.provider = services.sms.sender.provider = provider
    services.sms.sender._database = services.sms.relay._database = services.database
    app = create_app(services)
    inner: Any = app
    while not hasattr(inner, "state"):
        inner = inner._app if hasattr(inner, "_app") else inner.__wrapped__
    inbox: Inbox = inner.state.sms_inbox

    import httpx

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://clinic"
    ) as client:

        async def post(path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str]:
            answer = await client.post(path, data=dict(form), headers=dict(headers))
            return answer.status_code, answer.text

        network = Network(
            account_sid=EMULATED_ACCOUNT,
            auth_token=emulator_token(),
            number=EMULATED_NUMBER,
            public_url=services.settings.base_url,
            post=post,
        )
        http.network = network
        clinic.client = client
        yield SmsClinic(clinic, network, http, inbox)
        await inbox.idle()
