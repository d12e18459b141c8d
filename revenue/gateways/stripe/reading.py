"""Reading an account page by page: customers first, then the ledger, both newest first."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.translate import id_of, to_customer, to_page
from revenue.values import Customer, Page

Json = dict[str, Any]

#: Stripe opened in 2011: no history is older.
BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)

#: Where an object is read that the server left unexpanded, by the beginning of its id.
PATHS = {
    "ch_": ("/v1/charges", "Charges"),
    "py_": ("/v1/charges", "Charges"),
    "re_": ("/v1/refunds", "Charges"),
    "pyr_": ("/v1/refunds", "Charges"),
    "dp_": ("/v1/disputes", "Disputes"),
    "du_": ("/v1/disputes", "Disputes"),
}


def read_customers(gateway: StripeGateway, *, after: str, since: datetime | None) -> Page:
    """A page of customers; deleted ones are not listed by Stripe."""
    found, more = gateway.list(
        "/v1/customers", permission="Customers", after=after, **_created(since)
    )
    cursor = found[-1]["id"] if found and more else None
    return Page(cursor=cursor, customers=[to_customer(customer) for customer in found])


def read_movements(gateway: StripeGateway, *, after: str, since: datetime | None) -> Page:
    """A page of the ledger with the payments, refunds and disputes its lines are about."""
    found, more = gateway.list(
        "/v1/balance_transactions",
        permission="Balance transaction sources",
        after=after,
        expand=["data.source"],
        **_created(since),
    )
    for transaction in found:
        _expand(gateway, transaction)
    return to_page(found, cursor=found[-1]["id"] if found and more else None)


def read_missing_customers(gateway: StripeGateway, customer_ids: Iterable[str]) -> list[Customer]:
    """Customers by id, deleted ones too (Stripe answers for those with `deleted: true`)."""
    return [
        to_customer(gateway.get(f"/v1/customers/{customer_id}", permission="Customers"))
        for customer_id in customer_ids
    ]


def oldest_movement_at(gateway: StripeGateway, *, hint: datetime | None, now: datetime) -> datetime:
    """A moment before every line of the ledger, to the month; for the time that is left.

    The account's own date of birth (`hint`) costs one question; where there are older lines, or
    nobody knows the date, the month is found by halving.
    """
    if hint and not _any_before(gateway, hint):
        return hint
    low, high = BEGINNING, hint or now
    while (high - low).days > 31:
        middle = low + (high - low) / 2
        low, high = (low, middle) if _any_before(gateway, middle) else (middle, high)
    return low


def _any_before(gateway: StripeGateway, at: datetime) -> bool:
    answer = gateway.get(
        "/v1/balance_transactions",
        permission="Balance transaction sources",
        limit=1,
        created={"lt": int(at.timestamp())},
    )
    return bool(answer.get("data"))


def _expand(gateway: StripeGateway, transaction: Json) -> None:
    """Fetch what a transaction is about, where the server gave only its id."""
    source = transaction.get("source")
    if not isinstance(source, str):
        return
    prefix = source.split("_", 1)[0] + "_"
    if prefix in PATHS:
        path, permission = PATHS[prefix]
        transaction["source"] = gateway.get(f"{path}/{id_of(source)}", permission=permission)


def _created(since: datetime | None) -> dict[str, Any]:
    return {"created": {"gte": int(since.timestamp())}} if since else {}


def account_balance(gateway: StripeGateway) -> dict[str, int]:
    """Available plus pending money by currency (upper case), in minor units."""
    answer = gateway.get("/v1/balance", permission="Balance")
    total: dict[str, int] = {}
    for part in (*(answer.get("available") or ()), *(answer.get("pending") or ())):
        currency = part["currency"].upper()
        total[currency] = total.get(currency, 0) + part["amount"]
    return total


def newest_movement_id(gateway: StripeGateway) -> str:
    """The id of the ledger's last line, "" for an empty ledger: it changes when money moves."""
    answer = gateway.get(
        "/v1/balance_transactions", permission="Balance transaction sources", limit=1
    )
    return id_of((answer.get("data") or [{}])[0])
