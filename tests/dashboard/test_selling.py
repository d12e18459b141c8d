"""The till: two taps a sale, a code to scan, and everything can be taken back."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import TextField
from django.db.models.functions import Cast

from dashboard.qr import qr_picture
from dashboard.selling import LISTED, PRODUCTS
from revenue.models import Claim, SaleEntry, Source
from revenue.removing import begin_removal
from tests.factories import FanFactory, PurchaseFactory, SourceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("it_is_now")]

TILL = "/studio/low-tide/sell"


@pytest.fixture
def sell(client, creator):
    """`sell(amount="25", what="T-shirt")`: sends the form as the page has it."""

    def send(**fields):
        return client.post(TILL, {"sale": str(uuid4())} | fields)

    return send


def last() -> SaleEntry:
    return SaleEntry.objects.latest("pk")


def test_a_new_till_teaches_and_the_first_sale_is_stored_at_once(client, creator, sell, queued):
    assert "Nothing sold by hand on this day" in client.get(TILL).text

    answer = sell(amount="25", what="T-shirt")

    purchase = creator.purchases.get()
    assert answer["Location"] == f"{TILL}/{purchase.pk}"
    assert (purchase.amount, purchase.currency, purchase.description) == (25_00, "GBP", "T-shirt")
    page = client.get(TILL).text
    assert "£25.00" in page
    assert "from 1 sale" in page


def test_the_spend_of_who_bought_is_worked_out_by_a_worker(
    sell, queued, creator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        sell(amount="25", fan=FanFactory(creator=creator).pk)

    assert ("revenue.tasks.figures.recompute_creator", [creator.pk]) in queued()


def test_what_was_sold_before_is_one_tap_and_what_is_typed_goes_before_it(client, creator, sell):
    sell(amount="25", what="T-shirt")
    page = client.get(TILL).text
    [key] = re.findall(r'name="pick" value="([^"]+)"', page)

    sell(pick=key)
    assert (last().amount, last().description) == (25_00, "T-shirt")
    sell(pick=key, amount="20.50")
    assert (last().amount, last().description) == (20_50, "T-shirt")
    sell(pick=key, what="Tote bag")
    assert (last().amount, last().description) == (25_00, "Tote bag")


def test_only_the_last_things_stand_on_buttons_and_the_dearest_first(
    client, creator, sell, now, time_machine
):
    for number in range(PRODUCTS + 2):
        time_machine.move_to(now + timedelta(minutes=number), tick=False)
        sell(amount=5 + number % 2, what=f"Thing {number}")

    keys = re.findall(r'name="pick" value="([^"]+)"', client.get(TILL).text)

    assert keys == [f"600:Thing {n}" for n in (3, 5, 7)] + [f"500:Thing {n}" for n in (2, 4, 6)]


def test_a_double_tap_stores_one_sale_and_shows_it(sell, creator):
    form = {"sale": str(uuid4()), "amount": "5"}

    first, second = sell(**form), sell(**form)

    assert first["Location"] == second["Location"]
    assert creator.purchases.count() == 1


def test_a_form_that_comes_again_with_something_else_asks_once_more(sell, creator):
    form = {"sale": str(uuid4()), "amount": "5"}
    sell(**form)

    answer = sell(**form | {"amount": "7"})

    assert answer.status_code == 422
    assert "sent before, with something else" in answer.text
    anew = re.search(r'name="sale" value="([^"]+)"', answer.text)[1]
    assert anew != form["sale"]
    sell(sale=anew, amount="7")
    assert sorted(creator.purchases.values_list("amount", flat=True)) == [5_00, 7_00]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Tap what was sold, or type an amount"),
        ({"amount": "0"}, "more than nothing"),
        ({"amount": "1.234"}, "more decimals"),
        ({"amount": "-3"}, "must be 0 or more"),
        ({"amount": "a lot"}, "Enter a number"),
        ({"amount": "9" * 14}, "at most 12 digits"),
        ({"pick": "x:y"}, "Choose again"),
        ({"pick": f"{'9' * 40}:y"}, "Choose again"),
        ({"amount": "5", "day": "2026-11-23"}, "still to come"),
        ({"amount": "5", "day": "0001-01-01"}, "too long ago"),
        ({"amount": "5", "what": "x" * 121}, "at most 120"),
        ({"amount": "5", "fan": "99999999"}, "not there any more"),
        ({"amount": "5", "sale": "no id"}, ""),
    ],
)
def test_what_cannot_be_sold_is_said_in_words_and_nothing_typed_is_lost(sell, fields, words):
    answer = sell(**{"what": "Poster"} | fields)

    assert answer.status_code == 422
    assert words in answer.text
    assert fields.get("what", "Poster") in answer.text
    assert not SaleEntry.objects.exists()


def test_who_bought_is_searched_for_without_scripts_and_nothing_is_sold_by_it(sell, creator):
    zoe = FanFactory(creator=creator, name="Zoë Harp")

    answer = sell(amount="5", q="zoe", search="1")

    assert answer.status_code == 200
    assert f'name="fan" value="{zoe.pk}"' in answer.text
    assert 'value="5"' in answer.text
    assert not SaleEntry.objects.exists()
    sell(amount="5", q="zoe", fan=zoe.pk)
    assert creator.purchases.get().fan == zoe


def test_somebody_of_another_creator_cannot_be_chosen(sell):
    assert sell(amount="5", fan=FanFactory().pk).status_code == 422


def test_an_address_that_is_typed_makes_somebody(sell, creator):
    sell(amount="5", q=" Zoe@Example.com ")

    assert creator.fans.get().email == "zoe@example.com"


def test_a_sale_of_another_day_stands_on_that_day(client, creator, sell):
    sell(amount="5", day="2026-05-12")
    sell(amount="7")

    assert creator.purchases.first().occurred_at.isoformat() == "2026-05-12T11:00:00+00:00"
    assert "£7.00" in client.get(TILL).text
    page = client.get(f"{TILL}?on=2026-05-12").text
    assert "12 May 2026" in page
    assert "£5.00" in page
    assert "£7.00</strong>" not in page
    assert client.get(f"{TILL}?on=2026-99-99").status_code == 200
    assert client.get(f"{TILL}?on=tomorrow").status_code == 200


def test_a_sale_is_undone_from_the_list_and_put_back(client, creator, sell):
    sell(amount="5", what="Poster")
    purchase = creator.purchases.get()

    answer = client.post(f"{TILL}/{purchase.pk}/undo", follow=True)
    assert "is taken back" in answer.text
    assert "Put it back" in answer.text
    assert "from 1 sale" not in answer.text
    assert not creator.purchases.exists()

    answer = client.post(f"{TILL}/put-back", {"sale": last().external_id}, follow=True)
    assert "counts again" in answer.text
    assert creator.purchases.get().amount == 5_00


def test_a_purchase_of_another_source_is_no_sale_by_hand(client, source):
    purchase = PurchaseFactory(source=source)

    for path in ("", "/change"):
        assert client.get(f"{TILL}/{purchase.pk}{path}").status_code == 404
    for path in ("/undo", "/code", "/change"):
        assert client.post(f"{TILL}/{purchase.pk}{path}").status_code == 404
    assert client.post(f"{TILL}/put-back", {"sale": purchase.external_id}).status_code == 404


def test_the_code_is_a_picture_of_the_address_that_claims_it(client, creator, sell, settings):
    page = client.get(sell(amount="5")["Location"]).text

    claim = Claim.objects.get()
    link = f"{settings.PUBLIC_URL}/claim/{claim.code}"
    assert link in page
    assert str(qr_picture(link, label="Code to scan")) in page
    assert len(claim.code) == 22
    stored = Claim.objects.annotate(stored=Cast("code", TextField())).values_list("stored")
    assert claim.code not in stored.get()[0]


def test_a_code_is_shown_and_holds_though_the_key_of_the_installation_is_another_one(
    client, creator, sell, settings
):
    address = sell(amount="5")["Location"]

    settings.SECRET_KEY = "another one"
    client.force_login(creator.owner)
    [code] = re.findall(r"/claim/([\w-]{22})<", client.get(address).text)

    assert client.get(f"/claim/{code}").status_code == 200


def test_a_code_can_be_read(client):
    """Every square of the code is drawn, where it belongs."""
    from qrcode import QRCode

    code = QRCode(border=4, error_correction=0)
    code.add_data("https://example.com/claim/abc")
    drawn = set()
    for x, y, width in re.findall(
        r"M(\d+) (\d+)h(\d+)", qr_picture("https://example.com/claim/abc", label="x")
    ):
        drawn |= {(int(x) + step, int(y)) for step in range(int(width))}

    rows = code.get_matrix()
    assert drawn == {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}


def test_a_code_stays_the_same_until_it_is_too_old(client, creator, sell, now, time_machine):
    address = sell(amount="5")["Location"]
    code = Claim.objects.get().code

    client.post(f"{address}/code")
    assert Claim.objects.get().code == code

    time_machine.move_to(now + timedelta(days=91), tick=False)
    client.force_login(creator.owner)
    assert "no code of it holds any more" in client.get(address).text
    client.post(f"{address}/code")
    assert Claim.objects.get().code != code
    assert Claim.objects.get().code in client.get(address).text


def test_a_purchase_tells_its_story_and_can_be_changed_and_given_back(client, creator, sell):
    sell(amount="25", what="T-shirt")
    purchase = creator.purchases.get()
    change, about = f"{TILL}/{purchase.pk}/change", f"/studio/low-tide/income/{purchase.pk}"
    assert change in client.get(about).text

    form = {"seen": 0, "amount": "20", "what": "Shirt", "day": "2026-11-22"}
    assert client.post(change, form)["Location"] == about
    client.post(change, {"give_back": 1, "back-seen": 1, "back-amount": "5"})

    page = client.get(about).text
    assert "Sold: £25.00" in page
    assert "Changed: £20.00" in page
    assert "£5.00 returned" in page
    assert creator.owner.email in page
    purchase.refresh_from_db()
    assert (purchase.amount, purchase.returned, purchase.state) == (20_00, 5_00, "partly_refunded")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"seen": 0, "amount": "", "day": ""}, "fill this in"),
        ({"seen": 7, "amount": "3", "day": ""}, "changed this sale meanwhile"),
        ({"give_back": 1, "back-seen": 0, "back-amount": "26"}, "more than is left"),
        ({"give_back": 1, "back-seen": 0, "back-amount": "0"}, "more than nothing"),
        ({"give_back": 1, "back-seen": 3, "back-amount": "1"}, "changed this sale meanwhile"),
    ],
)
def test_a_change_that_cannot_be_is_said_in_words(client, creator, sell, form, words):
    sell(amount="25")

    answer = client.post(f"{TILL}/{creator.purchases.get().pk}/change", form)

    assert answer.status_code == 422
    assert words in answer.text
    assert SaleEntry.objects.count() == 1


def test_less_than_was_given_back_cannot_have_been_paid(client, creator, sell):
    sell(amount="25")
    change = f"{TILL}/{creator.purchases.get().pk}/change"
    client.post(change, {"give_back": 1, "back-seen": 0, "back-amount": "10"})

    answer = client.post(change, {"seen": 1, "amount": "5", "day": ""})

    assert answer.status_code == 422
    assert "given back already" in answer.text


def test_while_all_is_being_removed_nothing_is_sold_and_nothing_lost(client, creator, sell, now):
    sell(amount="5")
    begin_removal(source=creator.sources.get(), now=now)

    answer = sell(amount="7", what="Poster")

    assert answer.status_code == 422
    assert "being removed right now" in answer.text
    assert "Poster" in answer.text
    assert creator.purchases.count() == 1


def test_the_way_to_the_till_is_where_one_looks_for_it(client, creator, sell):
    SourceFactory(creator=creator)
    for room in ("", "sources", "income"):
        assert f'href="{TILL}"' in client.get(f"/studio/low-tide/{room}").text
    sell(amount="5")
    source = creator.sources.get(kind=Source.Kind.HAND)
    page = client.get("/studio/low-tide/sources").text
    assert f"/income?source={source.pk}" in page
    assert f"/sources/{source.pk}/disconnect" in page
    assert client.get(f"/studio/low-tide/sources/{source.pk}/disconnect").status_code == 200


def test_the_till_costs_the_same_queries_however_much_was_sold(
    client, sell, django_assert_num_queries, creator
):
    def look():
        client.get(TILL)
        with django_assert_num_queries(8):
            assert client.get(TILL).status_code == 200

    sell(amount="5", what="One")
    look()
    for number in range(4):
        sell(amount="5", what=f"Another {number}", q=f"zoe{number}@example.com")
    look()
    assert LISTED == 100
