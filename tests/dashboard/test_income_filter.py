"""Every purchase, by all that it can be asked for by."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.periods import named
from fans.models import Creator
from tests.dashboard.income_pages import INCOME, shown
from tests.factories import (
    PurchaseFactory,
    SourceFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

# Which time


@pytest.mark.parametrize(
    ("zone", "key", "since", "until"),
    [
        ("Europe/London", "", "2025-11-22T12:00Z", "2026-11-22T12:00Z"),
        ("Europe/London", "nonsense", "2025-11-22T12:00Z", "2026-11-22T12:00Z"),
        ("Europe/London", "month", "2026-11-01T00:00Z", "2026-12-01T00:00Z"),
        ("Europe/London", "last-month", "2026-09-30T23:00Z", "2026-11-01T00:00Z"),
        ("Europe/London", "year", "2026-01-01T00:00Z", "2027-01-01T00:00Z"),
        ("America/New_York", "last-year", "2025-01-01T05:00Z", "2026-01-01T05:00Z"),
        ("Pacific/Kiritimati", "month", "2026-10-31T10:00Z", "2026-11-30T10:00Z"),
    ],
)
def test_a_period_goes_by_the_creators_clock(zone, key, since, until, now):
    creator = Creator(time_zone=zone, window_months=12)

    period = named(creator, key, now=now)

    assert (period.since, period.until) == tuple(map(datetime.fromisoformat, (since, until)))


def test_a_window_that_ends_in_january_has_a_last_month_in_the_year_before():
    creator = Creator(time_zone="UTC", window_months=12)

    period = named(creator, "last-month", now=datetime(2027, 1, 31, tzinfo=UTC))

    assert (period.since.date().isoformat(), period.until.date().isoformat()) == (
        "2026-12-01",
        "2027-01-01",
    )


def test_without_a_word_the_window_is_shown(client, source, now, creator):
    start = creator.window_start(now)
    hour = timedelta(hours=1)
    PurchaseFactory(source=source, description="before", occurred_at=start - hour)
    PurchaseFactory(source=source, description="inside", occurred_at=start + hour)

    assert shown(client) == ["inside"]
    assert shown(client, since="2025-01-01") == ["inside", "before"]


def test_days_are_both_included_and_end_at_the_creators_midnight(client, creator, source):
    creator.time_zone = "America/New_York"
    creator.save()
    for hour in (4, 5):  # of UTC: 23:00 on the 1st and midnight of the 2nd
        at = datetime(2026, 3, 2, hour, tzinfo=UTC)
        PurchaseFactory(source=source, description=f"{hour}", occurred_at=at)

    assert shown(client, since="2026-03-01", until="2026-03-01") == ["4"]
    assert shown(client, since="2026-03-02", until="2026-03-02", period="year") == ["5"]
    assert shown(client, until="2026-03-02") == ["5", "4"]


# What they are asked for by


@pytest.fixture
def many(source, now, buyer):
    """One purchase for each thing that can be asked for, and two others."""
    other = SourceFactory(creator=source.creator, name="Other shop")
    PurchaseFactory(source=other, description="other source")
    PurchaseFactory(source=source, description="Blue VINYL 100%_")
    PurchaseFactory(source=source, description="member", kind="membership")
    PurchaseFactory(source=source, description="lost", state="lost", returned=10_00,
                    counted_gross=0)  # fmt: skip
    PurchaseFactory(source=source, description="euros", currency="EUR", amount=50_00,
                    counted_gross=43_00)  # fmt: skip
    PurchaseFactory(source=source, description="dear", amount=90_00)
    fan = buyer(20_00, name="Zoë")
    fan.purchase_set.update(description="Zoë's")
    return other


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"source": "OTHER"}, {"other source"}),
        ({"q": "vinyl"}, {"Blue VINYL 100%_"}),
        ({"q": "%_"}, {"Blue VINYL 100%_"}),
        ({"kind": "membership"}, {"member"}),
        ({"state": "lost"}, {"lost"}),
        ({"whose": "somebody"}, {"Zoë's"}),
        ({"currency": "eur"}, {"euros"}),
        ({"least": "43"}, {"euros", "dear"}),
        ({"least": "43.01"}, {"dear"}),
        ({"least": "44", "currency": "EUR"}, {"euros"}),
        ({"most": "0"}, {"lost"}),
        ({"least": "20", "most": "20"}, {"Zoë's"}),
        ({"whose": "nobody", "least": "40", "most": "50"}, {"euros"}),
    ],
)
def test_the_filter_is_in_the_address(client, many, asked, expected):
    asked = {key: value.replace("OTHER", str(many.pk)) for key, value in asked.items()}

    assert set(shown(client, **asked)) == expected


def test_nobodys_are_all_but_one(client, many):
    assert "Zoë's" not in shown(client, whose="nobody")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"currency": "XQX"}, "currency"),
        ({"least": "much"}, "least"),
        ({"least": "1.234"}, "least"),
        ({"least": "9", "most": "3"}, "most"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "until"),
        ({"state": "sold"}, "state"),
        ({"source": "99"}, "source"),
    ],
)
def test_what_means_nothing_is_told_kept_and_not_applied(client, many, asked, field):
    everything = shown(client)

    page = client.get(INCOME, asked)

    assert page.status_code == 422
    assert list(page.context["asked"].errors) == [field]
    assert page.context["asked"][field].value() == asked[field]
    if "most" not in asked:
        assert [row.description for row in page.context["page"].rows] == everything


def test_each_chip_takes_away_what_it_says(client, many, now):
    query = "state=lost&least=0&period=year&after=x"

    asked = client.get(f"{INCOME}?{query}").context["asked"]

    assert {chip.label: chip.url for chip in asked.chips} == {
        "State: dispute lost": "?least=0&period=year",
        "At least: £0.00": "?state=lost&period=year",
    }
    assert asked.bare == "?period=year"


@pytest.mark.parametrize("after", ["", "nonsense", "2026-11-22T12:00:00_x"])
def test_pages_keep_the_filter(client, source, now, after):
    for number in range(52):
        at = now - timedelta(minutes=number)
        for name in ("in", "x"):
            PurchaseFactory(source=source, occurred_at=at, description=name)

    first = client.get(INCOME, {"q": "in", "after": after})
    second = client.get(INCOME, {"q": "in", "after": first.context["page"].after})

    assert len(first.context["page"].rows) == 50
    assert len(second.context["page"].rows) == 2
    assert second.context["sums"].purchases == 52


def test_a_part_of_the_page_is_all_that_a_new_filter_takes(client, many):
    headers = {"HX-Request": "true", "HX-Target": "list"}

    page = client.get(INCOME, {"q": "vinyl"}, headers=headers)

    assert "VINYL" in page.text
    assert "<html" not in page.text
