"""The pages of fans: what everybody may see, and what only the fan does."""

from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils.html import strip_tags

from fans.models import Creator, Fan, User
from tests.factories import (
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    InvoiceFactory,
    MemberFactory,
    MembershipFactory,
    PerkFactory,
    PurchaseFactory,
    RecountFactory,
    SourceFactory,
    SyncFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"
LOGIN = reverse("account_login")
MINE = reverse("supporters:mine")


def page_of(creator: Creator) -> str:
    return reverse("supporters:page", args=[creator.handle])


def signed_in(client, *addresses: str, verified: bool = True) -> User:
    """Somebody who confirmed `addresses`, the first of which is the account's own."""
    user = UserFactory(email=addresses[0])
    for address in addresses:
        EmailAddress.objects.create(user=user, email=address, verified=verified)
    client.force_login(user)
    return user


def fan_of(creator: Creator, email: str, **columns) -> Fan:
    return IdentityFactory(fan=FanFactory(creator=creator, email=email, **columns)).fan


def true_fan(creator: Creator, email: str, *, seat: int, spend: int = 150_00) -> Fan:
    return fan_of(
        creator,
        email,
        seat=seat,
        spend=spend,
        window_gross=spend,
        lifetime_gross=spend * 2,
        is_true_fan=True,
    )


def test_everybody_sees_how_far_the_circle_is(client):
    creator = CreatorFactory(name="The Lantern Quarter", fan_word="friend", fans_word="friends")
    creator.create_default_tiers()
    for number in range(1, 4):
        true_fan(creator, f"secret{number}@example.com", seat=number)
    page = client.get(page_of(creator)).text
    assert "3 of 1,000 true friends" in page  # the description, for search engines
    assert "of 1,000 true friends" in page
    assert "Patron" in page
    assert "from £500" in page
    assert f"{LOGIN}?next={quote(page_of(creator))}" in page


def test_the_public_page_names_nobody_and_tells_nobodys_amount(client):
    creator = CreatorFactory()
    fan = true_fan(creator, "secret@example.com", seat=1, spend=137_31)
    FanFactory(creator=creator, name="Secret Sibyl", spend=62_17, window_gross=62_17)
    page = client.get(page_of(creator)).text
    for secret in ("secret@example.com", fan.name, "Sibyl", "137.31", "62.17", f"/{fan.pk}"):
        assert secret not in page


def test_a_fan_who_looks_sees_their_own_seat_and_sum(client):
    creator = CreatorFactory(target_count=100, fan_word="friend")
    true_fan(creator, "ada@example.com", seat=12, spend=180_00)
    true_fan(creator, "other@example.com", seat=13, spend=777_00)
    signed_in(client, "ada@example.com")
    page = client.get(page_of(creator)).text
    assert "You are a true friend, No. 12 of 100." in page
    assert "£180.00" in page
    assert "£360.00" in page
    assert "777" not in page
    assert 'class="own"' in page


@pytest.mark.parametrize("viewer", ["nobody", "stranger", "fan"])
def test_the_public_page_costs_the_same_for_few_and_for_many(
    client, django_assert_max_num_queries, viewer
):
    creator = CreatorFactory()
    creator.create_default_tiers()
    if viewer == "stranger":
        signed_in(client, "stranger@example.com")
    if viewer == "fan":
        true_fan(creator, "ada@example.com", seat=1)
        signed_in(client, "ada@example.com")
    for number in range(2, 40):
        true_fan(creator, f"p{number}@example.com", seat=number)
        fan_of(creator, f"q{number}@example.com", spend=number)
    budget = {"nobody": 6, "stranger": 9, "fan": 10}[viewer]
    with django_assert_max_num_queries(budget):
        assert client.get(page_of(creator)).status_code == 200


def test_an_unknown_handle_is_404_in_the_look_of_the_product(client):
    answer = client.get("/@nobody-here")
    assert answer.status_code == 404
    assert "Nothing here" in answer.text
    assert '<main class="page' in answer.text


def test_a_hostile_name_is_only_text(client):
    creator = CreatorFactory(
        name=HOSTILE, about=HOSTILE, fan_word="<b>fan", fans_word="<b>fans", currency="GBP"
    )
    creator.tiers.create(name=HOSTILE, threshold=1)
    fan = true_fan(creator, "ada@example.com", seat=1)
    source = SourceFactory(creator=creator)
    PurchaseFactory(source=source, fan=fan, description=HOSTILE)
    signed_in(client, "ada@example.com")
    receipts = reverse("supporters:receipts", args=[creator.handle])
    for address in (page_of(creator), MINE, receipts):
        page = client.get(address).text
        assert "alert(1)" in page
        assert HOSTILE not in page
        assert "<b>fan" not in page


def test_my_page_shows_what_i_gave_and_nothing_of_others(client):
    creator = CreatorFactory(name="Marguerite", currency="EUR")
    source = SourceFactory(creator=creator)
    ada = true_fan(creator, "ada@example.com", seat=3, spend=60_00)
    ben = true_fan(creator, "ben@example.com", seat=4, spend=99_99)
    PurchaseFactory(source=source, fan=ada, description="Letter in June", amount=6_00)
    PurchaseFactory(source=source, fan=ben, description="Letter for Ben", amount=99_99)
    PurchaseFactory(source=source, fan=None, description="Letter for nobody")
    signed_in(client, "ada@example.com")
    for address in (MINE, reverse("supporters:receipts", args=[creator.handle])):
        page = client.get(address).text
        assert "Letter in June" in page
        assert "€6.00" in page
        assert "Letter for" not in page
        assert "99.99" not in page


def test_other_creators_one_does_not_support_are_not_told_of(client):
    fan_of(CreatorFactory(name="Known"), "ada@example.com", purchases=1)
    other = CreatorFactory(name="Unknown to Ada")
    signed_in(client, "ada@example.com")
    assert "Unknown to Ada" not in client.get(MINE).text
    receipts = reverse("supporters:receipts", args=[other.handle])
    assert client.get(receipts).status_code == 404


def test_an_address_that_is_not_confirmed_shows_nothing(client):
    creator = CreatorFactory(name="Marguerite")
    true_fan(creator, "ada@example.com", seat=3)
    signed_in(client, "ada@example.com", verified=False)
    page = client.get(MINE).text
    assert "Marguerite" not in page
    assert "Nothing found yet" in page
    assert "You are a true" not in client.get(page_of(creator)).text


def test_who_supports_nobody_learns_which_addresses_are_theirs(client):
    signed_in(client, "ada@example.com", "ada.work@example.org")
    page = client.get(MINE).text
    assert "ada@example.com" in page
    assert "ada.work@example.org" in page
    assert reverse("account_email") in page


def test_strangers_are_asked_to_sign_in(client):
    creator = CreatorFactory()
    for address in (MINE, reverse("supporters:receipts", args=[creator.handle])):
        answer = client.get(address)
        assert (answer.status_code, answer.url) == (302, f"{LOGIN}?next={quote(address)}")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"spend": 86_00}, "£14.00 more, and you are a true friend."),
        ({"spend": 0}, "£100.00 more, and you are a true friend."),
        ({"spend": 40_00, "seat": 12}, "Your seat, No. 12, is resting."),
        ({"spend": 40_00, "seat": 12}, "£60.00 more, and it is lit again."),
        ({"spend": 100_00, "is_true_fan": True}, "Your number comes when all of the history"),
        ({"spend": 100_00, "is_true_fan": True, "seat": 7}, "No. 7 of 100."),
        ({"spend": 100_00, "is_true_fan": True, "seat": 107}, "You are a true friend, No. 107."),
        ({"spend": 86_00}, "next: True, £14.00 more"),
        ({"spend": 100_00, "is_true_fan": True}, "next: Patron, £400.00 more"),
    ],
)
def test_where_one_stands_is_said_in_words(client, columns, words):
    creator = CreatorFactory(target_count=100, fan_word="friend")
    creator.create_default_tiers()
    fan_of(creator, "ada@example.com", **columns)
    signed_in(client, "ada@example.com")
    assert words in client.get(MINE).text


