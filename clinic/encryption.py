"""Free texts and answers are encrypted at rest; the keys can be rotated (MultiFernet)."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from clinic.settings import Settings


class DataKeysError(RuntimeError):
    """Keys are missing, malformed, or do not fit what is stored; the message names the cure."""


class _Cipher:
    """Holds the keys of this process; set once at start by `configure_encryption`."""

    fernet: MultiFernet | None = None
    newest: bytes = b""
    oldest: bytes = b""


def configure_encryption(settings: Settings) -> None:
    """Loads DATA_KEYS; in development without any, makes a key file in the var folder on first run.

    Raises:
        DataKeysError: a key is not a Fernet key, or the key file cannot be used.
    """
    keys = [key.get_secret_value() for key in settings.data_keys]
    if not keys:
        keys = [_development_key(settings.var_folder / "data.key")]
    try:
        _Cipher.fernet = MultiFernet([Fernet(key) for key in keys])
        _Cipher.newest, _Cipher.oldest = keys[0].encode(), keys[-1].encode()
    except ValueError as error:
        raise DataKeysError(
            "DATA_KEYS holds something that is no Fernet key: make one with `python -m clinic make-key`"
        ) from error


def encrypt(text: str) -> bytes:
    """Encrypts under the newest key."""
    return _fernet().encrypt(text.encode())


def decrypt(token: bytes) -> str:
    """Decrypts under any known key.

    Raises:
        DataKeysError: none of the keys fits.
    """
    try:
        return _fernet().decrypt(token).decode()
    except InvalidToken as error:
        raise DataKeysError("stored data does not open with DATA_KEYS: add the key it was written with") from error


def derived_secret(purpose: str) -> str:
    """A secret of its own for another purpose, from the newest key: the same after every start, different for each."""
    _fernet()
    return hmac.new(_Cipher.newest, purpose.encode(), hashlib.sha256).hexdigest()


def blind_index(value: str, purpose: str) -> str:
    """What an encrypted value can be found by: the same for the same value, meaningless without the keys.

    Made with the oldest key, because rows written under it must be found after a newer one was added. `purpose` keeps
    the indexes of different columns apart.
    """
    _fernet()
    return hmac.new(_Cipher.oldest, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


def _fernet() -> MultiFernet:
    if _Cipher.fernet is None:
        raise DataKeysError("encryption is not configured: call configure_encryption at start")
    return _Cipher.fernet


def _development_key(path: Path) -> str:
    if path.is_file():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Fernet.generate_key().decode()
    try:
        # Exclusive: two processes starting at once must not write two keys.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
    except FileExistsError:
        return path.read_text().strip()
    return key


class EncryptedText(TypeDecorator[str]):
    """A text column that is stored encrypted."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else decrypt(value)


class EncryptedJSON(TypeDecorator[Any]):
    """A JSON value that is stored encrypted."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else encrypt(json.dumps(value))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(decrypt(value))
