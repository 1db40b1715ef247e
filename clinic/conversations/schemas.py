"""Shapes of the patient API, as the contract fixes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from clinic.conversations.models import Message

MAX_CHARACTERS = 4000


def _whole_characters(text: str) -> str:
    """Half an emoji, as a cut-off message can end in, becomes a replacement sign: the words around it still count."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class QuickReply(BaseModel):
    """A button under a message."""

    label: str
    text: str


class MessageOut(BaseModel):
    """One message as patients' devices see it."""

    id: str
    at: datetime
    sender: Literal["assistant", "staff", "patient"]
    sender_name: str | None = None
    kind: str
    text: str
    topic: str | None = None
    topics: list[str] | None = None
    source: str | None = None
    questionnaire: str | None = None
    item: int | None = None
    quick_replies: list[QuickReply] = []
    # With this message a person of the clinic has joined the conversation, or left it.
    staff: Literal["joined", "left"] | None = None
    # Of a patient's own message: the id its device gave it, so that the device knows it again.
    client_message_id: str | None = None

    @classmethod
    def of(cls, message: Message) -> MessageOut:
        """The stored message in the contract's shape."""
        return cls(
            id=str(message.id),
            at=message.at,
            sender=message.sender,  # type: ignore[arg-type]
            sender_name=message.sender_name,
            kind=message.kind,
            text=message.text,
            topic=message.topic,
            client_message_id=message.client_message_id,
            **message.details,
        )


class MessagesOut(BaseModel):
    """Messages in the order in which they were said."""

    messages: list[MessageOut]


class NewConversation(BaseModel):
    """The body that opens a conversation."""

    model_config = ConfigDict(strict=True)

    channel: Literal["web"] = "web"
    invite: str | None = Field(None, max_length=64)


class ConversationOut(MessagesOut):
    """A conversation just opened; the token is shown this once."""

    id: str
    token: str


class NewMessage(BaseModel):
    """The body that sends a message. Its length is checked by the door, because risk often stands at the end."""

    model_config = ConfigDict(strict=True)

    text: Annotated[str, AfterValidator(_whole_characters)]
    client_message_id: str = Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")


class ErrorDetail(BaseModel):
    """What is wrong, for people and for programs."""

    code: str
    message: str


class ErrorOut(BaseModel):
    """The body of every answer that is not a success; replies, if any, still reach the person."""

    error: ErrorDetail
    messages: list[MessageOut] = []
