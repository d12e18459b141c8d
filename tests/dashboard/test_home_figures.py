"""What home says that follows from the figures: who is new, near, late, and how it grows."""

from datetime import timedelta

import pytest

from fans.models import Fan
from revenue.models import Summary
from revenue.spend import recompute_due_fans
from revenue.summary import FEW, summarise
from tests.factories import (
    FanFactory,
    PurchaseFactory,
    RecountFactory,
    SourceFactory,
    SummaryFactory,
    SyncFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

HOME = "/studio/low-tide/"


@pytest.fixture
def bought(creator, source, now):
    """`bought("Ada", (400, 60_00), (3, 50_00))`: somebody who bought for so much so many days ago,
    with everything that follows from it worked out."""

    def make(name, *purchases):
        fan = FanFactory(creator=creator, name=name, recompute_at=now)
        for days, amount in purchases:
            at = now - timedelta(days)
            PurchaseFactory(source=source, fan=fan, occurred_at=at, amount=amount)
        recompute_due_fans(creator=creator, now=now)
        fan.refresh_from_db()
        return fan

    return make


def test_home_says_how_many_more_there_are_than_a_month_and_a_quarter_ago(client, bought):
    bought("Ada", (80, 100_00))
    bought("Bela", (370, 100_00))
    bought("Cy", (370, 100_00), (20, 5_00))

    page = client.get(HOME)

    assert page.context["changed"] == [(30, "−2"), (90, "−1")]
    assert 'definitions#change">Last 30 days</a>' in page.text


def test_newly_true_friends_stand_with_their_seat_the_newest_first(client, bought):
    bought("Ada", (80, 100_00))
    bought("Bela", (10, 100_00))
    bought("Cy", (300, 100_00))

    page = client.get(HOME)

    assert [line.name for line in page.context["circle"].newly_true] == ["Bela", "Ada"]
    assert "2 in the last 90 days" in page.text
    assert "No. 3" in page.text


def test_one_purchase_away_stands_with_what_is_missing_and_what_is_usual(client, bought):
    bought("Ada", (40, 30_00), (20, 45_00))
    bought("Bela", (40, 10_00), (20, 10_00))

    page = client.get(HOME)

    assert [line.name for line in page.context["circle"].one_purchase_away] == ["Ada"]
    assert "£25.00" in page.text
    assert "usually £30.00, last on 2 November 2026" in page.text
    assert "Nearest to it" not in page.text


def test_who_is_late_stands_with_how_late_in_words_the_most_spend_first(client, bought):
    bought("Ada", (250, 20_00), (220, 20_00), (190, 20_00))
    bought("Bela", (108, 30_00), (78, 30_00), (48, 30_00))
    bought("Cy", (390, 90_00))
    bought("Warm", (70, 10_00), (40, 10_00), (10, 10_00))

    page = client.get(HOME)

    slipping = page.context["circle"].slipping
    assert [(late.name, late.badge, late.is_grave) for late in slipping] == [
        ("Bela", "late", False),
        ("Ada", "very late", True),
        ("Cy", "late", False),
    ]
    assert page.text.count('class="badge is-wrong"') == 1
    assert "usually every 4 weeks, last 7 weeks ago" in page.text
    assert "last 13 months ago" in page.text


def test_each_short_list_leads_to_the_whole_of_it(client, bought):
    """Those of the list of people are as many as it says, one more kind of them each."""
    bought("New", (90, 100_00))
    bought("Not new", (91, 100_00))
    bought("Near", (40, 30_00), (20, 45_00))
    bought("Late", (108, 30_00), (78, 30_00), (48, 30_00))

    page = client.get(HOME)

    for kind, query in (
        ("newly_true", "show=true&amp;crossed_from=2026-08-24&amp;sort=-seat"),
        ("one_purchase_away", "show=near&amp;sort=last"),
        ("slipping", "rhythm=slipping"),
    ):
        whole = f"/studio/low-tide/people?{query}"
        assert f'href="{whole}"' in page.text
        found = client.get(whole.replace("&amp;", "&")).context["page"].rows
        assert [fan.pk for fan in found] == getattr(page.context["past"], kind).ids


def test_money_about_to_leave_the_window_is_told_with_who_is_at_stake(client, bought):
    bought("Ada", (350, 100_00))
    bought("Bela", (340, 2_50))

    page = client.get(HOME)

    assert "Within 30 days £102.50 of 2 people" in page.text
    assert "1 true friend is lost" in page.text


def test_who_bought_since_the_figures_were_made_has_left_the_lists(client, creator, bought, now):
    ada = bought("Ada", (250, 20_00), (220, 20_00), (190, 20_00))
    bela = bought("Bela", (40, 30_00), (20, 45_00))
    summarise(creator=creator, now=now)
    Fan.objects.filter(pk=ada.pk).update(last_purchase_at=now)
    Fan.objects.filter(pk=bela.pk).update(is_true_fan=True, spend=105_00)

    circle = client.get(HOME).context["circle"]

    assert (circle.slipping, circle.one_purchase_away) == ([], [])


def test_who_is_gone_since_the_figures_were_made_is_simply_not_there(client, creator, bought, now):
    ada = bought("Ada", (10, 100_00))
    summarise(creator=creator, now=now)
    creator.purchases.all().delete()
    ada.delete()

    assert client.get(HOME).context["circle"].newly_true == []


def test_income_stands_by_month_and_by_source_with_the_numbers_behind(client, creator, bought):
    bought("Ada", (60, 20_00), (3, 10_00))
    letters = SourceFactory(creator=creator, name="Letters")
    PurchaseFactory(source=letters, amount=50_00, occurred_at=creator.purchases.first().occurred_at)

    page = client.get(HOME)

    chart = page.context["trends"].income
    assert chart.series == ["Letters", "Low Tide shop"]
    assert [column.label for column in chart.columns] == ["Sept 2026", "Oct 2026", "Nov 2026"]
    assert [column.amounts for column in chart.columns] == [[50_00, 20_00], [0, 0], [0, 10_00]]
    assert chart.columns[0].shown == ["£50.00", "£20.00"]
    assert "Show the numbers" in page.text


def test_more_sources_than_colours_share_the_last_one(client, creator, bought, now):
    bought("Ada", (60, 1_00))
    for number in range(7):
        other = SourceFactory(creator=creator, name=f"Shop {number}")
        PurchaseFactory(source=other, amount=(number + 2) * 1_00, occurred_at=now)

    chart = client.get(HOME).context["trends"].income

    assert chart.series == ["Shop 6", "Shop 5", "Shop 4", "Shop 3", "Shop 2", "all others"]
    assert chart.columns[-1].amounts[-1] == 2_00 + 3_00
    assert chart.columns[0].amounts[-1] == 1_00


def test_where_the_target_counts_net_so_do_the_charts(client, creator, bought, source, now):
    creator.counts = "net"
    creator.save()
    bought("Ada", (60, 20_00))
    PurchaseFactory(source=source, amount=10_00, fee=11_00, occurred_at=now)

    page = client.get(HOME)

    last = page.context["trends"].income.columns[-1]
    assert (last.amounts, last.shown) == ([0], ["\N{MINUS SIGN}£1.00"])
    assert "</a>: what reached you" in page.text


def test_new_people_and_others_stand_apart(client, bought):
    bought("Ada", (60, 20_00), (3, 10_00))
    bought("Bela", (3, 7_00))

    chart = client.get(HOME).context["trends"].people

    assert chart.series == ["new", "returning"]
    assert [column.amounts for column in chart.columns] == [[20_00, 0], [0, 0], [7_00, 10_00]]


def test_a_first_month_has_no_charts_yet(client, bought):
    bought("Ada", (3, 20_00))

    page = client.get(HOME)

    assert page.context["trends"].income is None
    assert page.context["trends"].growth is None
    assert page.text.count("<svg") > 1
    assert 'class="bars"' not in page.text


def test_how_the_circle_has_grown_stands_month_by_month(client, bought):
    bought("Ada", (60, 100_00))
    bought("Bela", (3, 100_00))

    chart = client.get(HOME).context["trends"].growth

    assert [column.amounts for column in chart.columns] == [[1], [1], [2]]


def test_on_how_many_it_hangs_is_told_from_ten_people_on(client, creator, bought):
    for number in range(9):
        bought(f"Fan {number}", (5, 10_00))
    assert "Would it hold?" not in client.get(HOME).text

    bought("Fan 9", (5, 910_00))
    creator.living = 95_00
    creator.save()

    page = client.get(HOME).text
    assert "<dd>91%</dd>" in page
    assert "of the money came from one of 10 people" in page
    assert "before the rest is less than the £95 that you live on" in page


def test_income_below_the_living_is_said_in_words(client, bought):
    for number in range(10):
        bought(f"Fan {number}", (5, 10_00))

    assert "What comes in is less than the goal of £100,000 already." in client.get(HOME).text


@pytest.mark.parametrize(
    ("arrivals", "target", "says"),
    [
        (3, 1000, "Too early to say"),
        (20, 1000, "not in sight"),
        (20, 30, "if it goes on as in the last year"),
        (20, 20, None),
    ],
)
def test_an_arrival_date_where_one_can_be_told(client, creator, bought, arrivals, target, says):
    creator.target_count = target
    creator.save()
    for number in range(arrivals):
        bought(f"Fan {number}", (10 + number * 14, 100_00))

    page = client.get(HOME).text

    assert says in page if says else "definitions#arrival-date" not in page


def test_where_as_many_are_lost_as_arrive_home_tells_the_ceiling(client, creator, bought):
    for number in range(30):
        bought(f"Fan {number}", (380 + number * 14, 100_00))
    for number in range(12):
        bought(f"New {number}", (10 + number * 14, 100_00))

    page = client.get(HOME).text

    assert "At this rate it levels off at about" in page
    assert "definitions#ceiling" in page


def test_while_the_first_import_runs_nothing_is_said_of_the_past(client, source, bought, now):
    bought("Ada", (60, 100_00), (3, 10_00))
    source.synced_at = None
    source.save()
    SyncFactory(source=source, started_at=now, heard_at=now)

    page = client.get(HOME)

    assert "Last 30 days" not in page.text
    assert "circle" not in page.context
    assert page.context["figures"].income.gross == 110_00


def test_reading_what_is_new_hides_nothing(client, source, bought, now):
    bought("Ada", (60, 100_00), (3, 10_00))
    SyncFactory(source=source, since=now, started_at=now, heard_at=now)

    assert "Last 30 days" in client.get(HOME).text


def test_while_everything_is_recounted_no_sum_is_told(client, creator, bought, now):
    bought("Ada", (60, 100_00), (3, 10_00))
    summarise(creator=creator, now=now)
    RecountFactory(creator=creator, heard_at=now)

    page = client.get(HOME)

    assert page.context["figures"] is None
    assert "Slipping away" not in page.text
    assert "Nearest to it" not in page.text
    assert "Newest" in page.text


def test_figures_stand_with_the_moment_they_are_of(client, creator, bought, now):
    bought("Ada", (3, 100_00))
    summarise(creator=creator, now=now - timedelta(hours=3))

    assert "as of 22 November, 09:00" in client.get(HOME).text


def test_of_many_people_home_says_that_the_sums_are_coming(client, creator, source):
    Fan.objects.bulk_create(Fan(creator=creator) for _ in range(FEW + 1))

    page = client.get(HOME)

    assert "are being worked out" in page.text
    assert page.context["figures"] is None


def test_looking_at_home_writes_nothing(client, bought):
    bought("Ada", (3, 100_00))

    client.get(HOME)

    assert not Summary.objects.exists()


def test_home_asks_the_database_as_often_for_many_as_for_few(
    client, creator, bought, now, django_assert_num_queries
):
    bought("Ada", (300, 20_00), (60, 100_00), (3, 10_00))
    for number in range(40):
        summarise(creator=creator, now=now)
        if number in (0, 39):
            with django_assert_num_queries(11):
                client.get(HOME)
        bought(f"Fan {number}", (300, 20_00), (200, 100_00), (3 * number, 10_00))


def test_every_name_of_a_number_leads_to_its_definition(client, bought):
    for number in range(12):
        bought(f"Fan {number}", (90 - number, 60_00), (3 + number, 30_00 + number * 5_00))

    page = client.get(HOME).text

    assert 'href="#' not in page.replace('href="#main"', "").replace('href="#field-end"', "")
    for anchor in (
        "change", "newly-true", "one-purchase-away", "usual-order", "new-and-returning",
        "top-tenth", "effective-number", "how-many-could-leave", "arrival-date", "goal", "net",
    ):  # fmt: skip
        assert f'href="/definitions#{anchor}"' in page, anchor


def test_another_creators_summary_is_not_ones_own(client, creator, bought, now):
    bought("Ada", (3, 100_00))
    SummaryFactory(figures={"measure": "nonsense"})

    assert client.get(HOME).context["figures"].people.everybody == 1


def test_where_nobody_bought_lately_it_says_why_nobody_is_on_the_way(client, creator, bought):
    creator.window_months = 6
    creator.save()
    bought("Ada", (300, 120_00))

    page = client.get(HOME)

    assert [line.name for line in page.context["circle"].one_purchase_away] == ["Ada"]
    text = " ".join(page.text.split())
    assert "Nobody else bought anything in the last 6 months, so nobody is" in text
