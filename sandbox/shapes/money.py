"""Lines of money that moved, and the payouts to the bank."""

from collections.abc import Sequence
from typing import Any

from sandbox.books import Json


def movement(
    identifier: str,
    *,
    created: int,
    amount: int,
    currency: str,
    kind: str,
    source: str | None,
    available_on: int,
    status: str,
    fees: Sequence[tuple[str, int]] = (),
    application_fee: int = 0,
    category: str | None = None,
    description: str | None = None,
    exchange_rate: float | None = None,
) -> Json:
    """A balance transaction; `fees` are Stripe's own (description, amount), `application_fee` what
    a platform takes."""
    details = [_fee(part, currency, words) for words, part in fees]
    if application_fee:
        details.append(_fee(application_fee, currency, None, kind="application_fee"))
    fee = sum(detail["amount"] for detail in details)
    return {
        "object": "balance_transaction",
        "id": identifier,
        "created": created,
        "amount": amount,
        "available_on": available_on,
        "balance_type": "payments",
        "currency": currency,
        "description": description,
        "exchange_rate": exchange_rate,
        "fee": fee,
        "fee_details": details,
        "net": amount - fee,
        "reporting_category": category or kind,
        "source": source,
        "status": status,
        "type": kind,
    }


def _fee(amount: int, currency: str, words: str | None, kind: str = "stripe_fee") -> Json:
    return {
        "amount": amount,
        "application": None,
        "currency": currency,
        "description": words,
        "type": kind,
    }


def payout(
    identifier: str,
    *,
    created: int,
    amount: int,
    currency: str,
    arrival: int,
    status: str,
    movement: str,
    bank: str,
    **fields: Any,
) -> Json:
    return {
        "object": "payout",
        "livemode": False,
        "id": identifier,
        "created": created,
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival,
        "automatic": True,
        "balance_transaction": movement,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": bank,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": status,
        "trace_id": None,
        "type": "bank_account",
        **fields,
    }
