"""Whose payment is it? One person per normalised address, else per customer, else nobody's.

A customer's own address comes before the one typed at the till, so that all payments of a
customer belong to one person, and several customers with one address are one person. Nothing is
joined by a likeness; two addresses of one person are for people to merge (`revenue.merging`): then
both identities are of one person, and an address that a customer turns out to have later changes
nothing of what was said. Before all of it goes what the creator said by hand of a payment, which
says nothing of any other (`revenue.assigning`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from fans.acquaintance import acquaintance_of, keep
from fans.models import Creator, Fan, Identity
from revenue.models import Customer, Source

Key = tuple[str, str]


class Payer(NamedTuple):
    """Who paid, as far as one payment (or membership) tells."""

    external_id: str
    customer_id: str
    email: str = ""


def attribute(*, source: Source, payers: Iterable[Payer]) -> dict[str, int | None]:
    """The fan id of every one of `payers`, by their outside id; None: nobody's.

    Makes the fans and identities that are missing. The caller holds the lock on the creator.
    """
    payers = list(payers)
    if not payers:
        return {}
    emails = _emails(source, {payer.customer_id for payer in payers if payer.customer_id})
    keys = {p.external_id: key_of(p, emails.get(p.customer_id, "")) for p in payers}
    fans = _fans(source.creator, {key for key in keys.values() if key})
    return {external_id: fans[key] if key else None for external_id, key in keys.items()}


def assigned(*, source: Source, external_ids: Collection[str]) -> dict[str, int]:
    """The fan id of those of these payments that the creator assigned, by their outside id."""
    if not source.may_be_assigned:
        return {}
    found = source.assignments.filter(external_id__among=external_ids)
    return dict(found.values_list("external_id", "fan"))


def key_of(payer: Payer, customer_email: str) -> Key | None:
    """What identifies the payer: (kind, value) of an identity; None for an unknown person."""
    email = customer_email or payer.email
    if email:
        return Identity.Kind.EMAIL, email
    if payer.customer_id:
        is_outside = ":" in payer.customer_id  # which no id of Stripe has
        kind = Identity.Kind.OUTSIDE if is_outside else Identity.Kind.STRIPE_CUSTOMER
        return kind, payer.customer_id
    return None


def _emails(source: Source, ids: Iterable[str]) -> dict[str, str]:
    """The addresses of customers that have one, but for those of whom the creator said who they
    are before they had it. Of Stripe's customers in a file a connected account knows them."""
    if source.kind == Source.Kind.STRIPE:
        theirs = Customer.objects.filter(source=source, external_id__among=ids)
    elif ids := [name for name in ids if ":" not in name]:  # which every other id in a file has
        accounts = Source.objects.filter(creator=source.creator_id, kind=Source.Kind.STRIPE)
        theirs = Customer.objects.filter(source__in=accounts, external_id__among=ids)
    else:
        return {}
    found = theirs.exclude(email="")
    emails = dict(found.values_list("external_id", "email"))
    # Asked for by themselves: joined, the planner would compare each customer with each of them.
    said = Identity.objects.filter(creator=source.creator_id, stands=True, value__among=emails)
    for name in said.values_list("value", flat=True):
        del emails[name]
    return emails


