"""What came in, month by month and from whom: the SQL against the rules written out in Python."""

from datetime import UTC, date, datetime, timedelta
from statistics import median_low

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fans.window import months_before, window_start
from revenue.spend import recompute_due_fans
from revenue.takings import MONTHS, Taking, ageing, income, median_order, takings
from tests.factories import CreatorFactory, FanFactory, PurchaseFactory, SourceFactory
from tests.revenue.test_rebuilding import NO_PURCHASE, ZONES, kinds

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
days_ago = st.integers(0, 1200)
moments = st.builds(
    lambda days, hours: NOW - timedelta(days, hours * 3600), days_ago, st.integers(-2, 30)
)
baskets = st.lists(
    st.builds(lambda at, kind: {"occurred_at": at} | kind, moments, kinds), max_size=6
)
rules = st.fixed_dictionaries(
    {
        "time_zone": st.sampled_from(ZONES),
        "window_months": st.sampled_from([1, 6, 12]),
        "counts": st.sampled_from(["gross", "net"]),
    }
)


def month_of(at, creator):
    return at.astimezone(creator.zone).date().replace(day=1)


def expected_takings(creator, everybody):
    """[(whose purchases, None for nobody's)] as sums by month, source and whose they were."""
    oldest = months_before(month_of(NOW, creator), MONTHS - 1)
    sums = {}
    for is_nobody, purchases in everybody:
        paid = [p for p in purchases if p.occurred_at < NOW and p.state not in NO_PURCHASE]
        first = min((month_of(p.occurred_at, creator) for p in paid), default=None)
        for p in paid:
            month = month_of(p.occurred_at, creator)
            if month < oldest or p.counted_gross is None:
                continue
            whose = "nobody" if is_nobody else "new" if month == first else "returning"
            gross, net = sums.get((month, p.source_id, whose), (0, 0))
            sums[month, p.source_id, whose] = gross + p.counted_gross, net + (p.counted_net or 0)
    return [Taking(*key, *sums[key]) for key in sorted(sums)]


def expected_ageing(creator, people):
    def counted(p):
        return (p.counted_gross if creator.counts == "gross" else p.counted_net) or 0

    start = creator.window_start(NOW)
    local = NOW.astimezone(creator.zone) + timedelta(days=30)
    then = window_start(local, months=creator.window_months, zone=creator.zone)
    amount = count = at_stake = 0
    for purchases in people:
        recent = [p for p in purchases if start <= p.occurred_at < NOW]
        spend = sum(map(counted, recent))
        leaving = sum(counted(p) for p in recent if p.occurred_at < then)
        if leaving > 0:
            amount, count = amount + leaving, count + 1
            at_stake += spend >= creator.target_spend > spend - leaving
    return amount, count, at_stake


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rules=rules, baskets=st.tuples(baskets, baskets, baskets), nobodys=baskets)
def test_what_the_statements_say_is_what_plain_python_says(rules, baskets, nobodys):
    creator = CreatorFactory(**rules)
    sources = SourceFactory.create_batch(2, creator=creator)
    people = []
    for basket in baskets:
        fan = FanFactory(creator=creator, recompute_at=NOW)
        people.append([
            PurchaseFactory(source=sources[n % 2], fan=fan, **purchase)
            for n, purchase in enumerate(basket)
        ])  # fmt: skip
    unknown = [PurchaseFactory(source=sources[0], **purchase) for purchase in nobodys]
    recompute_due_fans(creator=creator, now=NOW)

    everybody = [*((False, purchases) for purchases in people), (True, unknown)]
    assert takings(creator=creator, now=NOW) == expected_takings(creator, everybody)
    found = ageing(creator=creator, now=NOW)
    assert (found.amount, found.people, found.at_stake) == expected_ageing(creator, people)
    start = creator.window_start(NOW)
    orders = [
        p.counted_gross
        for purchases in people
        for p in purchases
        if start <= p.occurred_at < NOW and p.counted_gross
    ]
    assert median_order(creator=creator, now=NOW) == (median_low(orders) if orders else None)


@pytest.fixture
def source():
    return SourceFactory(creator=CreatorFactory(time_zone="UTC"))


def test_all_of_the_month_of_ones_first_purchase_is_from_somebody_new(source):
    fan = FanFactory(creator=source.creator, recompute_at=NOW)
    for month, day, amount in [(9, 3, 10_00), (9, 28, 15_00), (10, 1, 20_00)]:
        at = datetime(2026, month, day, tzinfo=UTC)
        PurchaseFactory(source=source, fan=fan, occurred_at=at, amount=amount)
    recompute_due_fans(creator=source.creator, now=NOW)

    found = takings(creator=source.creator, now=NOW)

    assert [(taking.month.month, taking.whose, taking.gross) for taking in found] == [
        (9, "new", 25_00),
        (10, "returning", 20_00),
    ]


def test_a_month_begins_by_the_creators_clock():
    source = SourceFactory(creator=CreatorFactory(time_zone="America/New_York"))
    PurchaseFactory(source=source, occurred_at=datetime(2026, 11, 1, 3, 59, tzinfo=UTC))
    PurchaseFactory(source=source, occurred_at=datetime(2026, 11, 1, 4, 0, tzinfo=UTC))

    found = takings(creator=source.creator, now=NOW)

    assert [taking.month for taking in found] == [date(2026, 10, 1), date(2026, 11, 1)]


def test_other_creators_money_is_in_no_sum(source):
    other = SourceFactory()
    fan = FanFactory(creator=other.creator, recompute_at=NOW)
    PurchaseFactory(source=other, fan=fan, occurred_at=NOW - timedelta(360), amount=100_00)
    recompute_due_fans(creator=other.creator, now=NOW)

    assert takings(creator=source.creator, now=NOW) == []
    assert ageing(creator=source.creator, now=NOW).people == 0
    assert median_order(creator=source.creator, now=NOW) is None
    assert income(source.creator, now=NOW).gross == 0


@pytest.mark.parametrize(("counts", "nobodys"), [("gross", 30_00), ("net", 29_00)])
def test_the_part_of_nobody_is_told_as_the_target_counts(source, counts, nobodys):
    source.creator.counts = counts
    PurchaseFactory(source=source, amount=30_00, fee=1_00, occurred_at=NOW - timedelta(1))

    found = income(source.creator, now=NOW)

    assert (found.counted, found.nobodys, found.unattributed) == (nobodys, nobodys, 30_00)
