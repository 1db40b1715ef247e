"""What text messages are made of, put together from the settings."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.channels.sms.notify_adapter import Notify
from clinic.channels.sms.providers import NoProvider, Provider
from clinic.channels.sms.sender import SmsSender
from clinic.channels.sms.texts import SmsTexts
from clinic.channels.sms.twilio_adapter import Twilio
from clinic.database import Database
from clinic.encryption import derived_secret
from clinic.escalations.service import Escalations
from clinic.outbox.relay import GivenUp, Relay
from clinic.settings import Settings

# Twilio's account as the emulator knows it, and the number that the clinic has there (Ofcom's numbers for fiction).
EMULATED_ACCOUNT = "ACemulator"
EMULATED_NUMBER = "+447700900000"
RELAY_OF_SMS = "relay_sms"
# Each waits for the provider most of the time.
_AT_ONCE = 4


@dataclass
class Sms:
    """The provider, the texts, and the relay that carries them."""

    provider: Provider
    texts: SmsTexts
    sender: SmsSender
    relay: Relay

    @classmethod
    def build(
        cls, settings: Settings, *, database: Database, escalations: Escalations, on_given_up: GivenUp | None = None
    ) -> Sms:
        """Reads the texts and connects the provider that the settings name.

        Raises:
            DataFileError: data/service/sms.yml is wrong.
        """
        texts, provider = SmsTexts.load(), _provider(settings)
        sender = SmsSender(database=database, provider=provider, escalations=escalations, texts=texts)
        relay = Relay(
            database=database,
            senders={"sms": sender},
            on_given_up=on_given_up,
            part=RELAY_OF_SMS,
            only=("sms",),
            at_once=_AT_ONCE,
        )
        return cls(provider=provider, texts=texts, sender=sender, relay=relay)


def emulator_token() -> str:
    """The emulator's auth token: the same after every start, and of no use anywhere else."""
    return derived_secret("sms-emulator")


def _provider(settings: Settings) -> Provider:
    chosen = settings.resolved_sms_provider
    if chosen == "twilio":
        return Twilio(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token.get_secret_value(),
            sender=settings.sms_number,
            messaging_service_sid=settings.twilio_messaging_service_sid,
            public_url=settings.base_url,
        )
    if chosen == "notify":
        return Notify(
            api_key=settings.notify_api_key.get_secret_value(),
            template_id=settings.notify_template_id,
            callback_token=settings.notify_callback_token.get_secret_value(),
        )
    if chosen == "emulator":
        return Twilio(
            account_sid=EMULATED_ACCOUNT,
            auth_token=emulator_token(),
            sender=settings.sms_number or EMULATED_NUMBER,
            public_url=settings.base_url,
            api_url=f"{settings.local_url}/emulator/twilio",
        )
    return NoProvider()
