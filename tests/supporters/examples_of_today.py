"""How the examples of being in touch are run."""

import re
from collections.abc import Callable
from datetime import date

from fans.attention import WHOLE, today_of, with_rhythm
from fans.circle import how_far
from fans.models import Creator, Fan, Touch
from fans.touches import record_touch
from revenue.spend import recompute_due_fans
from revenue.thanks import gratitude_lag, with_owed
from tests.factories import (
    AcquaintanceFactory,
    CreatorFactory,
    FanFactory,
    PurchaseFactory,
    SourceFactory,
    TierFactory,
    TurnFactory,
)
from tests.supporters.worked import Example, moment, money
from truefans.money import to_minor

KINDS = {str(kind.label): kind for kind in Touch.Kind}


def run_touch(example: Example) -> dict[str, str]:
    """Somebody who pays, and a creator who is in touch with them."""
    source = SourceFactory(creator=CreatorFactory())
    creator, now = source.creator, moment(example.get("now", "2026-11-22"))
    fan = FanFactory(creator=creator, recompute_at=now)
    for when, told in example.given:
        if not re.match(r"\d{4}-", when):
            continue
        if told.startswith("pays"):
            amount = to_minor(told.removeprefix("pays "), creator.currency)
            PurchaseFactory(source=source, fan=fan, amount=amount, occurred_at=moment(when))
        else:
            record_touch(fan=fan, kind=KINDS[told], occurred_at=moment(when))
    recompute_due_fans(creator=creator, now=now)
    set_up(fan, example)
    people = with_rhythm(creator.fans.all(), creator=creator, today=today_of(creator, now))
    found = with_owed(people, creator=creator).get()
    lag = gratitude_lag(creator=creator, now=now)
    return {
        "rhythm": f"{found.rhythm} days",
        "waited": f"{found.waited.days} days" if found.waited is not None else "unknown",
        "share of the rhythm": f"{found.share / WHOLE:.0%}" if found.share else "unknown",
        "overdue": "yes" if people.filter(share__gte=WHOLE).exists() else "no",
        "thanks owed": money(found.owed, creator.currency),
        "gratitude lag": "unknown" if lag.days is None else f"{lag.days:.0f} days",
        "payments with a word": f"{lag.answered} of {lag.payments}",
    }


def set_up(fan: Fan, example: Example) -> None:
    """What the example says of their rhythm and of their first purchase."""
    if days := example.get("tier’s rhythm"):
        fan.tier = TierFactory(creator=fan.creator, rhythm_days=int(days.split()[0]))
        fan.save(update_fields=["tier"])
    if days := example.get("own rhythm"):
        AcquaintanceFactory(fan=fan, rhythm_days=int(days.split()[0]))
    if first := example.get("first purchase"):
        Fan.objects.filter(pk=fan.pk).update(first_purchase_at=moment(first))


def run_circle(example: Example) -> dict[str, str]:
    everybody, served = (
        int(example.get(name).replace(",", ""))
        for name in ("people in the circle", "had their turn")
    )
    creator = circle_of(everybody, served)
    circle = how_far(creator)
    assert circle.everybody == everybody
    return {
        "left": str(circle.left),
        "days left": str(circle.days_left),
        "closes": str(circle.closes_on(date.fromisoformat(example.get("today")))),
    }


def circle_of(everybody: int, served: int) -> Creator:
    """A creator with so many people in the field, and some more who have no dot."""
    creator = CreatorFactory(target_count=everybody)
    columns = FanFactory.build(creator=creator)
    people = Fan.objects.bulk_create(
        Fan(creator=creator, name=columns.name, spend=50_00 + everybody - place)
        for place in range(everybody + 2)
    )
    for fan in people[:served]:
        TurnFactory.build(fan=fan, creator=creator, outcome="done").save()
    return creator


RUNNERS: dict[str, Callable[[Example], dict[str, str]]] = {
    "touch": run_touch,
    "circle": run_circle,
}