def test_if_the_target_counts_what_arrives_it_is_said(client):
    creator = CreatorFactory(name="Marguerite", counts=Creator.Counts.NET)
    fan_of(creator, "ada@example.com", spend=40_00)
    signed_in(client, "ada@example.com")
    assert "What counts is what reaches Marguerite, after the fees." in client.get(MINE).text


def test_each_payment_stands_in_the_currency_it_was_paid_in_with_its_state(client):
    creator = CreatorFactory()
    fan = fan_of(creator, "ada@example.com")
    bought = {"source": SourceFactory(creator=creator), "fan": fan, "currency": "USD"}
    PurchaseFactory(**bought, amount=25_00, counted_gross=19_65)
    PurchaseFactory(**bought, amount=31_00, state="partly_refunded", returned=10_00)
    PurchaseFactory(**bought, amount=42_00, state="failed", status="failed", counted_gross=0)
    PurchaseFactory(**bought | {"currency": "JPY"}, amount=3000)
    signed_in(client, "ada@example.com")
    page = client.get(reverse("supporters:receipts", args=[creator.handle])).text
    assert "US$25.00" in page
    assert "19.65" not in page
    assert "partly refunded" in page
    assert "US$10.00 returned" in page
    assert "failed" in page
    assert "not taken" in page
    assert "JP¥3,000" in page


