"""Whose payment is it? One person per normalised address, else per customer, else nobody's.

A customer's own address comes before the one typed at the till, so that all payments of a
customer belong to one person, and several customers with one address are one person. Nothing is
joined by a likeness; two addresses of one person are for people to merge.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from fans.models import Creator, Fan, Identity
from revenue.models import Customer, Source
from revenue.upsert import upsert

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Payer:
    """Who paid, as far as one payment tells."""

    external_id: str
    occurred_at: datetime
    customer_id: str
    email: str
    name: str
    country: str


def attribute(*, source: Source, payers: list[Payer], now: datetime) -> dict[str, int | None]:
    """The fan id of every payment in `payers`, by the payment's outside id; None: nobody's.

    Makes the fans and identities that are missing. The caller holds the lock on the creator.
    """
    customers = _customers(source, {payer.customer_id for payer in payers if payer.customer_id})
    keys = {payer.external_id: key_of(payer, customers.get(payer.customer_id)) for payer in payers}
    fans = _fans(source.creator, {key for key in keys.values() if key})
    owners = {external_id: fans[key] if key else None for external_id, key in keys.items()}
    _remember_customers(source, payers, customers, owners, now)
    _keep_profiles(payers, customers, owners)
    return owners


def key_of(payer: Payer, customer: Customer | None) -> Key | None:
    """What identifies the payer: (kind, value) of an identity; None for an unknown person."""
    email = (customer.email if customer else "") or payer.email
    if email:
        return Identity.Kind.EMAIL, email
    if payer.customer_id:
        return Identity.Kind.STRIPE_CUSTOMER, payer.customer_id
    return None


def _customers(source: Source, ids: Iterable[str]) -> dict[str, Customer]:
    return {c.external_id: c for c in source.customers.filter(external_id__in=ids)}


def _fans(creator: Creator, keys: set[Key]) -> dict[Key, int]:
    """The fan id of every key; new people are made for keys that nobody has."""
    known = {
        (identity.kind, identity.value): identity.fan_id
        for identity in Identity.objects.filter(
            creator=creator, value__in={value for _, value in keys}
        )
    }
    missing = sorted(keys - known.keys())
    fans = Fan.objects.bulk_create(
        Fan(creator=creator, email=value if kind == Identity.Kind.EMAIL else "")
        for kind, value in missing
    )
    Identity.objects.bulk_create(
        Identity(creator=creator, fan=fan, kind=kind, value=value, evidence="payment")
        for (kind, value), fan in zip(missing, fans, strict=True)
    )
    return known | {key: fan.pk for key, fan in zip(missing, fans, strict=True)}


def _remember_customers(
    source: Source,
    payers: list[Payer],
    customers: dict[str, Customer],
    owners: dict[str, int | None],
    now: datetime,
) -> None:
    """Show a person's customers among their identities, where the customer has that address."""
    found = {
        payer.customer_id: owners[payer.external_id]
        for payer in payers
        if payer.customer_id in customers and customers[payer.customer_id].email
    }
    upsert(
        Identity,
        [
            {
                "creator_id": source.creator_id,
                "fan_id": fan_id,
                "kind": Identity.Kind.STRIPE_CUSTOMER,
                "value": customer_id,
                "evidence": "customer's address",
                "created_at": now,
            }
            for customer_id, fan_id in found.items()
        ],
        unique=["creator_id", "kind", "value"],
        update=["fan_id"],
    )


def _keep_profiles(
    payers: list[Payer], customers: dict[str, Customer], owners: dict[str, int | None]
) -> None:
    """A fan's name and country are those of their latest payment that has a name."""
    latest: dict[int, tuple[datetime, str, str]] = {}
    for payer in payers:
        customer = customers.get(payer.customer_id)
        name = (customer.name if customer else "") or payer.name
        country = payer.country or (customer.country if customer else "")
        fan_id = owners[payer.external_id]
        if fan_id and name:
            latest[fan_id] = max(
                latest.get(fan_id, (payer.occurred_at, "", "")), (payer.occurred_at, name, country)
            )
    if not latest:
        return
    ids = sorted(latest)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE fans_fan SET name = new.name, country = new.country, profile_at = new.at
            FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[])
                 AS new (id, at, name, country)
            WHERE fans_fan.id = new.id
              AND (fans_fan.profile_at IS NULL
                   OR (fans_fan.profile_at, fans_fan.name, fans_fan.country)
                      < (new.at, new.name, new.country))
            """,
            [ids, *(list(column) for column in zip(*(latest[i] for i in ids), strict=True))],
        )
