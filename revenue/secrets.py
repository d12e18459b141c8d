"""A model field whose value is encrypted at rest, with keys that can be rotated.

The first of FIELD_ENCRYPTION_KEYS encrypts, all of them decrypt: put a new key in front, start
everything anew, run `manage.py encrypt_again`, then drop the old key.
"""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS))


def by_first_key(token: str) -> str:
    """What `token` says, encrypted by the first key; `token` itself if that is so already.

    Raises InvalidToken if none of the keys can decrypt it.
    """
    try:
        Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(token.encode())
    except InvalidToken:
        return cipher().rotate(token.encode()).decode()
    return token


class EncryptedTextField(models.TextField):
    """Text that the database only ever sees encrypted; it can be read but not searched for."""

    def get_prep_value(self, value: Any) -> Any:
        return cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return cipher().decrypt(value.encode()).decode() if value else value
