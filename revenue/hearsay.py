"""What other files say came back of a payment that a file tells of, too.

A tip jar's export knows no refunds, and PayPal's does; the balance history has the refund of a
charge that only the payments export lists, perhaps from before it was given back. As of all that
is said of one payment, what gives more back counts, whichever file says it and whichever came
first. Only an exact id makes one payment of two.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from revenue.files.outcomes import Line, Return
from revenue.heard import greatest
from revenue.models import Source
from revenue.told import Outcome, Said, as_paid

#: What may be the same of several payments.
SHARED = ("stripe_invoice",)


def others_of(source: Source) -> list[Source]:
    """The other sources of the creator that files were brought to, and that are not on their way
    out."""
    if source.kind != Source.Kind.FILE:
        return []
    files = Source.objects.without_secrets().filter(
        creator=source.creator_id, kind=Source.Kind.FILE
    )
    others = files.exclude(pk=source.pk).exclude(state=Source.State.REMOVING).order_by("pk")
    for other in (found := list(others)):
        other.creator = source.creator
    return found


def own_names(
    source: Source, payments: Collection[str], lines: Iterable[Line] = ()
) -> dict[str, str]:
    """What `payments` of `source` are called elsewhere → their own id; `lines` are what is about to
    be stored of them. What several payments are called is the name of none."""
    links = source.links.filter(external_id__among=payments).exclude(kind__in=SHARED)
    named = list(links.values_list("value", "external_id"))
    stored = source.purchases.filter(external_id__among=payments).exclude(intent_id="")
    named += stored.values_list("intent_id", "external_id")
    for line in lines:
        named += [(link.value, line.external_id) for link in line.links if link.kind not in SHARED]
    by_name = source.links.filter(value__among={name for name, _own in named})
    named += by_name.values_list("value", "external_id")
    owners: dict[str, set[str]] = {}
    for name, own in named:
        owners.setdefault(name, set()).add(own)
    return {name: own for name, (own, *more) in owners.items() if not more}


def twins(other: Source, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(own id, theirs) of each payment that `other` tells of by one of `names`."""
    links = other.links.filter(value__among=names)
    for name, theirs in links.values_list("value", "external_id"):
        yield names[name], theirs
    intents = other.purchases.filter(intent_id__among=names)
    for name, theirs in intents.values_list("intent_id", "external_id"):
        yield names[name], theirs


def hear(source: Source, about: Mapping[str, Said], others: Sequence[Source]) -> None:
    """Let each payment in `about` give back what one of `others` says came back of it, where that
    is more than its own file says."""
    lines = {name: said.payment for name, said in about.items() if isinstance(said.payment, Line)}
    names = own_names(source, lines, lines.values()) if lines else {}
    for other in others if names else ():
        owner = names | {theirs: own for own, theirs in twins(other, names)}
        said: dict[str, list[Outcome]] = {}
        for subject, outcome in greatest(other, owner):
            if owner[subject] in lines:
                said.setdefault(owner[subject], []).append(outcome)
        for own, found in said.items():
            _adopt(about[own], found)


def _adopt(own: Said, told: Sequence[Outcome]) -> None:
    """Have `own` give back what `told`, all of one other file, says, if that is more."""
    line = own.payment
    assert isinstance(line, Line)  # noqa: S101  (the caller looks at payments only)
    rows = [as_paid(line, one) for one in told if isinstance(one, Return)]
    given = [one for one in rows if one is not None]
    if given and (not own.returns or _sum(given) > _sum(own.returns)):
        own.returns = given
    payments = [one for one in told if isinstance(one, Line) and one.returned]
    returned = _returned(line, payments)
    if returned > line.returned and not line.is_won:
        own.payment = line._replace(
            returned=returned,
            return_kind=payments[0].return_kind,
            returned_at=payments[0].returned_at,
            settled_returned=None,
        )


def _returned(line: Line, payments: Sequence[Line]) -> int:
    """What `payments`, which are `line` in another file, gave back; of what was paid in another
    currency nobody knows how much a part of it is."""
    if len(payments) == 1 and payments[0].returned >= payments[0].amount:
        return line.amount
    parts = sum(one.returned for one in payments if one.currency == line.currency)
    return min(parts, line.amount)


def _sum(returns: Iterable[Return]) -> int:
    return sum(one.amount for one in returns)
