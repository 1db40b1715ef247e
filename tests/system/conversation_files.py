"""Whole conversations as files: tests/conversations/dialogue/<what-the-user-does>.yml.

A file is a list of steps. A step is one of

    says: the person's words
    kinds: [leaflet, questionnaire]  kinds of the replies, all of them in order; "a|b" is either
    topics: [..]                     of a leaflet answer the topics in order, of a choice topics that are among it
    not_topics: [..]                 topics that are neither answered nor offered
    part, source, item               of the last reply that has such a thing
    text, not_text                   words that stand, or do not, in the replies
    button                           what one of the quick replies sends
    escalations                      how many the conversation has by now
    questions: [..]                  why questions were kept so far, in order

or `forgets: true`: Rasa loses its memory, as after days, a restart or a failure.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import create_engine, text

from clinic.settings import ROOT
from tests.system.stack import Chat, Stack

_CLOSED = "It is closed until"
FOLDER = ROOT / "tests" / "conversations" / "dialogue"


class Says(BaseModel):
    """A message and what is expected of the replies."""

    model_config = ConfigDict(extra="forbid")

    says: str
    kinds: list[str]
    topics: list[str] = []
    not_topics: list[str] = []
    part: str | None = None
    source: str | None = None
    item: int | None = None
    text: str | None = None
    not_text: str | None = None
    button: str | None = None
    escalations: int | None = None
    questions: list[str] | None = None


class Forgets(BaseModel):
    """Rasa loses its memory of the conversation."""

    model_config = ConfigDict(extra="forbid")

    forgets: bool


_STEPS: TypeAdapter[list[Says | Forgets]] = TypeAdapter(list[Says | Forgets])


def steps_of(path: Path) -> list[Says | Forgets]:
    """The steps of a file; raises ValidationError where one is misspelt."""
    return _STEPS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))


def play(stack: Stack, path: Path) -> None:
    """Plays a conversation; an AssertionError names the step and what was said instead."""
    chat = stack.chat()
    for number, step in enumerate(steps_of(path), start=1):
        if isinstance(step, Forgets):
            forget(stack, chat)
            continue
        # Whether the clinic is closed depends on the hour at which the test runs. A crisis text says so in its midst.
        everything = chat.say(step.says)
        replies = [reply for reply in everything if _CLOSED not in reply["text"] or reply["kind"] == "crisis"]
        said = "\n".join(f"  {reply['kind']}: {reply['text'][:300]}" for reply in replies)
        problems = [*_problems(step, replies), *_problems_beside(step, stack, chat)]
        assert not problems, f"{path.name}, step {number} ({step.says!r}): {'; '.join(problems)}. Said:\n{said}"


def forget(stack: Stack, chat: Chat) -> None:
    """A turn that fails half-way: Rasa's channel then empties its memory of the conversation."""
    broken = {"message": "fill in my questionnaire", "sender": chat.id, "channel": "web"}
    metadata = {"message_id": {"no": "number"}, "verdict": {"flagged": False}}
    url = f"http://127.0.0.1:{stack.rasa_port}/webhooks/clinic/webhook"
    answer = httpx.post(url, json={**broken, "metadata": metadata}, trust_env=False, timeout=30)
    assert answer.status_code == 500, "the turn was to fail"


def _problems(step: Says, replies: list[dict[str, Any]]) -> list[str]:
    kinds = [reply["kind"] for reply in replies]
    words = " ".join(reply["text"] for reply in replies).lower()
    buttons = [button["text"] for reply in replies for button in reply["quick_replies"]]
    answered = [reply["topic"] for reply in replies if reply["kind"] == "leaflet"]
    offered = [topic for reply in replies for topic in reply.get("topics") or []]
    found = []
    if len(kinds) != len(step.kinds) or any(k not in e.split("|") for k, e in zip(kinds, step.kinds, strict=True)):
        found.append(f"kinds are {kinds}, not {step.kinds}")
    if answered and step.topics and answered != step.topics:
        found.append(f"answered {answered}, not {step.topics}")
    if not answered and not set(step.topics) <= set(offered):
        found.append(f"offered {offered}, without {step.topics}")
    if set(step.not_topics) & {*answered, *offered}:
        found.append(f"{step.not_topics} came again")
    for name in ("source", "item"):
        wanted = getattr(step, name)
        got = [reply[name] for reply in replies if reply.get(name) is not None]
        if wanted is not None and (not got or got[-1] != wanted):
            found.append(f"{name} is {got[-1:] or 'nothing'}, not {wanted!r}")
    if step.part is not None and not any(reply["text"] in _texts(step.part, answered) for reply in replies):
        found.append(f"not the part {step.part!r}")
    if step.text is not None and step.text.lower() not in words:
        found.append(f"{step.text!r} was not said")
    if step.not_text is not None and step.not_text.lower() in words:
        found.append(f"{step.not_text!r} was said")
    if step.button is not None and step.button not in buttons:
        found.append(f"no button {step.button!r}")
    return found


def _texts(part: str, topics: list[str]) -> set[str]:
    """What a part of these topics says."""
    prefix = {"answer": "utter_", "more": "utter_more_", "why": "utter_why_"}[part]
    texts = set()
    for path in (ROOT / "data" / "responses").glob("leaflet_*.yml"):
        responses = yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]
        texts |= {
            responses[f"{prefix}{topic}"][0]["text"].strip() for topic in topics if f"{prefix}{topic}" in responses
        }
    return texts


def _problems_beside(step: Says, stack: Stack, chat: Chat) -> list[str]:
    found = []
    if step.escalations is not None and len(stack.escalations(chat.id)) != step.escalations:
        found.append(f"{len(stack.escalations(chat.id))} escalations, not {step.escalations}")
    if step.questions is not None and _kept(stack, chat) != step.questions:
        found.append(f"questions kept: {_kept(stack, chat)}, not {step.questions}")
    return found


def _kept(stack: Stack, chat: Chat) -> list[str]:
    engine = create_engine(stack.env["DATABASE_URL"])
    query = text("SELECT why FROM open_question WHERE conversation_id = :id ORDER BY id")
    with engine.connect() as connection:
        kept = [str(why) for why in connection.scalars(query, {"id": chat.id})]
    engine.dispose()
    return kept
