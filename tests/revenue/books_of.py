"""A creator's books without the numbers that a database happens to give its rows."""

from fans.models import Creator, Identity
from revenue.purchases import COLUMNS as PURCHASE_COLUMNS
from revenue.spend import COLUMNS


def books_of(creator: Creator) -> dict:
    """Everything an import writes, so that equal means the same books."""
    people = {
        fan.pk: " ".join(sorted(fan.identities.values_list("value", flat=True)))
        for fan in creator.fans.all()
    }
    tiers = dict(creator.tiers.values_list("pk", "name"))
    fans = {}
    for pk, name, seat, *row in creator.fans.values_list("pk", "name", "seat", *COLUMNS):
        numbers = dict(zip(COLUMNS, row, strict=True))
        numbers["tier_id"] = tiers.get(numbers["tier_id"])
        fans[people[pk]] = {"name": name, "seat": seat} | numbers
    purchases = {}
    for external_id, *row in creator.purchases.values_list("external_id", *PURCHASE_COLUMNS):
        values = dict(zip(PURCHASE_COLUMNS, row, strict=True))
        values["fan_id"] = people.get(values["fan_id"])
        purchases[external_id] = values
    sources = creator.sources.all()
    movements = {
        row["external_id"]: row
        for source in sources
        for row in source.movements.values(
            "external_id", "kind", "currency", "amount", "fee", "net", "payment_id", "object_id"
        )
    }
    identities = set(Identity.objects.filter(creator=creator).values_list("kind", "value"))
    return {
        "fans": fans,
        "purchases": purchases,
        "movements": movements,
        "identities": identities,
    }


def differences(one: object, other: object, path: str = "") -> dict[str, tuple]:
    """Where two books differ, by the path to the value."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return {} if one == other else {path: (one, other)}
    found: dict[str, tuple] = {}
    for key in one.keys() | other.keys():
        found |= differences(one.get(key), other.get(key), f"{path}/{key}")
    return found


def leave_out_who_only_sits(books: dict, clean: dict) -> None:
    """Take those out of `books` of whom nothing is left but a seat, which is kept for ever, and
    whom `clean` has never heard of."""
    fans = books["fans"]
    seated = {who for who, fan in fans.items() if fan["seat"] and not fan["purchases"]}
    for who in seated - clean["fans"].keys():
        del fans[who]
        known_as = who.split(" ")
        books["identities"] -= {pair for pair in books["identities"] if pair[1] in known_as}
