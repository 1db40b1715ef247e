"""One clinic service for every case of this folder: building one takes longer than a case does."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from clinic.app import create_app
from clinic.channels.sms.emulator.network import Network
from clinic.channels.sms.inbox import Inbox
from clinic.channels.sms.service import EMULATED_ACCOUNT, EMULATED_NUMBER, emulator_token
from clinic.channels.sms.twilio_adapter import Twilio
from clinic.conversations.rasa_client import RasaClient
from clinic.database import Base
from clinic.encryption import configure_encryption
from clinic.services import Services
from clinic.settings import Settings
from tests.clinic.conftest import Clinic, ScriptedDetector, ScriptedRasa, keep_open
from tests.clinic.sms.conftest import InProcess, SmsClinic

_ALERT = "json://localhost"


@dataclass
class Standing:
    """The service and its breakable parts, between two cases."""

    services: Services
    detector: ScriptedDetector
    rasa: ScriptedRasa
    app: Any
    inbox: Inbox
    http: InProcess


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """Built once for each kind of database, which is empty at first."""
    folder: Path = tmp_path_factory.mktemp("routes")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "interlude.db")
        url = f"sqlite:///{folder / 'interlude.db'}"
    else:
        url = request.getfixturevalue("migrated_postgres")
        engine = create_engine(url)
        with engine.begin() as connection:
            tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        engine.dispose()
    settings = Settings(
        _env_file=None,
        var_folder=folder,
        database_url=url,
        staff_api_token="staff-token",
        internal_token="internal-token",
        screen_timeout_s=0.2,
        rate_limit="off",
        alert_urls=[_ALERT],
    )
    configure_encryption(settings)
    detector, rasa, http = ScriptedDetector(), ScriptedRasa(), InProcess()
    services = Services.build(settings, detector=detector)
    services.rasa = RasaClient(url="http://rasa", timeout_s=5, transport=httpx.MockTransport(rasa.handle))
    keep_open(services)
    services.sms.provider = services.sms.sender.provider = Twilio(
        account_sid=EMULATED_ACCOUNT,
        auth_token=emulator_token(),
        sender=EMULATED_NUMBER,
        public_url=settings.base_url,
        http_client=http,
    )
    app: Any = create_app(services)
    inner = app
    while not hasattr(inner, "state"):
        inner = inner._app if hasattr(inner, "_app") else inner.__wrapped__
    yield Standing(services, detector, rasa, app, inner.state.sms_inbox, http)
    services.screening.close()
    services.database.dispose()


@pytest.fixture
async def there(standing: Standing) -> AsyncIterator[SmsClinic]:
    """The standing service with everything whole, a client and a network of phones of this case's own."""
    services = standing.services
    standing.detector.screen_with = ScriptedDetector().screen_with
    standing.rasa.answer_with = standing.rasa._answer
    # A sign of life: without it the texts say, truly, that nobody can be told. Another case may have moved the clock.
    services.relay.run_once("alert:log")
    transport = httpx.ASGITransport(app=standing.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://clinic") as client:
        clinic = Clinic(services, standing.detector, standing.rasa, client)

        async def post(path: str, form: Any, headers: Any) -> tuple[int, str]:
            answer = await client.post(path, data=dict(form), headers=dict(headers))
            return answer.status_code, answer.text

        standing.http.network = Network(
            account_sid=EMULATED_ACCOUNT,
            auth_token=emulator_token(),
            number=EMULATED_NUMBER,
            public_url=services.settings.base_url,
            post=post,
        )
        yield SmsClinic(clinic, standing.http.network, standing.http, standing.inbox)
        await standing.inbox.idle()
