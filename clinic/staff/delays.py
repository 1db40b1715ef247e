"""Waiting longer after each wrong guess. Nobody is locked out: whoever guesses slows only themselves.

What is counted is one account tried from one place: an address, or a browser that has opened this account before. So
somebody who guesses from elsewhere, on purpose or not, never makes the account's owner wait.
"""

from __future__ import annotations

import ipaddress
import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.clock import now
from clinic.encryption import DataKeysError, decrypt, encrypt

DEVICE_COOKIE = "staff_device"
DEVICE_LASTS = timedelta(days=400)
_FREE = 5
_FIRST_S = 10.0
_LONGEST_S = 900.0
_FORGOTTEN_AFTER = timedelta(hours=2)
_MOST = 20_000
_V6_NETWORK = 64


@dataclass
class _Tries:
    failures: int
    last_at: datetime


class Delays:
    """Counts failures by place, in this process."""

    def __init__(self) -> None:
        self._tries: dict[tuple[str, ...], _Tries] = {}
        self._lock = threading.Lock()

    def wait_s(self, *place: str) -> float:
        """Seconds until the next try from this place is looked at; 0: now."""
        with self._lock:
            tries = self._tries.get(place)
            if tries is None or tries.failures < _FREE:
                return 0.0
            passed = (now() - tries.last_at).total_seconds()
            # A clock that was set back must not make anybody wait for it.
            return 0.0 if passed < 0 else max(0.0, _delay_s(tries.failures) - passed)

    def failed(self, *place: str) -> None:
        """Counts a wrong guess."""
        with self._lock:
            if len(self._tries) >= _MOST:
                self._clear()
            tries = self._tries.setdefault(place, _Tries(0, now()))
            if now() - tries.last_at > _FORGOTTEN_AFTER:
                tries.failures = 0
            tries.failures, tries.last_at = tries.failures + 1, now()

    def forget(self, *place: str) -> None:
        """After a right one, earlier mistakes no longer count."""
        with self._lock:
            self._tries.pop(place, None)

    def _clear(self) -> None:
        limit = now() - _FORGOTTEN_AFTER
        self._tries = {place: tries for place, tries in self._tries.items() if tries.last_at > limit}
        # Whoever fills it from thousands of places pushes out the oldest, and wins nothing: each has its own count.
        for place in sorted(self._tries, key=lambda one: self._tries[one].last_at)[: -(_MOST // 2)]:
            del self._tries[place]


def place_of(*, address: str, username: str, device: str) -> tuple[str, ...]:
    """Where a guess comes from: a browser known to this account, else the address (of IPv6 the network)."""
    username = username.strip().lower()[:120]
    nonce = _nonce_of(device, username)
    return ("device", nonce, username) if nonce else ("address", _network(address), username)


def new_device(username: str) -> str:
    """What the cookie of a browser holds that has opened this account. It opens nothing by itself."""
    return encrypt(json.dumps([username, now().isoformat()])).decode()


def is_known(device: str, username: str) -> bool:
    """Whether this browser has opened this account before."""
    return bool(_nonce_of(device, username.strip().lower()[:120]))


def _delay_s(failures: int) -> float:
    return float(min(_LONGEST_S, _FIRST_S * 2 ** (failures - _FREE)))


def _nonce_of(device: str, username: str) -> str:
    if not device or len(device) > 1000:
        return ""
    try:
        known, made_at = json.loads(decrypt(device.encode()))
    except (DataKeysError, ValueError):
        return ""
    return str(made_at) if known == username else ""


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, _V6_NETWORK), strict=False))
