"""Rows for the label printer: who people are, and where a letter to them goes.

A postal address is read where it is needed and stored nowhere else: it stands in what the provider
sent of a payment.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from django.db.models import QuerySet
from django.db.models.functions import Length
from msgspec.structs import asdict

from fans.models import Creator, Fan
from revenue.exports import Row
from revenue.gateways.stripe.translate import to_postal_address
from revenue.models import Movement, Purchase, Source
from revenue.packed import unpack
from revenue.values import PostalAddress

COLUMNS = ["name", "email", "line1", "line2", "postal_code", "city", "state", "country"]
BATCH = 500


def label_rows(creator: Creator, fans: QuerySet[Fan]) -> Iterator[Row]:
    """A row for each of `fans` of `creator`, in their order; two or three queries for every
    `BATCH` of them. What nobody told is empty."""
    people = fans.only("creator", "name", "email", "country").iterator(chunk_size=BATCH)
    while batch := list(islice(people, BATCH)):
        addresses = _addresses(creator, [fan.pk for fan in batch])
        for fan in batch:
            address = addresses.get(fan.pk, PostalAddress())
            yield asdict(address) | {
                "name": address.name or fan.name,
                "email": fan.email,
                "country": address.country or fan.country,
            }


def _addresses(creator: Creator, fan_ids: Sequence[int]) -> dict[int, PostalAddress]:
    """Where the last purchase of each went that says a country, or else their last one."""
    paid = creator.purchases.filter(fan__pk__among=fan_ids, source__kind=Source.Kind.STRIPE)
    last = (
        paid.exclude(state__in=Purchase.NOTHING_PAID)
        .order_by("fan_id", Length("payer_country").desc(), "-occurred_at", "-id")
        .distinct("fan_id")
        .only("creator", "fan_id", "source_id", "external_id", "raw")
    )
    purchases = list(last)
    lines = Movement.objects.exclude(payment_id="").filter(
        source__in={purchase.source_id for purchase in purchases},
        payment_id__among=[purchase.external_id for purchase in purchases if not purchase.raw],
    )
    of_lines = {
        (line.source_id, line.payment_id): (line.as_sent() or {}).get("source")
        for line in lines.only("source_id", "payment_id", "object_id", "raw")
        if line.object_id == line.payment_id
    }
    found = {}
    for purchase in purchases:
        sent = unpack(purchase.raw) or of_lines.get((purchase.source_id, purchase.external_id))
        if purchase.fan_id and isinstance(sent, dict):
            found[purchase.fan_id] = to_postal_address(sent)
    return found
