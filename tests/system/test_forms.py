"""The conversations of tests/conversations/ with the running system, on the web and as text messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ConfigDict
from smsutil import is_valid_gsm  # type: ignore[import-untyped]

from clinic.channels.sms.composing import compose
from clinic.channels.sms.texts import SmsTexts
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.questionnaires.service import current_answers, left_out
from clinic.settings import ROOT, Settings
from tests.system.stack import Stack

pytestmark = pytest.mark.system
SMS_TEXTS = SmsTexts.load()
CONVERSATIONS = sorted((ROOT / "tests" / "conversations").glob("*.yml"))


class Step(BaseModel):
    """One message, and what must come of it. What is not named is not looked at."""

    model_config = ConfigDict(extra="forbid")

    says: str
    kinds: list[str] | None = None
    # Of the last message: which item of which questionnaire is asked.
    item: int | None = None
    questionnaire: str | None = None
    # Of the questionnaire that was opened last: the answers from item 1 on, None for one that was left out.
    stored: list[int | None] | None = None
    total: int | None = None
    escalations: int | None = None


@pytest.fixture(scope="module")
def database(stack: Stack) -> Database:
    """The running system's own database, to look into."""
    configure_encryption(Settings(var_folder=stack.folder))
    return Database(f"sqlite:///{stack.folder / 'interlude.db'}")


def response_of(database: Database, conversation_id: str) -> QuestionnaireResponse:
    with database.read() as session:
        found = (
            session.query(QuestionnaireResponse)
            .filter_by(conversation_id=conversation_id)
            .order_by(QuestionnaireResponse.read_message_id.desc())
            .first()
        )
        assert found is not None
        assert found.answers is not None  # read while the session is open
        return found


def stored(response: QuestionnaireResponse) -> list[int | None]:
    answers: dict[int, int | None] = {**current_answers(response), **dict.fromkeys(left_out(response))}
    return [answers[item] for item in sorted(answers)]


@pytest.mark.parametrize("channel", ["web", "sms"])
@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_form(stack: Stack, database: Database, path: Path, channel: str) -> None:
    chat = stack.chat()
    for number, raw in enumerate(yaml.safe_load(path.read_text()), 1):
        step = Step.model_validate(raw)
        said = chat.say(step.says)
        check(step, said, channel, f"{path.stem}, {number}: '{step.says}'")
        response = response_of(database, chat.id)
        if step.stored is not None:
            assert stored(response) == step.stored, f"{path.stem}, {number}: '{step.says}'"
        if "total" in step.model_fields_set:
            assert response.total == step.total
        if step.escalations is not None:
            assert len(stack.escalations(chat.id)) == step.escalations


def check(step: Step, said: list[dict[str, Any]], channel: str, where: str) -> None:
    kinds = [message["kind"] for message in said]
    if step.kinds is not None:
        assert kinds == step.kinds, where
    if step.item is not None:
        assert said[-1].get("item") == step.item, (where, kinds)
    if step.questionnaire is not None:
        assert said[-1].get("questionnaire") == step.questionnaire, where
    if channel == "sms":
        for message in said:
            parts, at_once = compose(
                kind=message["kind"], text=message["text"], details=message, is_unasked=False, texts=SMS_TEXTS
            )
            assert all(is_valid_gsm(part.text) for part in parts), where
            # One text message, with its options: they are there on a phone without buttons.
            if message.get("item"):
                assert at_once == len(parts) == 1 and "\n3 Nearly every day" in parts[0].text, where
