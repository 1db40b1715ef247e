"""Which outbox channels an alert to a contact of the policy goes through (setting ALERT_URLS)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from clinic.escalations.policy import EscalationPolicy
from clinic.settings import Settings

LOG_CHANNEL = "alert:log"
ALERTS = "alert:"
_NAMED = re.compile(r"([a-z][a-z0-9_]*)=(?=[a-z0-9]+://)", re.IGNORECASE)


class Addresses:
    """The channels of each contact. Whatever is missing or unnamed makes more people hear of it, never fewer."""

    def __init__(self, *, by_contact: Mapping[str, Iterable[str]], for_everything: Iterable[str]) -> None:
        self._by_contact = {name: tuple(channels) for name, channels in by_contact.items()}
        self._for_everything = tuple(for_everything)

    @classmethod
    def of(cls, settings: Settings) -> Addresses:
        """As ALERT_URLS names them: `duty=mailtos://...` is that contact's; one without a name gets every alert."""
        by_contact: dict[str, list[str]] = {}
        for_everything = []
        for channel, address in alert_urls(settings).items():
            name, _ = named(address)
            if name is None:
                for_everything.append(channel)
            else:
                by_contact.setdefault(name, []).append(channel)
        return cls(by_contact=by_contact, for_everything=for_everything)

    def channels(self, contacts: Iterable[str]) -> list[str]:
        """The channels of these contacts, the log first. Of a contact without an address, everybody is told."""
        found = [LOG_CHANNEL, *self._for_everything]
        for contact in contacts:
            found += self._by_contact.get(contact) or ([] if self._for_everything else self._named())
        return list(dict.fromkeys(found))

    def own_channels(self, contacts: Iterable[str]) -> list[str]:
        """The log, and the channels that belong to these contacts by name: for what need not disturb anybody else."""
        own = [channel for contact in contacts for channel in self._by_contact.get(contact, ())]
        return list(dict.fromkeys([LOG_CHANNEL, *own]))

    def every_channel(self) -> list[str]:
        """Whoever can be alerted at all."""
        return list(dict.fromkeys([LOG_CHANNEL, *self._for_everything, *self._named()]))

    def problems(self, policy: EscalationPolicy) -> list[str]:
        """What a clinic should know at start: names that belong to nobody, contacts without an address."""
        problems = [
            f"ALERT_URLS names '{name}', which is no contact of data/escalation_policy.yml: it gets no alert"
            for name in self._by_contact
            if name not in policy.contacts
        ]
        missing = [name for name in policy.contacts if name not in self._by_contact]
        if missing:
            problems.append(
                f"no address of their own in ALERT_URLS: {', '.join(missing)}. Their alerts go to every address, "
                "so climbing reaches nobody new; the test alert stands in the log only while 'watchdog' is among them"
            )
        return problems

    def _named(self) -> list[str]:
        return [channel for channels in self._by_contact.values() for channel in channels]


def alert_urls(settings: Settings) -> dict[str, str]:
    """Each address of ALERT_URLS by its outbox channel: the place in the list is its name, never the address."""
    return {f"{ALERTS}{number}": url.get_secret_value() for number, url in enumerate(settings.alert_urls, start=1)}


def named(address: str) -> tuple[str | None, str]:
    """The contact that an address is for, if any, and the address without it."""
    found = _NAMED.match(address)
    return (found[1], address[found.end() :]) if found is not None else (None, address)
