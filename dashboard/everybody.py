"""What a creator's people can be told apart by: the lists that filters let one choose from."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.translation import get_language

from fans.models import Creator, Tag, Tier
from fans.templatetags.places import country
from revenue.models import Purchase, Source
from revenue.summary import HeadCount, InCountry, people_by_country

#: What was bought last is what is looked for; more need not be read, or offered.
LAST_PURCHASES, MOST_OFFERED = 300, 60


@dataclass
class Everybody:
    """Everybody whom `creator` knows, as of `now`. Each list costs one query, when it is needed."""

    creator: Creator
    now: datetime

    @cached_property
    def tiers(self) -> list[Tier]:
        return list(self.creator.tiers.all())

    @cached_property
    def tags(self) -> list[Tag]:
        return list(self.creator.tags.all())

    @cached_property
    def sources(self) -> list[Source]:
        return list(self.creator.sources.without_secrets().order_by("connected_at", "pk"))

    @cached_property
    def products(self) -> list[str]:
        """What was sold lately, the latest first."""
        paid = self.creator.purchases.newest().exclude(state__in=Purchase.NOTHING_PAID)
        sold = paid.values_list("description", flat=True)[:LAST_PURCHASES]
        return list(dict.fromkeys(name[:60] for name in sold if name))[:MOST_OFFERED]

    @cached_property
    def households(self) -> list[str]:
        shared = self.creator.acquaintance_set.exclude(household="").order_by("household")
        return list(shared.values_list("household", flat=True).distinct()[:MOST_OFFERED])

    @cached_property
    def _by_country(self) -> list[InCountry]:
        return people_by_country(self.creator)

    @property
    def countries(self) -> list[tuple[str, str]]:
        """(code, name) of those in which anybody is known, by name."""
        codes = [code for code, *_counts in self._by_country if code]
        return sorted(((code, country(code)) for code in codes), key=lambda pair: pair[1])

    @property
    def head_count(self) -> HeadCount:
        return HeadCount.of(self._by_country)

    @property
    def choices_key(self) -> str:
        """Another one whenever there is something else to choose from; what is only offered where
        one types may lag behind."""
        lists = [(row.pk, str(row)) for row in (*self.tiers, *self.tags, *self.sources)]
        creator = self.creator
        return f"{creator.pk} {creator.currency} {get_language()} {lists} {self.countries}"
