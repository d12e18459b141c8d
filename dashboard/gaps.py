"""What is missing from a source, in words: lists its key may not read, things nobody understood."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from revenue.gateways.stripe.lacking import Lack, lacks_of
from revenue.models import SetAside, Source

#: So many reasons are told apart; the admin has every one of them.
REASONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Aside:
    """`count` things of a `kind`, set aside for the same `reason`, in the words of the program."""

    kind: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """Both of one source; `set_aside` holds the most frequent reasons, `aside` counts them all."""

    lacks: list[Lack]
    set_aside: list[Aside]
    aside: int


def gaps_of(sources: Iterable[Source]) -> dict[int, Gaps]:
    """What is missing from each of `sources`, by its id; one query."""
    sources = list(sources)
    reasons = SetAside.objects.filter(source__in=sources).values("source", "kind", "problem")
    found: dict[int, list[Aside]] = defaultdict(list)
    for row in reasons.annotate(count=Count("pk")).order_by("-count", "problem"):
        found[row["source"]].append(Aside(row["kind"], row["problem"], row["count"]))
    return {
        source.pk: Gaps(
            lacks=lacks_of(source),
            set_aside=found[source.pk][:REASONS_SHOWN],
            aside=sum(aside.count for aside in found[source.pk]),
        )
        for source in sources
    }
