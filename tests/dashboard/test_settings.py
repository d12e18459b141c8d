"""The settings: what a creator counts by, and what a change of it sets going."""

import pytest

from fans.models import Creator, Fan, Tier
from revenue.measure import RULES, change_measure
from revenue.models import Recount
from tests.dashboard.settings_pages import PLACE, SETTINGS, WORDS, fresh
from tests.factories import (
    CreatorFactory,
    MemberFactory,
    PurchaseFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("it_is_now")]


@pytest.fixture
def typed(creator):
    """`typed(currency="EUR")`: the form as it stands, with some of it typed over."""

    def fill(**changes):
        return {
            "amounts_in": "GBP",
            "currency": "GBP",
            "counts": "gross",
            "target_spend": "100",
            "window_months": "12",
            "target_count": "1000",
            "team_size": "1",
            "living": "",
        } | changes

    return fill


def thresholds(creator):
    return list(creator.tiers.values_list("threshold", flat=True))


def told(client):
    return client.get(SETTINGS).text


def test_every_room_leads_there(client, creator):
    assert f'href="{SETTINGS}"' in client.get("/studio/low-tide/people").text
    assert f'href="{SETTINGS}" aria-current="page"' in client.get(SETTINGS).text


def test_the_form_shows_what_is_stored_in_major_units(client, creator, typed):
    form = client.get(SETTINGS).context["form"]

    assert {name: str(form[name].value() or "") for name in typed()} == typed()


@pytest.mark.parametrize(
    ("stored", "currency", "shown"), [(12_50, "GBP", "12.50"), (900, "JPY", "900")]
)
def test_amounts_have_decimals_only_where_they_need_them(client, creator, stored, currency, shown):
    Creator.objects.update(target_spend=stored, currency=currency)

    assert client.get(SETTINGS).context["form"]["target_spend"].value() == shown


def test_a_currency_or_a_place_that_no_list_has_stays_as_it_is(client, creator, typed):
    Creator.objects.update(currency="XAU", time_zone="GB")

    assert '<option value="XAU" selected>' in client.get(SETTINGS).text
    assert '<option value="GB" selected>' in client.get(PLACE).text


@pytest.mark.parametrize("change", [{"window_months": 6}, {"counts": "net"}])
def test_another_rule_has_everybody_recomputed(
    client, creator, buyer, typed, now, change, django_capture_on_commit_callbacks
):
    buyer(10_00)

    with django_capture_on_commit_callbacks() as queued:
        client.post(SETTINGS, typed(**change))

    assert Creator.objects.filter(pk=creator.pk, **change).exists()
    assert Fan.objects.get().recompute_at == now
    assert len(queued) == 1
    assert not Recount.objects.exists()
    assert "is being worked out anew" in told(client)


def test_another_target_takes_the_tiers_with_it_and_says_so(client, creator, typed):
    client.post(SETTINGS, typed(target_spend="60.50"))

    assert fresh(creator).target_spend == 60_50
    assert thresholds(creator) == [15_00, 60_50, 302_50]
    assert "Regular £15, True £60.50, Patron £302.50" in told(client)


def test_another_currency_is_shown_with_its_amounts_before_anything_is_saved(
    client, creator, source, typed
):
    PurchaseFactory.create_batch(3, source=source)

    page = client.post(SETTINGS, typed(currency="EUR"))

    assert page.status_code == 422
    assert "Nothing is saved yet." in page.text
    assert "count in euros instead of British pounds: 3 purchases are counted anew" in page.text
    assert "European Central Bank" in page.text
    assert "Count in euros" in page.text
    form = page.context["form"]
    assert form["amounts_in"].value() == "EUR"
    assert 100 < int(form["target_spend"].value()) < 140
    assert form["target_spend"].value().endswith("0")
    assert form.tier_rows == []
    assert fresh(creator).currency == "GBP"
    assert not Recount.objects.exists()


def test_seen_again_it_is_saved_and_everything_is_counted(
    client, creator, source, buyer, typed, now, django_capture_on_commit_callbacks
):
    buyer(120_00)

    with django_capture_on_commit_callbacks() as queued:
        answer = client.post(SETTINGS, typed(currency="EUR", amounts_in="EUR", target_spend="120"))

    run = Recount.objects.get()
    assert answer.url == SETTINGS
    assert (fresh(creator).currency, fresh(creator).target_spend) == ("EUR", 120_00)
    assert thresholds(creator) == [30_00, 120_00, 600_00]
    assert (run.creator, run.currency, run.total) == (creator, "EUR", 1)
    assert len(queued) == 1
    page = told(client)
    assert "Everything is being counted in euros." in page
    assert "Counting everything in euros" in page
    assert "Regular €30, True €120, Patron €600" in page


