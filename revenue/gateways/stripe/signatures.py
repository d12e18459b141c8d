"""Is a delivery from Stripe? Its header `Stripe-Signature` says so: `t=1732300000,v1=5257a8…`.

A signature is the HMAC-SHA256, with the endpoint's secret, of the stamp, a dot and the body as it
came. There may be several: Stripe signs with both secrets while one takes the other's place.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

#: How far the stamp may be from our clock, so that nobody sends later what they overheard.
TOLERANCE = timedelta(minutes=5)


class Verdict(Enum):
    GOOD = "good"
    MISSING = "missing"
    WRONG = "wrong"
    UNTIMELY = "untimely"


def judge(body: bytes, header: str, *, secrets: Iterable[str], now: datetime) -> Verdict:
    """Whether `header` proves that Stripe sent `body` just now, with any one of `secrets`."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamp = next((value for name, _, value in parts if name == "t"), "")
    given = [value.encode() for name, _, value in parts if name == "v1"]
    if not given or not (stamp.isascii() and stamp.isdigit()):
        return Verdict.MISSING
    signed = stamp.encode() + b"." + body
    right = [hmac.digest(secret.encode(), signed, "sha256").hex().encode() for secret in secrets]
    if not any(hmac.compare_digest(one, other) for one in given for other in right):
        return Verdict.WRONG
    # Only a stamp that was signed is looked at, so it is no number that cannot be a time.
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return Verdict.UNTIMELY
    return Verdict.GOOD
