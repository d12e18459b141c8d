"""Whose is a membership? Of a customer with an address, the one's with that address, as a payment.

Of one without, whoever pays for it: the address that was typed at the till stands on the payment
alone, and the membership would be somebody else's who never paid. What the creator said of such a
customer goes before that; what they said of one payment says nothing of the membership.
"""

from collections.abc import Collection, Iterable, Mapping

from fans.models import Identity
from revenue.attribution import Payer, attribute
from revenue.models import Membership, Source


def owners_of_memberships(*, source: Source, members: Iterable[Payer]) -> dict[str, int | None]:
    """The fan id of every one of `members`, by the membership's outside id; None: nobody's.

    The caller holds the lock on the creator.
    """
    members = list(members)
    paying = _paying(source, {member.customer_id for member in members if member.customer_id})
    theirs = {m.external_id: paying[m.customer_id] for m in members if m.customer_id in paying}
    others = [member for member in members if member.external_id not in theirs]
    return attribute(source=source, payers=others) | theirs


def follow_payments(*, source: Source, customers: Collection[str]) -> tuple[list[int], set[int]]:
    """Have the memberships of `customers` (outside ids), whose payments may be somebody else's now,
    belong to who pays; the row ids of those that do now, and the people whose they were."""
    if not customers or not _is_asked(source):
        return [], set()
    found = list(source.memberships.filter(customer_id__among=customers).defer("raw"))
    paying = _paying(source, {membership.customer_id for membership in found})
    owners = {m.external_id: paying.get(m.customer_id, m.fan_id) for m in found}
    return hand_over(found, owners)


def hand_over(
    memberships: Iterable[Membership], owners: Mapping[str, int | None]
) -> tuple[list[int], set[int]]:
    """Have each of `memberships` belong to who of the `owners` (fan ids, by its outside id) has it;
    the row ids of those that change hands by it, and the people whose they were."""
    moved = [m for m in memberships if m.fan_id != owners[m.external_id]]
    left = {membership.fan_id for membership in moved if membership.fan_id}
    for membership in moved:
        membership.fan_id = owners[membership.external_id]
    Membership.objects.bulk_update(moved, ["fan"])
    return [membership.pk for membership in moved], left


def _is_asked(source: Source) -> bool:
    """Whether it is one whose customers are known beside their payments; a file says whose a
    membership is by itself."""
    return source.kind == Source.Kind.STRIPE


def _paying(source: Source, customers: set[str]) -> dict[str, int]:
    """Who paid as each of these customers, of those without an address of whom nothing was said.

    Where several did, it is the latest: who pays for a membership today is who has it, and the
    order in which the payments were read does not matter.
    """
    if not customers or not _is_asked(source):
        return {}
    addressed = source.customers.filter(external_id__among=customers).exclude(email="")
    silent = customers.difference(addressed.values_list("external_id", flat=True))
    said = Identity.objects.filter(creator=source.creator_id, stands=True, value__among=silent)
    silent = silent.difference(said.values_list("value", flat=True))
    if not silent:
        return {}
    by_hand = source.assignments.values("external_id")
    bought = source.purchases.filter(customer_id__among=silent, fan__isnull=False)
    last = bought.exclude(external_id__in=by_hand).order_by(
        "customer_id", "-occurred_at", "-external_id"
    )
    return dict(last.distinct("customer_id").values_list("customer_id", "fan"))