def test_a_target_that_was_typed_with_the_currency_is_kept(client, creator, typed):
    form = client.post(SETTINGS, typed(currency="JPY", target_spend="20000")).context["form"]

    assert form["target_spend"].value() == "20000"


def test_an_amount_with_decimals_is_no_obstacle_on_the_way_to_yen(client, creator, typed):
    Creator.objects.update(target_spend=12_50)

    form = client.post(SETTINGS, typed(currency="JPY", target_spend="12.50")).context["form"]

    assert int(form["target_spend"].value()) > 1000
    assert not form.errors


def test_tiers_of_ones_own_are_asked_for(client, creator, typed):
    middle = creator.tiers.get(name="True")
    creator.tiers.filter(name="Patron").update(threshold=150_00)
    low, _, high = creator.tiers.all()

    form = client.post(SETTINGS, typed(currency="EUR", target_spend="110")).context["form"]

    values = {row.label: row.value() for row in form.tier_rows}
    assert list(values) == ["“Regular” begins at", "“True” begins at", "“Patron” begins at"]
    assert values["“True” begins at"] == "110"
    assert 150 < int(values["“Patron” begins at"]) < 210
    data = typed(currency="EUR", amounts_in="EUR", target_spend="110") | {
        f"tier_{low.pk}": "30", f"tier_{middle.pk}": "110", f"tier_{high.pk}": "175.50",
    }  # fmt: skip
    assert client.post(SETTINGS, data).status_code == 302
    assert thresholds(creator) == [30_00, 110_00, 175_50]


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        (("30", "110", "110"), "Another tier begins there"),
        (("", "110", "175"), "fill this in"),
        (("30.005", "110", "175"), "more decimals"),
        (("0", "110", "175"), "more than nothing"),
    ],
)
def test_a_tier_that_cannot_be_is_told_beside_it(client, creator, typed, amounts, words):
    creator.tiers.filter(name="Patron").update(threshold=150_00)
    tiers = {
        f"tier_{pk}": amount
        for pk, amount in zip(creator.tiers.values_list("pk", flat=True), amounts, strict=True)
    }

    answer = client.post(
        SETTINGS, typed(currency="EUR", amounts_in="EUR", target_spend="110") | tiers
    )

    assert answer.status_code == 422
    assert words in answer.text
    assert "Nothing is saved yet." in answer.text
    assert fresh(creator).currency == "GBP"


def test_a_currency_without_a_rate_is_named_and_its_amounts_are_asked_for(client, creator, typed):
    page = client.post(SETTINGS, typed(currency="KES"))

    assert "Nobody publishes a rate between British pounds and Kenyan shillings" in page.text
    assert page.context["form"]["target_spend"].value() == "100"


def test_a_third_currency_is_converted_from_the_second_and_the_first_is_as_stored(
    client, creator, typed
):
    on_the_way = typed(amounts_in="EUR", target_spend="120")

    third = client.post(SETTINGS, on_the_way | {"currency": "JPY"}).context["form"]
    back = client.post(SETTINGS, on_the_way | {"currency": "GBP"}).context["form"]

    assert int(third["target_spend"].value()) > 10_000
    assert (back["target_spend"].value(), back.new_currency) == ("100", "")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("target_spend", "0", "more than nothing"),
        ("target_spend", "-5", "or more"),
        ("target_spend", "1.005", "more decimals"),
        ("target_spend", "", "fill this in"),
        ("target_count", "0", "or more"),
        ("target_count", "2000000", "or less"),
        ("window_months", "0", "or more"),
        ("window_months", "121", "or less"),
        ("counts", "both", "from the list"),
        ("currency", "XXX", "from the list"),
        ("team_size", "0", "or more"),
        ("team_size", "1001", "or less"),
        ("living", "0", "more than nothing"),
        ("living", "1.005", "more decimals"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_saved(
    client, creator, typed, field, value, words
):
    answer = client.post(SETTINGS, typed(**{"target_count": "77"} | {field: value}))

    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])
    assert 'value="77"' in answer.text or field == "target_count"
    assert fresh(creator).target_count == 1000


def test_the_frame_of_the_page_does_not_show_what_is_not_saved(client, creator, typed):
    answer = client.post(SETTINGS, typed(currency="EUR"))

    assert answer.context["creator"].currency == "GBP"


# Who lives from it