def test_a_payment_carries_the_day_it_was_on_the_creators_clock(client, now):
    creator = CreatorFactory(time_zone="Pacific/Auckland")
    fan = fan_of(creator, "ada@example.com")
    late = now.replace(month=6, day=30, hour=23)
    PurchaseFactory(source=SourceFactory(creator=creator), fan=fan, occurred_at=late)
    signed_in(client, "ada@example.com")
    assert "1 July 2026" in client.get(MINE).text


def test_many_payments_are_leafed_through(client, now):
    creator = CreatorFactory()
    fan = fan_of(creator, "ada@example.com")
    source = SourceFactory(creator=creator)
    for number in range(60):
        PurchaseFactory(
            source=source,
            fan=fan,
            description=f"Song {number:02}",
            occurred_at=now - timedelta(days=number),
        )
    signed_in(client, "ada@example.com")
    assert client.get(MINE).text.count("Song ") == 8
    receipts = reverse("supporters:receipts", args=[creator.handle])
    newer, older = client.get(receipts).text, client.get(receipts + "?page=2").text
    assert "Song 00" in newer
    assert "Song 59" in older
    assert "Song 00" not in older
    assert "Song 59" in client.get(receipts + "?page=999").text


def test_two_addresses_of_one_account_show_both_records(client):
    creator = CreatorFactory(name="Marguerite")
    fan_of(creator, "ada@example.com", window_gross=11_00)
    fan_of(creator, "ada.work@example.org", window_gross=22_00)
    signed_in(client, "ada@example.com", "ada.work@example.org")
    page = client.get(MINE).text
    assert "£11.00" in page
    assert "£22.00" in page


def test_my_page_costs_the_same_for_one_creator_and_for_many(client, django_assert_num_queries):
    def support(name: str) -> None:
        creator = CreatorFactory(name=name)
        creator.create_default_tiers()
        fan = fan_of(creator, "ada@example.com")
        source = SourceFactory(creator=creator)
        PurchaseFactory.create_batch(3, source=source, fan=fan)

    support("One")
    signed_in(client, "ada@example.com")
    client.get(MINE)
    with django_assert_num_queries(7):
        client.get(MINE)
    for number in range(5):
        support(f"More {number}")
    with django_assert_num_queries(7):
        client.get(MINE)


def test_while_the_books_are_read_my_page_says_so_and_looks_again(client):
    creator = CreatorFactory()
    fan_of(creator, "ada@example.com")
    source = SourceFactory(creator=creator, synced_at=None)
    sync = SyncFactory(source=source)
    signed_in(client, "ada@example.com")
    assert f'hx-get="{MINE}"' in client.get(MINE).text
    assert "are being read right now" in client.get(page_of(creator)).text
    sync.state, sync.finished_at = "done", sync.started_at
    sync.save()
    source.synced_at = sync.started_at
    source.save()
    assert "hx-get" not in client.get(MINE).text
    assert "are being read right now" not in client.get(page_of(creator)).text


def test_reading_only_what_is_new_is_nothing_to_speak_of(client):
    creator = CreatorFactory()
    fan_of(creator, "ada@example.com")
    source = SourceFactory(creator=creator)
    SyncFactory(source=source, since=source.synced_at)
    signed_in(client, "ada@example.com")
    assert "hx-get" not in client.get(MINE).text


def test_an_import_that_failed_is_nothing_to_wait_for(client):
    sync = SyncFactory(source__synced_at=None)
    sync.state, sync.finished_at = "failed", sync.started_at
    sync.save()
    signed_in(client, "ada@example.com")
    assert "hx-get" not in client.get(MINE).text


