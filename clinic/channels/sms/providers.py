"""What Interlude asks of a company that carries text messages. One adapter each: twilio_adapter, notify_adapter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

# What became of a text message; a later state never gives way to an earlier one.
Status = Literal["queued", "sent", "delivered", "failed", "not_sent"]
# In the order in which they come; reports that arrive late or twice change nothing.
STATUS_ORDER: tuple[Status, ...] = ("queued", "sent", "failed", "delivered")


@dataclass(frozen=True)
class InboundText:
    """One text message of a person as the provider reports it. `number` is E.164."""

    provider_message_id: str
    number: str
    text: str
    media: int = 0


@dataclass(frozen=True)
class StatusReport:
    """What a provider says has become of a text message."""

    provider_message_id: str
    status: Status
    error_code: str | None = None
    # The row of sms_delivery, where the provider hands it back: a report can overtake the answer to our own call.
    delivery_id: int | None = None


class MalformedWebhook(ValueError):
    """The provider's call lacks what it must hold; the message names the field and never its content."""


class NotAccepted(Exception):
    """The provider did not take a text message. `code` is safe to store and to log."""

    def __init__(self, code: str, *, is_final: bool, is_blocked: bool = False) -> None:
        super().__init__(code)
        self.code = code
        # Trying again would be refused again.
        self.is_final = is_final
        # The person has told the network that they want no messages.
        self.is_blocked = is_blocked


class Provider(Protocol):
    """One company."""

    name: str

    def send(self, *, number: str, text: str, delivery_id: int) -> str:
        """Hands over one text message and returns the provider's id for it.

        Raises:
            NotAccepted: it did not take it.
        """


class NoProvider:
    """SMS_PROVIDER is off: what should go by SMS does not leave, and the console says so."""

    name = "off"

    def send(self, *, number: str, text: str, delivery_id: int) -> str:
        """Refuses.

        Raises:
            NotAccepted: always.
        """
        raise NotAccepted("off", is_final=True)
