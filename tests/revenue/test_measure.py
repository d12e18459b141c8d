"""What follows from a change of a creator's measure."""

from datetime import date

import pytest

from fans.models import Creator, Fan, Tier
from revenue import beginning
from revenue.exchange import ecb_rate
from revenue.measure import RULES, change_measure, follows_target, plain, tiers_after
from revenue.models import Recount
from tests.factories import CreatorFactory, FanFactory, PurchaseFactory, SourceFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)
RULES_AND_CURRENCY = (*RULES, "currency")


@pytest.fixture
def creator():
    creator = CreatorFactory()
    creator.create_default_tiers()
    return creator


def tier(creator, threshold):
    return Tier.objects.create(creator=creator, name=f"From {threshold}", threshold=threshold)


def thresholds(creator):
    return list(creator.tiers.values_list("threshold", flat=True))


@pytest.mark.parametrize(
    "change",
    [{"target_spend": 50_00}, {"window_months": 6}, {"counts": "net"}, {"time_zone": "Asia/Tokyo"}],
)
def test_another_rule_has_everybody_recomputed_and_nothing_recounted(creator, now, change):
    fan, other = FanFactory(creator=creator, spend=7), FanFactory()
    for name, value in change.items():
        setattr(creator, name, value)

    changed = change_measure(creator=creator, fields=[*change], now=now)

    fan.refresh_from_db()
    other.refresh_from_db()
    assert (fan.recompute_at, fan.spend, other.recompute_at) == (now, 7, None)
    assert (changed.everybody_is_due, changed.recount) == (True, None)
    assert not Recount.objects.exists()


@pytest.mark.parametrize("change", [{"fan_word": "friend"}, {"target_count": 500}, {"name": "New"}])
def test_another_word_or_count_recomputes_nobody(creator, now, change):
    fan = FanFactory(creator=creator)
    for name, value in change.items():
        setattr(creator, name, value)

    assert not change_measure(creator=creator, fields=[*change], now=now).everybody_is_due

    fan.refresh_from_db()
    assert fan.recompute_at is None
    assert Creator.objects.filter(pk=creator.pk, **change).exists()


def test_what_somebody_else_changed_meanwhile_stays_as_they_left_it(creator, now):
    stale = Creator.objects.get(pk=creator.pk)
    Creator.objects.filter(pk=creator.pk).update(
        handle="moved", currency="EUR", target_spend=117_00, leaves_at=now
    )
    stale.window_months = 6

    changed = change_measure(creator=stale, fields=["window_months"], now=now)

    stored = Creator.objects.get(pk=creator.pk)
    assert (stored.handle, stored.leaves_at, stored.window_months) == ("moved", now, 6)
    assert (stored.currency, stored.target_spend, changed.recount) == ("EUR", 117_00, None)
    assert stale.handle == "moved"


def test_everybody_is_marked_in_one_statement(creator, now, django_assert_num_queries):
    FanFactory.create_batch(3, creator=creator)

    with django_assert_num_queries(4):  # a savepoint, the locks, the mark
        assert creator.fans.mark_everybody_due(now=now) == 3

    assert Fan.objects.due(now).count() == 3


def test_tiers_that_follow_the_target_go_with_it(creator, now):
    creator.target_spend = 60_00

    assert change_measure(creator=creator, fields=RULES_AND_CURRENCY, now=now).tiers_moved

    assert thresholds(creator) == [15_00, 60_00, 300_00]
    assert follows_target(creator)


def test_tiers_that_were_chosen_stay_where_the_currency_does(creator, now):
    creator.tiers.filter(name="Patron").update(threshold=150_00)
    creator.target_spend = 60_00

    assert not change_measure(creator=creator, fields=RULES_AND_CURRENCY, now=now).tiers_moved

    assert thresholds(creator) == [25_00, 100_00, 150_00]


def test_tiers_that_follow_the_target_need_no_rate(creator, now):
    creator.currency, creator.target_spend = "KES", 15_000_00

    change_measure(creator=creator, fields=RULES_AND_CURRENCY, now=now)

    assert thresholds(creator) == [3_750_00, 15_000_00, 75_000_00]


def test_chosen_tiers_are_converted_and_rounded_and_the_targets_own_stays_the_targets(now):
    was = CreatorFactory()
    kept = [tier(was, at) for at in (33_00, 100_00, 777_00)]
    creator = Creator.objects.get(pk=was.pk)
    creator.currency, creator.target_spend = "EUR", 120_00
    rate = ecb_rate("GBP", "EUR", DAY).value

    after = tiers_after(was=was, creator=creator, today=DAY)

    assert [after[t.pk] for t in kept] == [plain(round(3300 * rate)), 120_00,
                                           plain(round(77700 * rate))]  # fmt: skip


def test_without_a_rate_tiers_keep_their_proportion_to_the_target(now):
    was = CreatorFactory()
    kept = [tier(was, at) for at in (50_00, 100_00, 220_00)]
    creator = Creator.objects.get(pk=was.pk)
    creator.currency, creator.target_spend = "KES", 20_000_00

    after = tiers_after(was=was, creator=creator, today=DAY)

    assert [after[t.pk] for t in kept] == [10_000_00, 20_000_00, 44_000_00]


def test_tiers_never_fall_together_or_change_places(now):
    creator = CreatorFactory(currency="KWD", target_spend=10)
    kept = [tier(creator, at) for at in (1, 2, 3, 10, 11)]
    creator.currency, creator.target_spend = "USD", 1

    change_measure(creator=creator, fields=RULES_AND_CURRENCY, now=now)

    after = [Tier.objects.get(pk=t.pk).threshold for t in kept]
    assert after == sorted(set(after))


def test_a_tier_may_take_the_place_of_another(creator, now):
    low, middle, high = creator.tiers.all()
    swapped = {low.pk: 100_00, middle.pk: 500_00, high.pk: 25_00}

    change_measure(creator=creator, fields=[], thresholds=swapped, now=now)

    assert dict(creator.tiers.values_list("pk", "threshold")) == swapped


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [(0, 1), (1, 1), (99, 99), (101, 100), (11_432, 11_000), (1_950_00, 2_000_00), (999, 1000)],
)
def test_a_plain_amount_has_two_digits(amount, rounded):
    assert plain(amount) == rounded


@pytest.mark.django_db(transaction=True)
def test_the_queue_hears_of_what_there_is_to_do(creator, now, queued):
    PurchaseFactory(source=SourceFactory(creator=creator))

    def begun():
        beginning.begin_measuring(creator=creator, fields=RULES_AND_CURRENCY, now=now)
        return queued()

    assert begun() == []
    creator.window_months = 6
    assert begun() == [("revenue.tasks.figures.recompute_creator", [creator.pk])]
    creator.currency = "EUR"
    assert begun() == [("revenue.tasks.currencies.recount_creator", [creator.pk])]
