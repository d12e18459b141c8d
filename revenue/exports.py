"""Exports: everything about people and purchases, as rows for spreadsheets and scripts.

Money leaves as decimal strings in major units. Text that a spreadsheet would run as a formula is
neutralised in CSV by a leading apostrophe; JSON has it as it is.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from django.db.models import Count, Max, Min, Q, Sum

from fans.models import Creator, Fan, Identity
from revenue.ledger_sums import Booked
from revenue.models import Movement, Purchase
from revenue.models.purchases import PurchaseQuerySet
from revenue.models.sources import OfSourceQuerySet
from revenue.spend import COLUMNS, rebuilt
from revenue.year import Year
from truefans.money import to_major

FAN_COLUMNS = [
    "id",
    "name",
    "emails",
    "stripe_customer_ids",
    "currency",
    "lifetime_gross",
    "lifetime_net",
    "window_gross",
    "window_net",
    "purchases",
    "first_purchase_at",
    "last_purchase_at",
    "tier",
    "is_true_fan",
    "seat",
]
PURCHASE_COLUMNS = [
    "source",
    "external_id",
    "fan_id",
    "occurred_at",
    "kind",
    "state",
    "is_elsewhere",
    "invoice_id",
    "description",
    "currency",
    "amount",
    "returned",
    "settlement_currency",
    "fee",
    "net",
    "counted_currency",
    "counted_gross",
    "counted_net",
    "rate",
    "rate_date",
    "rate_origin",
]
MOVEMENT_COLUMNS = [
    "source",
    "external_id",
    "occurred_at",
    "kind",
    "category",
    "description",
    "payment_id",
    "currency",
    "amount",
    "fee",
    "net",
]
YEAR_MONEY = (
    "takings",
    "returned",
    "payment_fees",
    "account_fees",
    "net",
    "other",
    "paid_out",
    "change",
)
YEAR_COLUMNS = ["table", "name", "currency", *YEAR_MONEY]
MONEY_COLUMNS = ("lifetime_gross", "lifetime_net", "window_gross", "window_net")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
TEXT_COLUMNS = frozenset(
    {"name", "first_name", "last_name", "email", "emails", "stripe_customer_ids", "country"}
    | {"description", "source", "tier", "tags", "category"}
    | {"external_id", "invoice_id", "payment_id"}
    | {"line1", "line2", "postal_code", "city", "state"}
)
#: So many rows of a stream go in one piece.
PIECE = 500

Row = dict[str, Any]


class Writable(Protocol):
    """A text file, or what a command writes to."""

    def write(self, text: str, /) -> object: ...


def fan_rows(*, creator: Creator, now: datetime) -> Iterator[Row]:
    """One row a person as of `now` (whatever is stored), most spend first; nobody's money last."""
    people = {fan.pk: fan for fan in Fan.objects.filter(creator=creator)}
    emails = _identities(creator, Identity.Kind.EMAIL)
    customers = _customer_ids(creator)
    tiers = dict(creator.tiers.values_list("pk", "name"))
    spent = COLUMNS.index("spend") + 1
    for fan_id, *values, _ in sorted(
        rebuilt(creator=creator, now=now), key=lambda row: (-row[spent], row[0])
    ):
        numbers = dict(zip(COLUMNS, values, strict=True))
        fan = people[fan_id]
        yield {
            "id": fan_id,
            "name": fan.name,
            "emails": emails[fan_id],
            "stripe_customer_ids": customers[fan_id],
            "currency": creator.currency,
            **_money(numbers, creator.currency),
            "purchases": numbers["purchases"],
            "first_purchase_at": _iso(numbers["first_purchase_at"]),
            "last_purchase_at": _iso(numbers["last_purchase_at"]),
            "tier": tiers.get(numbers["tier_id"], ""),
            "is_true_fan": numbers["is_true_fan"],
            "seat": fan.seat if numbers["crossed_at"] else None,
        }
    yield _unattributed(creator, now)


def purchase_rows(*, creator: Creator, purchases: PurchaseQuerySet | None = None) -> Iterator[Row]:
    """One row a purchase of `purchases` (all there are), newest first; amounts each in the
    currency that the row names."""
    found = creator.purchases.all() if purchases is None else purchases
    rows = found.order_by("-occurred_at", "-id").with_source().defer("raw")
    for purchase in rows.iterator(chunk_size=2000):
        paid, settled = purchase.currency, purchase.settlement_currency
        counted = purchase.counted_currency
        yield {
            "source": str(purchase.source),
            "external_id": purchase.external_id,
            "fan_id": purchase.fan_id,
            "occurred_at": _iso(purchase.occurred_at),
            "kind": purchase.kind,
            "state": purchase.state,
            "is_elsewhere": purchase.is_elsewhere,
            "invoice_id": purchase.invoice_id,
            "description": purchase.description,
            "currency": paid,
            "amount": _major(purchase.amount, paid),
            "returned": _major(purchase.returned, paid),
            "settlement_currency": settled,
            "fee": _major(purchase.fee, settled),
            "net": _major(purchase.net, settled),
            "counted_currency": counted,
            "counted_gross": _major(purchase.counted_gross, counted),
            "counted_net": _major(purchase.counted_net, counted),
            "rate": None if purchase.rate is None else f"{purchase.rate.normalize():f}",
            "rate_date": purchase.rate_date and purchase.rate_date.isoformat(),
            "rate_origin": purchase.rate_origin,
        }


