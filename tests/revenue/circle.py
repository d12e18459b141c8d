"""A creator with a circle of people, to choose from whose turn it is."""

from datetime import datetime, timedelta

from fans.models import Creator, Fan
from tests.factories import AcquaintanceFactory, CreatorFactory, FanFactory

DAY = timedelta(days=1)


def with_tiers() -> Creator:
    """A creator by the clock of UTC, with three tiers and nobody yet."""
    creator = CreatorFactory(time_zone="UTC", target_spend=100_00)
    creator.create_default_tiers()
    return creator


def somebody(
    creator: Creator,
    now: datetime,
    *,
    spend: int = 50_00,
    first: int = 200,
    word: int | None = 10,
    last: int | None = None,
    **columns: object,
) -> Fan:
    """Somebody in the circle to whom nothing happened, and who had a word ten days ago, so that
    nothing is owed and it is not time yet. `first`, `last` and `word` are so many days ago."""
    last = first if last is None else last
    known = {key: columns.pop(key) for key in list(columns) if key.startswith(("birth", "rh"))}
    fan = FanFactory(
        creator=creator, spend=spend, window_gross=spend, lifetime_gross=spend, purchases=1,
        first_purchase_at=now - first * DAY, last_purchase_at=now - last * DAY,
        is_true_fan=spend >= creator.target_spend,
        tier=creator.tiers.filter(threshold__lte=spend).last(),
        **columns,
    )  # fmt: skip
    if word is not None:
        known["last_word_at"] = known["last_touch_at"] = now - word * DAY
    if known:
        AcquaintanceFactory(fan=fan, **known)
    return fan
