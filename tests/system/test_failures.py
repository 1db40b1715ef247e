"""Each part fails in turn: the person gets a safe reply, and a human is told."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.stack import Stack, free_port

pytestmark = pytest.mark.system
NUMBER = "116 123"


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    return [message["kind"] for message in messages]


def holds_the_promises(stack: Stack) -> None:
    """A question gets the safe reply and an alert; a risky message gets the crisis text and exactly one alert."""
    chat = stack.chat()
    said = chat.say("fill in my questionnaire")
    assert kinds(said) == ["service"] and NUMBER in said[0]["text"]
    assert [found["reasons"] for found in stack.escalations(chat.id)] == [["message_unanswered"]]
    risky = stack.chat()
    said = risky.say("i want to kill myself")
    assert kinds(said) == ["crisis"] and NUMBER in said[0]["text"]
    (found,) = stack.escalations(risky.id)
    assert found["text"] == "i want to kill myself" and "suicidal_ideation_active" in found["reasons"]
    # The alert goes out; its line in the log carries a reference and a link, and not a word of the person's.
    until = time.monotonic() + 15
    while f"/console/escalations/{found['id']}" not in stack.log("clinic") and time.monotonic() < until:
        time.sleep(0.1)
    assert f"/console/escalations/{found['id']}" in stack.log("clinic")
    assert "kill myself" not in stack.log("clinic")


@pytest.fixture
def clinic_alone(tmp_path: Path) -> Iterator[Any]:
    started: list[Stack] = []

    def start(**options: Any) -> Stack:
        stack = Stack(tmp_path, **options)
        started.append(stack)
        stack.start_clinic()
        return stack

    yield start
    for stack in started:
        stack.stop()


def test_failure_rasa_down(clinic_alone: Any) -> None:
    stack = clinic_alone(rasa_url=f"http://127.0.0.1:{free_port()}")
    holds_the_promises(stack)
    ready = stack.http.get("/readyz")
    assert ready.status_code == 503 and ready.json()["rasa"] is False and ready.json()["database"] is True


class _Sleeper(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        time.sleep(4)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


def test_failure_rasa_slow(clinic_alone: Any) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Sleeper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    stack = clinic_alone(rasa_url=url, extra={"RASA_TIMEOUT_S": "1"})
    holds_the_promises(stack)
    chat, started = stack.chat(), time.monotonic()
    chat.say("What is DIT?")
    assert 1 <= time.monotonic() - started < 3.5, "the person waits for the limit, not for Rasa"
    server.shutdown()


def test_failure_action_calls_fail(clinic_alone: Any) -> None:
    stack = clinic_alone()
    stack.start_rasa(actions_url=f"http://127.0.0.1:{free_port()}/nothing-here")
    holds_the_promises(stack)


def test_failure_detector_raising(clinic_alone: Any) -> None:
    stack = clinic_alone(clinic_module=("tests.system.broken_detector",), rasa_url=f"http://127.0.0.1:{free_port()}")
    chat = stack.chat()
    said = chat.say("a harmless question about my sessions")
    assert kinds(said) == ["crisis"] and NUMBER in said[0]["text"]
    (found,) = stack.escalations(chat.id)
    assert "detector_failed" in found["reasons"]
    assert "harmless question" not in stack.log("clinic")


def test_failure_killed_parts_resume_the_questionnaire(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    try:
        stack.start_clinic()
        stack.start_rasa()
        chat = stack.chat()
        chat.say("fill in my questionnaire")
        assert chat.say("1")[-1]["item"] == 2
        stack.kill("rasa")
        said = chat.say("2")
        assert kinds(said) == ["service"]
        stack.kill("clinic")
        stack.start_clinic()
        stack.start_rasa()
        # Nothing is asked twice: item 1 is answered, and the "2" that went unanswered was never counted.
        assert chat.say("2")[-1]["item"] == 3
        assert chat.say("What is DIT?")[-1]["item"] == 3
    finally:
        stack.stop()
