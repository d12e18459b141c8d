"""How the things a person is known by are written, so that equal means the same person."""

import unicodedata


def normalise_email(address: str | None) -> str:
    """`address` without the differences that mean nothing (case, spaces, Unicode form, IDNA).

    Plus-tags and dots stay: they may be two people. What is no address gives "".
    """
    text = unicodedata.normalize("NFKC", address or "").strip().strip("<>").lower()
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or any(c.isspace() or not c.isprintable() for c in text):
        return ""
    try:
        domain = domain.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return f"{local}@{domain}" if domain else ""
