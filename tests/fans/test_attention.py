"""How often to be in touch, and who is overdue."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fans.attention import WHOLE, kept_on, today_of, with_rhythm
from fans.models import Creator
from tests.factories import AcquaintanceFactory, CreatorFactory, FanFactory, TierFactory

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        (date(2026, 11, 22), [(11, 22)]),
        (date(2026, 2, 28), [(2, 28), (2, 29)]),
        (date(2028, 2, 28), [(2, 28)]),
        (date(2028, 2, 29), [(2, 29)]),
        (date(2100, 2, 28), [(2, 28), (2, 29)]),
    ],
)
def test_which_birthdays_are_kept_on_a_day(day, kept):
    assert kept_on(day) == kept


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Auckland", 23), ("Europe/London", 22), ("America/New_York", 22)]
)
def test_today_is_by_the_creators_clock(now, zone, day):
    assert today_of(Creator(time_zone=zone), now) == date(2026, 11, day)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("own", "tier", "rhythm"), [(None, None, 365), (None, 91, 91), (30, 91, 30), (30, None, 30)]
)
def test_the_rhythm_is_their_own_or_that_of_their_tier_or_once_a_year(now, own, tier, rhythm):
    creator = CreatorFactory()
    tier = TierFactory(creator=creator, rhythm_days=tier) if tier else None
    fan = FanFactory(creator=creator, tier=tier)
    if own:
        AcquaintanceFactory(fan=fan, rhythm_days=own)

    found = with_rhythm(creator.fans.all(), creator=creator, today=now.date()).get()

    assert found.rhythm == rhythm


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bought", "word", "waited", "is_overdue"),
    [
        (400, None, 400, True),
        (364, None, 364, False),
        (365, None, 365, True),
        (900, 10, 10, False),
        (900, 365, 365, True),
        (None, None, None, False),
    ],
)
def test_days_count_from_the_last_word_or_else_from_the_first_purchase(
    now, bought, word, waited, is_overdue
):
    creator = CreatorFactory()
    first = now - bought * DAY if bought else None
    fan = FanFactory(creator=creator, first_purchase_at=first)
    if word:
        AcquaintanceFactory(fan=fan, last_word_at=now - word * DAY)
    people = with_rhythm(creator.fans.all(), creator=creator, today=now.date())

    found = people.get()

    assert found.waited == (None if waited is None else waited * DAY)
    assert people.filter(share__gte=WHOLE).exists() == is_overdue


@pytest.mark.django_db
def test_a_word_late_yesterday_has_waited_for_a_day():
    creator = CreatorFactory(time_zone="Pacific/Auckland")
    fan = FanFactory(creator=creator)
    zone = ZoneInfo("Pacific/Auckland")
    AcquaintanceFactory(fan=fan, last_word_at=datetime(2026, 11, 22, 23, 59, tzinfo=zone))

    people = with_rhythm(creator.fans.all(), creator=creator, today=date(2026, 11, 23))

    assert people.get().waited == DAY