def _fans(creator: Creator, keys: set[Key]) -> dict[Key, int]:
    """The fan id of every key; new people are made for keys that nobody has."""
    values = {value for _, value in keys}
    found = Identity.objects.filter(creator=creator, value__among=values)
    known = {
        (kind, value): fan_id for kind, value, fan_id in found.values_list("kind", "value", "fan")
    }
    if missing := sorted(keys - known.keys()):
        columns = [list(column) for column in zip(*missing, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(WELCOME, [*columns, creator.pk, creator.pk])
            known |= {(kind, value): fan_id for kind, value, fan_id in cursor.fetchall()}
    return known


# People and what they are known by at once; every other column has its default in the database.
WELCOME = """
WITH newcomer AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('fans_fan', 'id')) AS fan_id, kind, value
    FROM unnest(%s::text[], %s::text[]) AS key (kind, value)
), person AS (
    INSERT INTO fans_fan (id, creator_id, email, created_at)
    SELECT fan_id, %s, CASE kind WHEN 'email' THEN value ELSE '' END, now() FROM newcomer
)
INSERT INTO fans_identity (creator_id, fan_id, kind, value, evidence, created_at)
SELECT %s, fan_id, kind, value, 'payment', now() FROM newcomer
RETURNING kind, value, fan_id
"""


def misattributed(*, source: Source, customers: Sequence[int]) -> list[str]:
    """Outside ids of purchases that are not their customer's, of these customers (by row id)."""
    if not customers:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT purchase.external_id
            FROM revenue_customer AS customer
            JOIN revenue_purchase AS purchase
              ON purchase.source_id = customer.source_id
             AND purchase.customer_id = customer.external_id AND purchase.customer_id <> ''
            WHERE customer.id = ANY(%s) AND customer.email <> '' AND NOT EXISTS (
                SELECT FROM fans_identity AS identity WHERE identity.fan_id = purchase.fan_id
                AND identity.kind = 'email' AND identity.value = customer.email)
            """,
            [list(customers)],
        )
        return [external_id for (external_id,) in cursor.fetchall()]


def forget(people: Collection[int]) -> None:
    """Remove those of `people` of whom nothing is left: known by a customer's id only, until the
    customer turned out to have an address, or made for a payment that was theirs after all."""
    if people:
        nobody = Fan.objects.filter(pk__among=list(people), purchase_set=None, memberships=None)
        nobody.filter(seat=None, assignments=None).unacquainted().delete()


def introduce(
    *,
    source: Source,
    purchases: Sequence[int],
    customers: Sequence[int],
    memberships: Sequence[int],
    people: Collection[int],
    now: datetime,
    new: Sequence[int] = (),
) -> None:
    """Show people as they are known by these purchases, customers and memberships (row ids), and
    `people` who may be known by less than before. Of those `purchases` that are `new` most say of
    somebody what is shown already.

    Their customers stand among their identities; their name and country are those of their latest
    purchase with a name, the customer's own name before the one typed at the till, or of their
    latest membership where there is no such purchase. A purchase that was assigned by hand says
    nothing of the name; who is known by no address and no customer keeps the one they were given.
    What the creator calls them goes before all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            INTRODUCE,
            {
                "source": source.pk,
                "creator": source.creator_id,
                "new": list(new),
                "purchases": list(purchases),
                "customers": list(customers),
                "memberships": list(memberships),
                "people": list(people),
                "now": now,
            },
        )


def know(*, fan: Fan, facts: Mapping[str, object], now: datetime) -> None:
    """Keep what the creator says of `fan`: columns of their acquaintance. What they are called
    there is their name everywhere; without it, it is the one they pay by again."""
    with transaction.atomic():
        # Imports give names, too, and hold this lock meanwhile.
        Creator.objects.select_for_update(no_key=True).get(pk=fan.creator_id)
        known = acquaintance_of(fan)
        called = known.called
        for column, value in facts.items():
            setattr(known, column, value)
        keep(known)
        if known.called != called:
            show_as_known(fan, now)


def show_as_known(fan: Fan, now: datetime) -> None:
    """Have the name and country of `fan` be what `introduce` says; the caller holds the lock."""
    nothing: dict[str, list[int]] = {"new": [], "purchases": [], "customers": [], "memberships": []}
    with connection.cursor() as cursor:
        cursor.execute(
            INTRODUCE,
            {**nothing, "source": None, "creator": fan.creator_id, "people": [fan.pk], "now": now},
        )


# One statement, so that both parts see the same purchases. Who bought again by the name and in the
# country that are shown is known already: whichever of their purchases is the latest, it says that.
# The lateral query reads the newest purchases of a fan from an index and stops at the first that
# has a name. The creator comes from a query of their own, lest the planner choose an index by what
# it believes of this very creator: of one who is new it believes that there are no purchases, and
# reads them all for every fan. What was assigned is a scalar for the same reason: it is asked of
# the one row, not joined. And identities are found by their person, never by the creator.
ASSIGNED = """(
    SELECT true FROM revenue_assignment AS assignment
    WHERE assignment.source_id = purchase.source_id
      AND assignment.external_id = purchase.external_id
)"""
BY = """
    LEFT JOIN revenue_customer AS customer
      ON customer.source_id = purchase.source_id AND customer.external_id = purchase.customer_id
"""
NAME = "coalesce(nullif(customer.name, ''), purchase.payer_name)"
COUNTRY = "coalesce(nullif(purchase.payer_country, ''), customer.country, '')"
INTRODUCE = f"""
WITH touched AS MATERIALIZED (
    SELECT purchase.fan_id, CASE WHEN customer.email <> '' AND {ASSIGNED} IS NOT TRUE
               THEN purchase.customer_id END AS customer_id,
           purchase.id = ANY(%(new)s::bigint[])
               AND ({NAME}, {COUNTRY}) = (fan.name, fan.country) AS is_shown
    FROM revenue_purchase AS purchase JOIN fans_fan AS fan ON fan.id = purchase.fan_id {BY}
    WHERE purchase.id = ANY(%(purchases)s)
    UNION
    SELECT purchase.fan_id, CASE WHEN customer.email <> '' THEN customer.external_id END, false
    FROM revenue_customer AS customer
    JOIN revenue_purchase AS purchase
      ON purchase.source_id = customer.source_id AND purchase.customer_id = customer.external_id
     AND purchase.customer_id <> '' AND purchase.fan_id IS NOT NULL
    WHERE customer.id = ANY(%(customers)s) AND {ASSIGNED} IS NOT TRUE
    UNION
    SELECT membership.fan_id, CASE WHEN customer.email <> '' THEN customer.external_id END, false
    FROM revenue_membership AS membership LEFT JOIN revenue_customer AS customer
      ON customer.source_id = membership.source_id
     AND customer.external_id = membership.customer_id
    WHERE membership.source_id = %(source)s AND membership.fan_id IS NOT NULL
      AND (membership.id = ANY(%(memberships)s) OR customer.id = ANY(%(customers)s))
    UNION
    SELECT person.id, NULL, false FROM unnest(%(people)s::bigint[]) AS person (id)
), remembered AS (
    INSERT INTO fans_identity (creator_id, fan_id, kind, value, evidence, created_at)
    SELECT DISTINCT ON (customer_id) %(creator)s, fan_id, 'stripe_customer', customer_id,
           'customer''s address', %(now)s
    FROM touched
    WHERE customer_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM fans_identity AS known WHERE known.fan_id = touched.fan_id
        AND known.kind = 'stripe_customer' AND known.value = touched.customer_id)
    ORDER BY customer_id
    ON CONFLICT (value, kind, creator_id) DO UPDATE SET fan_id = excluded.fan_id
    WHERE fans_identity.fan_id <> excluded.fan_id AND NOT fans_identity.stands
)
UPDATE fans_fan AS fan
SET name = coalesce(own.called, latest.name), country = latest.country
FROM (SELECT DISTINCT fan_id FROM touched WHERE NOT is_shown) AS person
LEFT JOIN fans_acquaintance AS own
  ON own.creator_id = %(creator)s AND own.fan_id = person.fan_id AND own.called <> ''
CROSS JOIN LATERAL (
    (SELECT 1 AS place, {NAME} AS name, {COUNTRY} AS country
     FROM revenue_purchase AS purchase {BY}
     WHERE purchase.creator_id = (SELECT %(creator)s) AND purchase.fan_id = person.fan_id
       AND (customer.name <> '' OR purchase.payer_name <> '') AND {ASSIGNED} IS NOT TRUE
     ORDER BY purchase.occurred_at DESC, purchase.external_id DESC LIMIT 1)
    UNION ALL
    (SELECT 2 AS place, customer.name, customer.country
     FROM revenue_membership AS membership JOIN revenue_customer AS customer
       ON customer.source_id = membership.source_id
      AND customer.external_id = membership.customer_id
     WHERE membership.fan_id = person.fan_id AND customer.name <> ''
     ORDER BY membership.since DESC, membership.external_id DESC LIMIT 1)
    UNION ALL
    SELECT 3 AS place, '', ''
    ORDER BY place LIMIT 1
) AS latest
WHERE fan.id = person.fan_id
  AND (fan.name, fan.country)
      IS DISTINCT FROM (coalesce(own.called, latest.name), latest.country)
  AND (latest.place < 3 OR own.called IS NOT NULL OR EXISTS (
      SELECT FROM fans_identity AS identity WHERE identity.fan_id = fan.id))
"""  # noqa: S608  (words of our own)
