"""Settings, keys, logs and limits: what is wrong is said at start, and nothing private gets out."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from clinic import encryption
from clinic.conversations.rate_limit import RateLimit
from clinic.encryption import DataKeysError, configure_encryption, decrypt, encrypt
from clinic.operations.logging import redact
from clinic.settings import Settings
from tests.conftest import REDIS


def test_settings_production_refuses_to_start_without_keys_and_tokens() -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(environment="production")
    for name in ("DATA_KEYS", "INTERNAL_TOKEN", "PUBLIC_URL", "DATABASE_URL", "ALERT_URLS"):
        assert name in str(raised.value)


def test_settings_lists_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://a.example, https://b.example ,")
    assert Settings().allowed_origins == ["https://a.example", "https://b.example"]


def test_encryption_keys_rotate(tmp_path: Path) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    configure_encryption(Settings(data_keys=[old], var_folder=tmp_path))  # type: ignore[list-item]
    token = encrypt("words")
    configure_encryption(Settings(data_keys=[new, old], var_folder=tmp_path))  # type: ignore[list-item]
    assert decrypt(token) == "words"
    configure_encryption(Settings(data_keys=[new], var_folder=tmp_path))  # type: ignore[list-item]
    with pytest.raises(DataKeysError, match="DATA_KEYS"):
        decrypt(token)


def test_encryption_development_key_is_made_once_and_private(tmp_path: Path) -> None:
    configure_encryption(Settings(var_folder=tmp_path))
    token = encrypt("words")
    configure_encryption(Settings(var_folder=tmp_path))
    assert decrypt(token) == "words"
    assert (tmp_path / "data.key").stat().st_mode & 0o077 == 0


def test_encryption_wrong_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataKeysError, match="make-key"):
        configure_encryption(Settings(data_keys=["not a key"], var_folder=tmp_path))  # type: ignore[list-item]


def test_encryption_is_never_silently_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption._Cipher, "fernet", None)
    with pytest.raises(DataKeysError, match="configure_encryption"):
        encrypt("words")


def test_logging_redacts_what_could_be_words() -> None:
    assert redact(None, "info", {"event": "x", "text": "secret", "message": 5}) == {
        "event": "x",
        "text": "[redacted]",
        "message": 5,
    }


@pytest.mark.parametrize("redis_url", ["", pytest.param(REDIS, marks=pytest.mark.skipif(not REDIS, reason="no Redis"))])
def test_rate_limit_slows_one_conversation_and_not_the_others(redis_url: str) -> None:
    limit = RateLimit(is_on=True, redis_url=redis_url)
    key = Fernet.generate_key().decode()
    allowed = [limit.allows_message(key) for _ in range(40)]
    assert allowed[:30] == [True] * 30 and allowed[-1] is False
    assert limit.allows_message(key + "another")


@pytest.mark.skipif(not REDIS, reason="TEST_REDIS_URL names no Redis; .ci/run starts one")
def test_rate_limit_counts_across_processes_in_redis() -> None:
    key = Fernet.generate_key().decode()
    one, two = (RateLimit(is_on=True, redis_url=REDIS or "") for _ in range(2))
    assert not all([(one, two)[n % 2].allows_message(key) for n in range(40)])


def test_rate_limit_without_its_redis_turns_nobody_away() -> None:
    limit = RateLimit(is_on=True, redis_url="redis://127.0.0.1:1/0")
    assert all(limit.allows_message("x") for _ in range(40))