def test_who_has_no_records_yet_waits_for_any_import(client):
    SyncFactory()
    signed_in(client, "ada@example.com")
    assert "Older ones of yours may still appear" in client.get(MINE).text


def test_the_front_page_says_what_this_is_and_lets_one_in(client):
    page = client.get(reverse("supporters:welcome")).text
    assert "Kevin Kelly" in page
    assert reverse("account_login") in page
    signed_in(client, "ada@example.com")
    assert MINE in client.get(reverse("supporters:welcome")).text


@pytest.mark.parametrize("name", ["welcome", "definitions"])
def test_the_public_pages_need_no_query(client, django_assert_num_queries, name):
    with django_assert_num_queries(0):
        client.get(reverse(f"supporters:{name}"))


def test_pages_of_one_person_stay_in_no_cache(client):
    creator = CreatorFactory()
    true_fan(creator, "ada@example.com", seat=1)
    signed_in(client, "ada@example.com")
    for address in (MINE, page_of(creator)):
        assert "no-store" in client.get(address)["Cache-Control"]


def test_while_payments_are_counted_anew_nobody_is_told_a_wrong_standing(client):
    creator = CreatorFactory(name="The Lantern Quarter", currency="EUR")
    fan_of(creator, "ada@example.com", seat=3)
    signed_in(client, "ada@example.com")
    recount = RecountFactory(creator=creator, done=40)
    told = "counts in another currency, and all payments are being counted anew: 40% is done"

    for address in (page_of(creator), MINE):
        page = client.get(address).text
        assert told in page
        assert "is resting" not in page
        assert "more, and" not in page
    assert "so the numbers come back in a moment" in client.get(page_of(creator)).text

    recount.finished_at = recount.heard_at
    recount.save()
    for address in (page_of(creator), MINE):
        page = client.get(address).text
        assert told not in page
        assert "is resting" in page


def test_what_a_tier_gives_stands_on_the_public_page_and_no_perk_or_note_of_one(client):
    creator = CreatorFactory()
    tier = creator.tiers.create(name="Patron", threshold=500_00, about="A postcard from every tour")
    PerkFactory(tier=tier, name="Secret chocolate", about="in the blue drawer")

    page = client.get(page_of(creator)).text

    assert "A postcard from every tour" in page
    assert "chocolate" not in page
    assert "drawer" not in page


def test_whose_page_it_is_is_told_so_and_not_that_nothing_was_paid(client):
    creator = CreatorFactory()
    for member in (creator.owner, MemberFactory(creator=creator, role="viewer").user):
        client.force_login(member)
        page = client.get(page_of(creator)).text
        assert "This is your page" in page
        assert "No seat of yours yet" not in page

    client.force_login(CreatorFactory().owner)
    assert "No seat of yours yet" in client.get(page_of(creator)).text


def test_my_page_tells_of_my_memberships_since_when_and_until_when(client, now):
    source = SourceFactory(creator=CreatorFactory(time_zone="Pacific/Auckland"))
    fan = fan_of(source.creator, "ada@example.com")
    of_ada = {"source": source, "fan": fan, "since": datetime(2026, 1, 31, 12, tzinfo=UTC)}
    later = datetime(2027, 1, 31, 12, tzinfo=UTC)
    MembershipFactory(**of_ada, description="Lantern Club", paid_until=later)
    MembershipFactory(**of_ada, description="Tape Club", ends_at=later, comment="too loud")
    MembershipFactory(**of_ada, description="Never begun", state="incomplete")
    unnamed = MembershipFactory(**of_ada)
    InvoiceFactory(
        source=source, membership_id=unnamed.external_id, description="1 × Harbour (at £5 / month)"
    )
    MembershipFactory(source=source, description="Somebody else’s")
    signed_in(client, "ada@example.com")

    page = " ".join(unescape(strip_tags(client.get(MINE).text)).split()).replace("\xa0", " ")

    assert "Lantern Club since 1 February 2026 · paid until 1 February 2027 active £5.00" in page
    assert "Tape Club since 1 February 2026 · ends on 1 February 2027" in page
    assert "Harbour since 1 February 2026" in page
    for other in ("Never begun", "Somebody else’s", "too loud"):
        assert other not in page
