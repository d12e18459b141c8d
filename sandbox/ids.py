"""Ids that look like Stripe's and are always the same for the same key.

`ch_3xU74kCz7hWRKLEpSEn50MTR` is a prefix, five characters of the time, ten of the account and
eight of its own; customers, products and subscription items have fourteen of their own.
"""

from functools import lru_cache
from hashlib import blake2b

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTER_OF_BYTE = bytes(_ALPHABET[value % 62] for value in range(256))
_PAIRS = [chr(a) + chr(b) for a in _ALPHABET for b in _ALPHABET]


class Mint:
    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()[:64]
        letters = self.letters("account")
        self._tail = letters[:10]
        self.account = f"acct_1{letters[10:15]}{self._tail}"

    def letters(self, key: str) -> str:
        """64 letters and digits out of the key: enough for the ids of a payment and all around."""
        digest = blake2b(key.encode(), key=self._seed).digest()
        return digest.translate(_LETTER_OF_BYTE).decode("ascii")

    def timed(self, prefix: str, at: int, letters: str) -> str:
        """`timed("ch_3", at, "SEn50MTR")`; `at` in Unix seconds."""
        return f"{prefix}{_stamp(at)}{self._tail}{letters[:8]}"


@lru_cache(maxsize=256)  # the ids around one payment are made at one moment
def _stamp(at: int) -> str:
    """The last five digits of the time to the base 62."""
    above, last = divmod(at, 3844)
    top, middle = divmod(above, 3844)
    return chr(_ALPHABET[top % 62]) + _PAIRS[middle] + _PAIRS[last]