def test_a_duet_needs_twice_as_many_people_and_is_told_what_that_makes(client, creator, typed):
    client.post(SETTINGS, typed(team_size="2"))

    assert (fresh(creator).team_size, fresh(creator).target_count) == (2, 2000)
    page = told(client)
    assert "For 2 of you that makes 2,000 people." in page
    assert "2,000 true friends who each spend £100 within 12 months make £200,000" in page
    assert "that is £100,000 each" in page


def test_a_number_of_people_that_was_typed_is_kept(client, creator, typed):
    client.post(SETTINGS, typed(team_size="2", target_count="1500"))

    assert (fresh(creator).team_size, fresh(creator).target_count) == (2, 1500)
    assert "that is £75,000 each" in told(client)


def test_a_team_that_would_need_more_people_than_there_can_be_is_told(client, creator, typed):
    Creator.objects.update(target_count=600_000)

    answer = client.post(SETTINGS, typed(team_size="2", target_count="600000"))

    assert "or less" in " ".join(answer.context["form"].errors["target_count"])
    assert fresh(creator).team_size == 1


def test_what_one_needs_to_live_is_saved_and_may_be_taken_back(client, creator, typed):
    client.post(SETTINGS, typed(living="24000.50"))
    assert fresh(creator).living == 24_000_50
    assert "You need £24,000.50 of it" in told(client)
    assert client.get(SETTINGS).context["form"]["living"].value() == "24000.50"

    client.post(SETTINGS, typed(living=""))
    assert fresh(creator).living is None


def test_what_one_needs_to_live_is_shown_in_another_currency_with_the_rest(client, creator, typed):
    Creator.objects.update(living=24_000_00)

    form = client.post(SETTINGS, typed(currency="EUR", living="24000")).context["form"]
    assert 24_000 < int(form["living"].value()) < 34_000

    in_euros = typed(currency="EUR", amounts_in="EUR", target_spend="120", living="28000")
    client.post(SETTINGS, in_euros)
    assert (fresh(creator).currency, fresh(creator).living) == ("EUR", 28_000_00)


def test_back_in_the_old_currency_what_was_typed_in_the_new_one_is_gone(client, creator, typed):
    on_the_way = typed(amounts_in="EUR", target_spend="120", living="28000")

    back = client.post(SETTINGS, on_the_way | {"currency": "GBP"}).context["form"]

    assert (back["target_spend"].value(), back["living"].value()) == ("100", "")


def test_what_is_no_part_of_the_measure_is_not_written_with_it(client, creator, typed, now):
    stale = Creator.objects.get()
    Creator.objects.update(leaves_at=now)

    change_measure(creator=stale, fields=RULES, now=now)

    assert fresh(creator).leaves_at == now


def test_anothers_settings_are_not_there(client, creator, typed):
    CreatorFactory(handle="other")

    assert client.get("/studio/other/settings").status_code == 404
    assert client.post("/studio/other/settings", typed()).status_code == 404


def test_it_costs_the_same_queries_however_much_there_is(
    client, creator, source, buyer, django_assert_num_queries
):
    buyer(10_00)
    with django_assert_num_queries(5):
        client.get(SETTINGS)
    for number in range(20):
        buyer(10_00)
        Tier.objects.create(creator=creator, name=str(number), threshold=number + 1)
    with django_assert_num_queries(5):
        client.get(SETTINGS)


# Who may


@pytest.mark.parametrize("path", [SETTINGS, WORDS, PLACE])
def test_who_may_only_look_sees_what_is_set_and_no_form(client, creator, path):
    Creator.objects.update(about="Four people, two vans.", language="de")
    client.force_login(MemberFactory(creator=creator, role="viewer").user)

    page = client.get(path).text

    assert "You are here as viewer" in page
    assert page.count("<form") == 1, "only that of signing out"
    shown = {SETTINGS: "what friends paid", WORDS: "Four people, two vans.", PLACE: "Deutsch"}
    assert shown[path] in page


def test_only_what_really_has_no_rate_is_said_to_count_nothing(client, creator, source, typed):
    creator.currency = "KWD"
    creator.save()
    for currency in ("USD", "EUR"):
        PurchaseFactory(source=source, currency=currency)
    data = typed(currency="EUR", amounts_in="KWD")

    page = client.post(SETTINGS, data).text
    assert "Nobody publishes a rate between Kuwaiti dinars and euros" in page
    assert "will count nothing" not in page

    PurchaseFactory(source=source, currency="KWD")
    PurchaseFactory(source=source, currency="KWD", settlement_currency="EUR")
    assert "1 purchase in KWD has no rate to euros" in client.post(SETTINGS, data).text
