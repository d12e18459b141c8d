"""How the things a person is known by are written, so that equal means the same person."""

import unicodedata
from functools import lru_cache


def normalise_email(address: str | None) -> str:
    """`address` without the differences that mean nothing (case, spaces, Unicode form, IDNA).

    Plus-tags and dots stay: they may be two people. What is no address gives "".
    """
    text = unicodedata.normalize("NFKC", address or "").strip().strip("<>").lower()
    local, _, domain = text.rpartition("@")
    if not local or not text.isprintable() or len(text.split()) > 1:
        return ""
    domain = _normalise_domain(domain)
    return f"{local}@{domain}" if domain else ""


@lru_cache(maxsize=10_000)
def _normalise_domain(domain: str) -> str:
    try:
        return domain.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return ""
