"""What a secret is found by, where the secret itself is not stored or not to be searched for."""

import hashlib


def digest_of(secret: str) -> str:
    """SHA-256 of `secret`, in hex; of any text, also one that nobody could have been given."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
