"""Who stands in the short lists of a creator's home: by the figures, as they are now.

Each is put into words here, a line a person, because a template would need several times as long.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from dashboard.spans import in_words
from fans.models import Creator, Fan
from fans.rhythm import FEWEST_PURCHASES, Warmth, warmth
from fans.templatetags.amounts import money
from fans.templatetags.dates import day, moment
from revenue.models import Purchase
from revenue.summary import Figures, Some

LONGEST = 80


@dataclass(frozen=True, slots=True)
class Line:
    """A person in a list: a `number` beside the name and another one beside the `note`; `badge` is
    a word about their state instead of the first, in red if it `is_grave`."""

    pk: int
    name: str
    note: str
    number: str = ""
    small: str = ""
    badge: str = ""
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Circle:
    """People to look at, the first ones of each kind."""

    newly_true: Sequence[Line]
    one_purchase_away: Sequence[Line]
    slipping: Sequence[Line]


def circle_of(creator: Creator, figures: Figures, *, count: int, now: datetime) -> Circle:
    """`count` people of each kind; one query. Who bought something since the figures were made
    may have left a list; who belongs into one by now waits for the next figures."""
    kinds = (figures.newly_true, figures.one_purchase_away, figures.slipping)
    people = creator.fans.in_bulk({pk for kind in kinds for pk in kind.ids})

    def first(kind: Some, line: Callable[[Fan], Line | None]) -> list[Line]:
        lines: Iterable[Line | None] = (line(people[pk]) for pk in kind.ids if pk in people)
        return [found for found in lines if found][:count]

    return Circle(
        newly_true=first(figures.newly_true, _newly_true),
        one_purchase_away=first(figures.one_purchase_away, _one_purchase_away),
        slipping=first(figures.slipping, lambda fan: _slipping(fan, now)),
    )


def nearest(people: Iterable[Fan]) -> list[Line]:
    """People on their way, with what they lack."""
    return [
        Line(
            fan.pk,
            _name(fan),
            _("%(spend)s so far, last on %(date)s")
            % {"spend": _money(fan, fan.spend), "date": _date(fan.last_purchase_at)},
            number=_money(fan, fan.gap),
            small=_("to go"),
        )
        for fan in people
    ]


def newest(purchases: Iterable[Purchase]) -> list[tuple[Purchase, Line]]:
    """What was bought, with who bought it and when; of nobody known the name is empty."""
    return [
        (
            purchase,
            Line(
                purchase.fan_id or 0,
                _name(purchase.fan) if purchase.fan else "",
                _short(purchase.title),
                number=money(purchase.kept, purchase.currency),
                small=moment(localtime(purchase.occurred_at), "short yearless"),
            ),
        )
        for purchase in purchases
    ]


def _newly_true(fan: Fan) -> Line | None:
    if not fan.is_true_fan:
        return None
    return Line(
        fan.pk,
        _name(fan),
        _("since %(date)s") % {"date": _date(fan.crossed_at)},
        number=_("No. %(seat)s") % {"seat": f"{fan.seat:,}"} if fan.seat else "",
        small=_money(fan, fan.spend),
    )


def _one_purchase_away(fan: Fan) -> Line | None:
    if fan.is_true_fan or fan.gap > (fan.usual_order or 0):
        return None
    return Line(
        fan.pk,
        _name(fan),
        _("usually %(order)s, last on %(date)s")
        % {"order": _money(fan, fan.usual_order), "date": _date(fan.last_purchase_at)},
        number=_money(fan, fan.gap),
        small=_("to go"),
    )


def _slipping(fan: Fan, now: datetime) -> Line | None:
    found = warmth(
        purchases=fan.purchases,
        usual_pause=fan.usual_pause,
        last_purchase_at=fan.last_purchase_at,
        now=now,
    )
    if not (found and found.is_slipping and fan.last_purchase_at):
        return None
    last = in_words(now - fan.last_purchase_at)
    if fan.usual_pause and fan.purchases >= FEWEST_PURCHASES:
        note = _("usually every %(pause)s, last %(last)s ago")
        note %= {"pause": in_words(fan.usual_pause), "last": last}
    else:
        note = _("last %(last)s ago") % {"last": last}
    return Line(
        fan.pk,
        _name(fan),
        note,
        small=_money(fan, fan.spend),
        badge=str(found.label),
        is_grave=found is Warmth.VERY_LATE,
    )


def _name(fan: Fan) -> str:
    return _short(str(fan))


def _short(text: str) -> str:
    return Truncator(text).chars(LONGEST) if len(text) > LONGEST else text


def _money(fan: Fan, minor: int | None) -> str:
    return money(minor, fan.creator.currency)


def _date(moment: datetime | None) -> str:
    return day(localtime(moment)) if moment else ""
