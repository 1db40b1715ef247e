"""Telling Rasa to forget a conversation: through the outbox, so that it is done even if Rasa is away just now."""

from __future__ import annotations

import httpx

from clinic.outbox.models import OutboxItem
from clinic.outbox.relay import SendFailed

RASA_MEMORY = "rasa_memory"
_TIMEOUT_S = 10.0


class RasaMemory:
    """Sends POST /webhooks/clinic/forget (assistant/channel.py)."""

    def __init__(self, *, url: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT_S, transport=transport, trust_env=False)
        self._token = token

    def send(self, item: OutboxItem) -> None:
        """Rasa forgets one conversation; one that it does not remember is forgotten already.

        Raises:
            SendFailed: Rasa is away or refuses.
        """
        try:
            response = self._client.post(
                "/webhooks/clinic/forget",
                json={"sender": item.payload["conversation_id"]},
                headers={"Authorization": f"Bearer {self._token}"},
            )
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise SendFailed(type(error).__name__) from error
