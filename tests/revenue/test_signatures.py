"""Whose deliveries are believed: a table, held against Stripe's own SDK."""

import time

import pytest
from stripe import WebhookSignature

from revenue.gateways.stripe.signatures import Verdict, judge
from sandbox.webhooks import signature
from tests.factories import NOW

BODY = b'{"id": "evt_1", "name": "\xc3\x84rger \\ud83d"}'
AT = int(NOW.timestamp())
OLD, NEW, OTHER = "whsec_old_secret_of_stripe", "whsec_new_secret_of_stripe", "whsec_of_others"


def by(secret: str, *, at: int = AT, body: bytes = BODY) -> str:
    return signature(body, secret, at)


def both(first: str, second: str) -> str:
    """A header with two signatures, as Stripe sends it while one secret takes another's place."""
    return f"{by(first)},{by(second).partition(',')[2]}"


def forged(header: str) -> str:
    return header[:-1] + ("0" if header[-1] != "0" else "1")


CASES = [
    ("as Stripe signs", by(OLD), [OLD], Verdict.GOOD),
    ("with spaces after commas", by(OLD).replace(",", ", "), [OLD], Verdict.GOOD),
    ("with an older scheme beside it", by(OLD) + ",v0=6ffbb59b2300", [OLD], Verdict.GOOD),
    ("rotation: the new secret is not stored yet", both(NEW, OLD), [OLD], Verdict.GOOD),
    ("rotation: the old secret is removed already", both(NEW, OLD), [NEW], Verdict.GOOD),
    ("rotation: signed with the older of two", by(OLD), [OLD, NEW], Verdict.GOOD),
    ("rotation: signed with the newer of two", by(NEW), [OLD, NEW], Verdict.GOOD),
    ("a removed secret", by(OLD), [NEW], Verdict.WRONG),
    ("no secret is stored", by(OLD), [], Verdict.WRONG),
    ("another's secret", by(OTHER), [OLD, NEW], Verdict.WRONG),
    ("the secret of nobody", by(""), [OLD], Verdict.WRONG),
    ("forged", forged(by(OLD)), [OLD], Verdict.WRONG),
    ("of another body", by(OLD, body=BODY + b" "), [OLD], Verdict.WRONG),
    ("another stamp than was signed", by(OLD).replace(str(AT), str(AT - 9)), [OLD], Verdict.WRONG),
    ("letters that are none", f"t={AT},v1=ä", [OLD], Verdict.WRONG),
    ("empty", f"t={AT},v1=", [OLD], Verdict.WRONG),
    ("only an older scheme", by(OLD).replace("v1", "v0"), [OLD], Verdict.MISSING),
    ("no header", "", [OLD], Verdict.MISSING),
    ("no stamp", by(OLD).partition(",")[2], [OLD], Verdict.MISSING),
    ("a stamp that is no number", by(OLD).replace(str(AT), "soon"), [OLD], Verdict.MISSING),
    ("a stamp of other digits", f"t=²,{by(OLD).partition(',')[2]}", [OLD], Verdict.MISSING),
    ("nonsense", "=,=,,;v1", [OLD], Verdict.MISSING),
    ("five minutes old", by(OLD, at=AT - 300), [OLD], Verdict.GOOD),
    ("replayed, older than five minutes", by(OLD, at=AT - 301), [OLD], Verdict.UNTIMELY),
    ("five minutes ahead", by(OLD, at=AT + 300), [OLD], Verdict.GOOD),
    ("more than five minutes ahead", by(OLD, at=AT + 301), [OLD], Verdict.UNTIMELY),
    ("longer ago than any clock", by(OLD, at=0), [OLD], Verdict.UNTIMELY),
    ("old, and of another's secret", by(OTHER, at=AT - 301), [OLD], Verdict.WRONG),
]


@pytest.mark.parametrize(("header", "secrets", "verdict"), [c[1:] for c in CASES],
                         ids=[c[0] for c in CASES])  # fmt: skip
def test_a_signature_is_judged(header, secrets, verdict):
    assert judge(BODY, header, secrets=secrets, now=NOW) == verdict


def test_what_the_sdk_signs_is_good_and_what_we_find_good_is_so_to_the_sdk():
    now = int(time.time())
    text = BODY.decode()
    sent = WebhookSignature.generate_signature_header(text, OLD, now)
    here = NOW.fromtimestamp(now, NOW.tzinfo)

    assert judge(BODY, sent, secrets=[OLD], now=here) == Verdict.GOOD
    assert WebhookSignature.verify_header(BODY, by(OLD, at=now), OLD, 300)
