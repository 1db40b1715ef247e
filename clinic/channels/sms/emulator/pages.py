"""The emulator's addresses: Twilio's API for our own client, and a page that shows a phone. In development only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from fastapi import APIRouter, BackgroundTasks, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, Field

from clinic.channels.sms.emulator.network import Network
from clinic.channels.sms.service import EMULATED_ACCOUNT, EMULATED_NUMBER, emulator_token
from clinic.patients.phone_numbers import PhoneNumberError, normalised_phone, readable_phone
from clinic.settings import Settings

FOLDER = Path(__file__).resolve().parent
STATIC = FOLDER / "static"
# How long the network takes until it reports what became of a message.
_REPORT_AFTER_S = 0.3


class Written(BaseModel):
    """What somebody types on the emulated phone."""

    text: str = Field(max_length=1600)


def emulator_router(settings: Settings) -> APIRouter:
    """The routes; none unless text messages go to the emulator. Nothing that stands there has left the machine."""
    router = APIRouter(prefix="/emulator", include_in_schema=False)
    if settings.resolved_sms_provider != "emulator":
        return router
    client = httpx.AsyncClient(base_url=settings.local_url, trust_env=False, timeout=30)

    async def post(path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str]:
        answer = await client.post(path, data=dict(form), headers=dict(headers))
        return answer.status_code, answer.text

    network = Network(
        account_sid=EMULATED_ACCOUNT,
        auth_token=emulator_token(),
        number=settings.sms_number or EMULATED_NUMBER,
        public_url=settings.base_url,
        post=post,
    )
    templates = Jinja2Templates(FOLDER / "templates")

    async def report() -> None:
        await asyncio.sleep(_REPORT_AFTER_S)
        await network.send_reports()

    @router.get("")
    async def phone(request: Request) -> HTMLResponse:
        """A phone to write from."""
        context = {"clinic_number": readable_phone(network.number), "clinic_name": settings.clinic_name}
        return templates.TemplateResponse(request, "phone.html", context)

    @router.get("/phones/{number}")
    async def texts(number: str, after: int = 0) -> dict[str, Any]:
        """What this phone has sent and received since."""
        found = network.phone(_number(number))
        return {
            "is_blocked": found.is_blocked,
            "texts": [
                {
                    "id": text.id,
                    "direction": text.direction,
                    "text": text.text,
                    "at": text.at.isoformat(),
                    "segments": text.segments,
                }
                for text in found.texts
                if text.id > after
            ],
        }

    @router.post("/phones/{number}")
    async def write(number: str, body: Written) -> dict[str, Any]:
        """Writes from this phone; the clinic's webhook is called as Twilio calls it."""
        status, _ = await network.write(_number(number), body.text)
        return {"status": status}

    @router.post("/twilio/2010-04-01/Accounts/{account_sid}/Messages.json")
    async def accept(account_sid: str, request: Request, background: BackgroundTasks) -> JSONResponse:
        """Twilio's address for sending a message; checks the account like Twilio."""
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        status, answer = network.accept(
            account_sid=account_sid, authorization=request.headers.get("authorization", ""), form=form
        )
        background.add_task(report)
        return JSONResponse(answer, status_code=status)

    return router


def _number(text: str) -> str:
    try:
        return normalised_phone(text)
    except PhoneNumberError as error:
        raise HTTPException(status_code=422, detail=str(error)) from error
