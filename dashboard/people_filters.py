"""All the ways to narrow the list of people. A filter that is added here works in the list, its
count, an export, a saved segment and whatever is done to all that match."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from dashboard.everybody import Everybody
from dashboard.filters import (
    AMOUNT,
    DAY,
    DAYS_AGO,
    NUMBER,
    TEXT,
    Choice,
    Days,
    Filter,
    Listed,
    One,
    Option,
    Range,
    Several,
    Values,
    Words,
    where,
)
from fans.models import Acquaintance, Creator, Note, Tagging
from fans.models.fans import FanQuerySet
from fans.rhythm import Warmth
from fans.search import looked_for
from fans.templatetags.places import country
from fans.window import midnight
from revenue.models import Membership, Purchase

NONE = "none"
UNKNOWN = _("not known")
#: Purchases of one thing, of which some of the people who spend most will have bought it.
MANY = 50_000


def has(rows: QuerySet) -> Exists:
    """Whether a person has any of `rows`, which each belong to a fan of a creator."""
    return Exists(rows.filter(creator=OuterRef("creator"), fan=OuterRef("pk")))


def known(**conditions: Any) -> Exists:
    """Whether the creator knows that of a person."""
    return has(Acquaintance.objects.filter(**conditions))


def bought(everybody: Everybody, **conditions: Any) -> Q | Exists:
    """Whether a person paid for something, whatever was returned later."""
    paid = everybody.creator.purchases.exclude(state__in=Purchase.NOTHING_PAID)
    found = paid.filter(fan__isnull=False, **conditions)
    if found[MANY : MANY + 1].exists():
        return has(found)
    # Distinct, so that they are looked up first, in an index alone. The planner would rather go
    # through everybody by spend and look at what each of them bought: seconds, where it was few.
    return Q(pk__in=found.values("fan").distinct())


class Gap(Range):
    """What is missing to the target: a range of spend, read from the other end."""

    def at_least(self, value: int, creator: Creator) -> Q:
        return Q(spend__lte=creator.target_spend - value) if value else Q()

    def at_most(self, value: int, creator: Creator) -> Q:
        return Q(spend__gte=creator.target_spend - value)


class CountrySelect(forms.Select):
    """The countries in which anybody is known, and the one that is asked for."""

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> Any:
        listed = {code for code, _name in self.choices}
        asked_for = [(code, country(code)) for code in value if code not in listed]
        self.choices = [*self.choices, *asked_for]
        return super().optgroups(name, value, attrs)


class CountryField(forms.ChoiceField):
    """Any country: a segment may name one in which nobody is known any more."""

    widget = CountrySelect

    def valid_value(self, value: str) -> bool:
        return bool(re.fullmatch(rf"[A-Z]{{2}}|{NONE}", value))


class Country(Listed):
    field_class = CountryField

    def words(self, values: Values, everybody: Everybody) -> str:
        code = values[self.name]
        return str(UNKNOWN) if code == NONE else country(code)


def tiers(everybody: Everybody) -> list[tuple[str, Words]]:
    return [*((str(tier.pk), tier.name) for tier in everybody.tiers), (NONE, _("no tier"))]


def tags(everybody: Everybody) -> list[tuple[str, Words]]:
    return [(str(tag.pk), tag.name) for tag in everybody.tags]


def sources(everybody: Everybody) -> list[tuple[str, Words]]:
    return [(str(source.pk), str(source)) for source in everybody.sources]


def countries(everybody: Everybody) -> list[tuple[str, Words]]:
    return [*everybody.countries, (NONE, UNKNOWN)]


def months(everybody: Everybody) -> list[tuple[str, Words]]:
    return [(str(number), name) for number, name in MONTHS.items()]


def in_tiers(people: FanQuerySet, chosen: list[str], everybody: Everybody) -> FanQuerySet:
    ids = [value for value in chosen if value != NONE]
    return people.filter(Q(tier__in=ids) | Q(tier=None) if NONE in chosen else Q(tier__in=ids))


def in_country(people: FanQuerySet, chosen: str, everybody: Everybody) -> FanQuerySet:
    return people.filter(country="" if chosen == NONE else chosen)


def tagged(chosen: list[str]) -> Exists:
    return has(Tagging.objects.filter(tag__in=[int(pk) for pk in chosen]))


def bought_from(people: FanQuerySet, chosen: str, everybody: Everybody) -> FanQuerySet:
    return people.filter(bought(everybody, source=chosen))


def who_bought(people: FanQuerySet, typed: str, everybody: Everybody) -> FanQuerySet:
    # The index begins with the source.
    return people.filter(
        bought(everybody, source__in=everybody.sources, product__startswith=typed[:60].lower())
    )


def not_bought_since(people: FanQuerySet, day: date, everybody: Everybody) -> FanQuerySet:
    start = midnight(day, everybody.creator.zone)
    return people.filter(Q(last_purchase_at__lt=start) | Q(last_purchase_at=None))


def no_touch_since(people: FanQuerySet, day: date, everybody: Everybody) -> FanQuerySet:
    return people.filter(~known(last_touch_at__gte=midnight(day, everybody.creator.zone)))


def touched_in_days(people: FanQuerySet, days: int, everybody: Everybody) -> FanQuerySet:
    return people.filter(known(last_touch_at__gte=everybody.now - timedelta(days=days)))


def in_household(people: FanQuerySet, typed: str, everybody: Everybody) -> FanQuerySet:
    shared = everybody.creator.acquaintance_set.exclude(household="")
    return people.filter(has(shared.filter(household__istartswith=typed)))


def of_warmth(warmth: Warmth) -> Option:
    return Option(warmth.label, lambda people, everybody: people.of_warmth(warmth, everybody.now))


def members(people: FanQuerySet, everybody: Everybody) -> FanQuerySet:
    return people.filter(has(Membership.objects.going_on(everybody.now)))


def members_leaving(people: FanQuerySet, everybody: Everybody) -> FanQuerySet:
    return people.filter(has(Membership.objects.leaving(everybody.now).order_by()))


def former_members(people: FanQuerySet, everybody: Everybody) -> FanQuerySet:
    memberships = Membership.objects
    return people.filter(has(memberships.begun()), ~has(memberships.going_on(everybody.now)))


SEARCH = One(
    name="q",
    label=_("Name or address"),
    kind=TEXT,
    narrowing=lambda people, typed, everybody: people.filter(
        looked_for(typed, creator=everybody.creator)
    ),
)
#: The same where it leaves many, and a page of them is wanted.
SEARCH_OF_MANY = replace(
    SEARCH,
    narrowing=lambda people, typed, everybody: people.filter(
        looked_for(typed, creator=everybody.creator, are_many=True)
    ),
)
STANDING = Choice(
    name="show",
    label=_("Standing"),
    options={
        "true": Option(_("true"), where(Q(is_true_fan=True))),
        "way": Option(_("on their way"), where(Q(is_true_fan=False, spend__gt=0))),
        "near": Option(_("one purchase away"), lambda people, _all: people.one_purchase_away()),
        "former": Option(_("formerly true"), lambda people, _all: people.former()),
    },
)


class Group(NamedTuple):
    """Filters that stand together."""

    title: Words
    filters: list[Filter]


GROUPS = [
    Group(
        _("Standing"),
        [
            Several(name="tier", label=_("Tier"), listed=tiers, narrowing=in_tiers),
            Gap(name="gap", label=_("Gap"), definition="gap", kind=AMOUNT, column="spend"),
            Range(name="seat", label=_("Seat"), definition="seat", kind=NUMBER, column="seat"),
            Days(
                name="crossed",
                label=_("First true"),
                definition="newly-true",
                column="crossed_at",
            ),
        ],
    ),
    Group(
        _("Money"),
        [
            Range(
                name="spend",
                label=_("In the window"),
                definition="spend",
                kind=AMOUNT,
                column="spend",
            ),
            Range(
                name="ever",
                label=_("Ever, gross"),
                definition="lifetime",
                kind=AMOUNT,
                column="lifetime_gross",
            ),
            Range(
                name="purchases",
                label=_("Purchases"),
                definition="lifetime",
                kind=NUMBER,
                column="purchases",
            ),
        ],
    ),
    Group(
        _("When they bought"),
        [
            Days(name="first", label=_("First bought"), column="first_purchase_at"),
            Days(name="last", label=_("Last bought"), column="last_purchase_at"),
            One(
                name="not_since", label=_("Not bought since"), kind=DAY, narrowing=not_bought_since
            ),
            Choice(
                name="rhythm",
                label=_("Rhythm"),
                options={
                    **{warmth.value: of_warmth(warmth) for warmth in Warmth},
                    "slipping": Option(
                        _("slipping"), lambda people, everybody: people.slipping(everybody.now)
                    ),
                },
            ),
        ],
    ),
    Group(
        _("What they bought"),
        [
            Listed(name="source", label=_("Source"), listed=sources, narrowing=bought_from),
            One(
                name="product",
                label=_("Product, as it begins"),
                kind=TEXT,
                narrowing=who_bought,
                offers=lambda everybody: everybody.products,
            ),
            Choice(
                name="member",
                label=_("Membership"),
                options={
                    "active": Option(_("a member today"), members),
                    "leaving": Option(_("leaving soon"), members_leaving),
                    "ended": Option(_("no longer a member"), former_members),
                    "none": Option(_("never a member"), where(~has(Membership.objects.begun()))),
                },
            ),
        ],
    ),
    Group(
        _("Who they are"),
        [
            Country(name="country", label=_("Country"), listed=countries, narrowing=in_country),
            Choice(
                name="address",
                label=_("Address"),
                options={
                    "yes": Option(_("has one"), where(~Q(email=""))),
                    "no": Option(_("has none"), where(Q(email=""))),
                },
            ),
            Listed(
                name="birthday",
                label=_("Birthday in"),
                listed=months,
                narrowing=lambda people, month, everybody: people.filter(known(birth_month=month)),
            ),
            One(
                name="household",
                label=_("Household"),
                kind=TEXT,
                narrowing=in_household,
                offers=lambda everybody: everybody.households,
            ),
        ],
    ),
    Group(
        _("Between you"),
        [
            Several(
                name="tag",
                label=_("Tagged any of"),
                listed=tags,
                narrowing=lambda people, chosen, everybody: people.filter(tagged(chosen)),
            ),
            Several(
                name="no_tag",
                label=_("Tagged none of"),
                listed=tags,
                narrowing=lambda people, chosen, everybody: people.filter(~tagged(chosen)),
            ),
            Choice(
                name="touch",
                label=_("In touch"),
                options={
                    "ever": Option(_("at least once"), where(known(last_touch_at__isnull=False))),
                    "never": Option(_("never"), where(~known(last_touch_at__isnull=False))),
                    "thanked": Option(_("thanked"), where(known(last_thanked_at__isnull=False))),
                    "unthanked": Option(
                        _("never thanked"), where(~known(last_thanked_at__isnull=False))
                    ),
                },
            ),
            One(
                name="touch_not_since",
                label=_("No touch since"),
                kind=DAY,
                narrowing=no_touch_since,
            ),
            One(
                name="touch_days",
                label=_("In touch within"),
                kind=DAYS_AGO,
                narrowing=touched_in_days,
            ),
            Choice(
                name="note",
                label=_("Notes"),
                options={
                    "yes": Option(_("has one"), where(has(Note.objects.all()))),
                    "no": Option(_("has none"), where(~has(Note.objects.all()))),
                },
            ),
        ],
    ),
]

#: In the order in which an address names them.
FILTERS: list[Filter] = [
    SEARCH,
    STANDING,
    *(each for group in GROUPS for each in group.filters),
]
