"""Who gets what? The tiers, and what another threshold does before and after it is saved."""

import pytest
from django.utils import timezone

from fans.models import Fan, Tier
from revenue.tasks.figures import recompute_creator
from tests.factories import (
    CreatorFactory,
    DeliveryFactory,
    MemberFactory,
    PerkFactory,
    RecountFactory,
    TierFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

TIERS = "/studio/low-tide/tiers"


@pytest.fixture
def true(creator):
    return creator.tiers.get(name="True")


def typed(tier: Tier | None = None, **changes):
    """The form as it stands, with some of it typed over."""
    stored = {} if tier is None else {"name": tier.name, "threshold": str(tier.threshold // 100)}
    return {"name": "", "threshold": "", "rhythm_days": "91", "about": ""} | stored | changes


def edit(tier: Tier) -> str:
    return f"{TIERS}/{tier.pk}"


def thresholds(creator):
    return {tier.name: tier.threshold for tier in creator.tiers.all()}


def test_the_room_is_between_income_and_sources(client, creator):
    page = client.get(TIERS)

    names = [str(room.name) for room in page.context["rooms"]]
    assert names.index("Income") + 1 == names.index("Tiers") == names.index("Sources") - 1
    assert f'href="{TIERS}" aria-current="page"' in page.text


def test_each_tier_tells_who_is_in_it_the_highest_first(client, creator, buyer):
    for amount in (24_99, 25_00, 99_99, 100_00, 500_00, 700_00):
        buyer(amount)

    page = client.get(TIERS)

    found = [(one.tier.name, one.people) for one in page.context["tiers"]]
    assert found == [("Patron", 2), ("True", 1), ("Regular", 2)]
    assert "from £500" in page.text
    assert "every 30 days" in page.text
    assert "It gives nothing yet." in page.text


def test_without_tiers_the_room_teaches(client, creator):
    creator.tiers.all().delete()

    assert "No tiers yet" in client.get(TIERS).text


def test_what_a_tier_gives_is_text_and_nothing_else(client, creator, true):
    Tier.objects.filter(pk=true.pk).update(about="<b>Songs</b>\n\nand more", name="<i>T</i>")

    page = client.get(TIERS).text

    assert "&lt;b&gt;Songs&lt;/b&gt;" in page
    assert "<i>T" not in page


def test_another_threshold_is_shown_before_it_is_saved(client, creator, buyer, true):
    for amount, name in ((99_00, "Ada"), (85_00, "Ben"), (79_99, "Cleo"), (100_00, "Dai")):
        buyer(amount, name=name)

    page = client.post(edit(true), typed(true, threshold="80"))

    assert page.status_code == 422
    assert "Nothing is saved yet." in page.text
    assert "2 friends move up" in page.text
    assert "from <bdi>Regular</bdi> to <bdi>True</bdi>" in page.text
    named = page.text.split('id="preview"')[1].split("</div>")[0]
    assert ["Ada" in named, "Ben" in named, "Cleo" in named, "Dai" in named] == [
        True, True, False, False,
    ]  # fmt: skip
    assert '<input type="hidden" name="seen" value="8000">' in page.text
    assert thresholds(creator)["True"] == 100_00
    assert not Fan.objects.exclude(recompute_at=None).exists()


def test_seen_it_is_saved_and_everybody_is_placed_anew(
    client, creator, buyer, true, django_capture_on_commit_callbacks
):
    fan = buyer(85_00)

    with django_capture_on_commit_callbacks() as queued:
        answer = client.post(edit(true), typed(true, threshold="80", seen="8000"))

    assert answer.url == TIERS
    assert thresholds(creator)["True"] == 80_00
    assert Fan.objects.get().recompute_at == timezone.now()
    assert len(queued) == 1
    assert "Where everybody stands is being worked out anew" in client.get(TIERS).text
    recompute_creator(creator.pk)
    fan.refresh_from_db()
    assert fan.tier == true


def test_what_was_seen_is_what_is_saved(client, creator, true):
    page = client.post(edit(true), typed(true, threshold="70", seen="8000"))

    assert page.status_code == 422
    assert '<input type="hidden" name="seen" value="7000">' in page.text
    assert thresholds(creator)["True"] == 100_00


def test_words_are_saved_at_once_and_move_nobody(
    client, creator, buyer, true, django_capture_on_commit_callbacks
):
    buyer(10_00)

    with django_capture_on_commit_callbacks() as queued:
        client.post(edit(true), typed(true, name="Crew", about="A song a month", rhythm_days="14"))

    true.refresh_from_db()
    assert (true.name, true.about, true.rhythm_days) == ("Crew", "A song a month", 14)
    assert queued == []
    assert Fan.objects.filter(recompute_at=None).exists()
    assert "worked out anew" not in client.get(TIERS).text


def test_a_new_tier_is_shown_and_then_added(client, creator, buyer):
    buyer(60_00, name="Ada")
    data = typed(name="Middle", threshold="50.50")

    assert "object at" not in client.get(f"{TIERS}/new").text
    page = client.post(f"{TIERS}/new", data)

    assert "1 friend moves up" in page.text
    assert "from <bdi>Regular</bdi> to <bdi>Middle</bdi>" in page.text
    assert client.post(f"{TIERS}/new", data | {"seen": "5050"}).url == TIERS
    assert thresholds(creator)["Middle"] == 50_50


def test_while_it_is_typed_only_the_preview_is_sent(client, creator, buyer, true):
    buyer(85_00)
    headers = {"HX-Request": "true", "HX-Target": "preview"}

    part = client.get(edit(true), {"threshold": "80"}, headers=headers).text
    assert part.strip().startswith('<div id="preview"')
    assert "1 friend moves up" in part

    wrong = client.get(edit(true), {"threshold": "80.123"}, headers=headers).text
    assert "more decimals than the currency" in wrong
    assert "seen" not in wrong
    same = client.get(edit(true), {"threshold": "100"}, headers=headers).text
    assert "Nothing is saved yet" not in same


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("", "Say from which amount on somebody is in this tier."),
        ("0", "A tier begins above nothing."),
        ("-5", "A tier begins above nothing."),
        ("25", "“Regular” begins there already."),
        ("25.00", "“Regular” begins there already."),
        ("25.001", "That has more decimals than the currency."),
        ("plenty", "Enter a number."),
        ("9" * 40, "at most 12 digits"),
    ],
)
def test_what_is_wrong_with_an_amount_is_said_and_nothing_typed_is_lost(
    client, creator, true, amount, sentence
):
    data = typed(true, name="Crew", threshold=amount, about="Songs", seen="100")

    page = client.post(edit(true), data)

    assert page.status_code == 422
    assert sentence in page.text
    assert page.context["form"]["threshold"].value() == amount
    assert page.context["form"]["name"].value() == "Crew"
    assert "Songs" in page.text
    assert thresholds(creator) == {"Regular": 25_00, "True": 100_00, "Patron": 500_00}


def test_a_currency_without_decimals_takes_none(client, creator, true):
    type(creator).objects.update(currency="JPY")

    assert "more decimals" in client.post(edit(true), typed(true, threshold="80.5")).text


def test_a_name_stands_once(client, creator, true):
    page = client.post(edit(true), typed(true, name="regular"))

    assert "You have a tier of that name already." in page.text


def test_while_everything_is_recounted_nobody_is_said_to_move(client, creator, buyer, true, now):
    RecountFactory(creator=creator, heard_at=now)
    buyer(85_00)

    page = client.post(edit(true), typed(true, threshold="80")).text

    assert "as soon as everything is counted" in page
    assert "moves up" not in page
    assert "…" in client.get(TIERS).text


def test_removing_a_tier_says_what_becomes_of_its_people_and_perks(client, creator, buyer, true):
    buyer(120_00, name="Ada")
    DeliveryFactory(perk=PerkFactory(tier=true, name="Postcard"))

    page = client.get(f"{edit(true)}/remove").text

    assert "1 friend moves down" in page
    assert "from <bdi>True</bdi> to <bdi>Regular</bdi>" in page
    assert "Postcard" in page
    assert "1 delivery is noted" in page
    assert "“Regular” gives them from now on" in page


def test_a_tier_goes_and_its_perks_with_it_or_elsewhere(
    client, creator, buyer, true, django_capture_on_commit_callbacks
):
    fan = buyer(120_00)
    Fan.objects.update(tier=true)
    perk = DeliveryFactory(perk=PerkFactory(tier=true), fan=fan).perk
    patron = creator.tiers.get(name="Patron")

    unsure = client.post(f"{edit(true)}/remove")
    assert unsure.status_code == 422
    assert "Choose what becomes of its perks." in unsure.text
    with django_capture_on_commit_callbacks() as queued:
        client.post(f"{edit(true)}/remove", {"perks_to": patron.pk})

    assert "True" not in thresholds(creator)
    perk.refresh_from_db()
    assert perk.tier == patron
    assert perk.deliveries.count() == 1
    assert len(queued) == 1
    recompute_creator(creator.pk)
    fan.refresh_from_db()
    assert fan.tier.name == "Regular"

    client.post(f"{edit(patron)}/remove", {"perks_to": "end"})
    assert list(thresholds(creator)) == ["Regular"]
    assert not type(perk).objects.exists()


def test_a_perk_of_the_same_name_is_no_place_to_go(client, creator, true):
    PerkFactory(tier=true, name="Postcard")
    patron = creator.tiers.get(name="Patron")
    PerkFactory(tier=patron, name="postcard")

    page = client.post(f"{edit(true)}/remove", {"perks_to": patron.pk})

    assert page.status_code == 422
    assert "“Patron” gives “postcard” already." in page.text
    assert "True" in thresholds(creator)


def test_a_tier_without_perks_goes_without_a_question(client, creator, true):
    assert client.post(f"{edit(true)}/remove").url == TIERS
    assert "True" not in thresholds(creator)


def test_the_last_tier_may_go_too(client, creator, buyer, true):
    fan = buyer(120_00)
    for tier in creator.tiers.all():
        client.post(f"{edit(tier)}/remove")
    recompute_creator(creator.pk)

    fan.refresh_from_db()
    assert fan.tier is None
    assert client.get(TIERS).status_code == 200


def test_a_viewer_looks_and_changes_nothing(client, creator, true):
    perk = PerkFactory(tier=true)
    client.force_login(MemberFactory(creator=creator, role="viewer").user)

    page = client.get(TIERS)
    assert page.status_code == 200
    for word in ("<form", "Add a tier", "Change", "Remove", "Add a perk"):
        assert word not in page.text.split("<main")[1]
    for path in (f"{TIERS}/new", edit(true), f"{edit(true)}/remove", f"{edit(true)}/perks/new"):
        assert client.get(path).status_code == 403
        assert client.post(path, typed(true, threshold="80", seen="8000")).status_code == 403
    assert thresholds(creator)["True"] == 100_00
    assert type(perk).objects.exists()


def test_tiers_of_others_are_not_there(client, creator):
    other = TierFactory(creator=CreatorFactory(handle="other"))

    for path in (edit(other), f"{edit(other)}/remove", f"{edit(other)}/perks/new"):
        assert client.get(path).status_code == 404
        assert client.post(path, typed(other)).status_code == 404
    assert client.get("/studio/other/tiers").status_code == 404


def test_it_costs_the_same_queries_however_much_there_is(
    client, creator, buyer, true, django_assert_num_queries
):
    PerkFactory(tier=true)
    buyer(120_00)
    with django_assert_num_queries(7):
        client.get(TIERS)
    for number in range(5):
        tier = TierFactory(creator=creator, threshold=number + 1)
        PerkFactory.create_batch(3, tier=tier, every="month")
        buyer(10_00 * number + 1)
    with django_assert_num_queries(7):
        client.get(TIERS)