def movement_rows(*, lines: OfSourceQuerySet[Movement]) -> Iterator[Row]:
    """One row a line of a ledger, newest first; amounts in the currency it is settled in."""
    rows = lines.order_by("-occurred_at", "-id").with_source().defer("raw")
    for line in rows.iterator(chunk_size=2000):
        yield {
            "source": str(line.source),
            "external_id": line.external_id,
            "occurred_at": _iso(line.occurred_at),
            "kind": line.kind,
            "category": line.category,
            "description": line.description,
            "payment_id": line.payment_id,
            "currency": line.currency,
            "amount": _major(line.amount, line.currency),
            "fee": _major(line.fee, line.currency),
            "net": _major(line.net, line.currency),
        }


def year_rows(*, creator: Creator, year: Year) -> Iterator[Row]:
    """The tables of a year one after the other; each of them adds up to the same."""
    names = {source.pk: str(source) for source in creator.sources.without_secrets()}
    for month, part in year.months.items():
        yield _year_row("month", f"{year.year}-{month:02}", year.currency, part)
    for source, part in year.sources.items():
        yield _year_row("source", names.get(source, str(source)), year.currency, part)
    for country, part in year.countries.items():
        name = "about no payment" if country is None else country
        yield _year_row("country", name, year.currency, part)
    for (currency, month), part in year.settled_months().items():
        yield _year_row("month, as settled", f"{year.year}-{month:02}", currency, part)
    for elsewhere in year.elsewhere:
        part = Booked(takings=elsewhere.amount)
        yield _year_row("paid past the provider", "", elsewhere.currency, part)


def _year_row(table: str, name: str, currency: str, part: Booked) -> Row:
    amounts = {column: _major(getattr(part, column), currency) for column in YEAR_MONEY}
    return {"table": table, "name": name, "currency": currency, **amounts}


def csv_pieces(rows: Iterable[Row], *, columns: Sequence[str]) -> Iterator[str]:
    """The text of a CSV file, its header first, many lines at once: for a stream."""
    lines = csv_lines(rows, columns=columns)
    while piece := "".join(islice(lines, PIECE)):
        yield piece


def write(rows: Iterable[Row], *, columns: Sequence[str], form: str, to: Writable) -> None:
    """Write `rows` as "csv" (lists joined by ;) or "json" (one array, a row a line)."""
    if form == "csv":
        for line in csv_lines(rows, columns=columns):
            to.write(line)
        return
    to.write("[")
    for index, row in enumerate(rows):
        to.write(",\n" if index else "\n")
        json.dump(row, to, ensure_ascii=False)
    to.write("\n]\n")


def csv_lines(rows: Iterable[Row], *, columns: Sequence[str]) -> Iterator[str]:
    """The lines of a CSV file, its header first, each as soon as its row is there."""
    writer = csv.DictWriter(_Echo(), columns, lineterminator="\n")
    yield writer.writeheader()
    for row in rows:
        yield writer.writerow({column: _cell(column, row[column]) for column in columns})


class _Echo:
    """Hands a line back to who writes it."""

    def write(self, text: str, /) -> str:
        return text


def _cell(column: str, value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = ";".join(value)
    return harmless(value) if column in TEXT_COLUMNS else value


def harmless(text: str) -> str:
    """`text` as no spreadsheet takes it for a formula or for several rows."""
    if text.startswith(FORMULA_STARTS):
        text = "'" + text
    # A carriage return alone is not quoted, and would end the row for who reads it.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _identities(creator: Creator, kind: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    identities = creator.identities.filter(kind=kind).order_by("value")
    for fan_id, value in identities.values_list("fan_id", "value"):
        found[fan_id].append(value)
    return found


def _customer_ids(creator: Creator) -> dict[int, list[str]]:
    """The customers at Stripe that a person is known as or has paid as; what one is known by
    elsewhere has a colon, which no id of Stripe has."""
    known = {
        (fan_id, value)
        for fan_id, values in _identities(creator, Identity.Kind.STRIPE_CUSTOMER).items()
        for value in values
    }
    paid = creator.purchases.exclude(customer_id="").exclude(fan=None)
    paid = paid.exclude(customer_id__contains=":")
    known |= set(paid.values_list("fan_id", "customer_id").distinct())
    found: dict[int, list[str]] = defaultdict(list)
    for fan_id, value in sorted(known):
        found[fan_id].append(value)
    return found


def _unattributed(creator: Creator, now: datetime) -> Row:
    """The money of nobody, shaped like a person."""
    in_window = Q(occurred_at__gte=creator.window_start(now))
    paid = ~Q(state__in=Purchase.NOTHING_PAID)
    sums = (
        creator.purchases.unattributed()
        .filter(occurred_at__lt=now)
        .aggregate(
            lifetime_gross=Sum("counted_gross"),
            lifetime_net=Sum("counted_net"),
            window_gross=Sum("counted_gross", filter=in_window),
            window_net=Sum("counted_net", filter=in_window),
            purchases=Count("pk", filter=paid),
            first_purchase_at=Min("occurred_at", filter=paid),
            last_purchase_at=Max("occurred_at", filter=paid),
        )
    )
    return {
        "id": None,
        "name": "unattributed",
        "emails": [],
        "stripe_customer_ids": [],
        "currency": creator.currency,
        **_money({column: sums[column] or 0 for column in MONEY_COLUMNS}, creator.currency),
        "purchases": sums["purchases"],
        "first_purchase_at": _iso(sums["first_purchase_at"]),
        "last_purchase_at": _iso(sums["last_purchase_at"]),
        "tier": "",
        "is_true_fan": False,
        "seat": None,
    }


def _money(numbers: Row, currency: str) -> Row:
    return {column: _major(int(numbers[column]), currency) for column in MONEY_COLUMNS}


def _major(minor: int | None, currency: str) -> str | None:
    return None if minor is None else str(to_major(minor, currency))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
