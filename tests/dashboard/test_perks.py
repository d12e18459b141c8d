"""What a tier gives: whom it is owed to, tick by tick, and labels for the envelopes."""

import csv
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fans.models import Delivery, Fan, Perk
from fans.perks import deliver, take_back, tiers_now
from revenue.packed import pack
from tests.factories import (
    CreatorFactory,
    DeliveryFactory,
    FanFactory,
    MemberFactory,
    MovementFactory,
    PerkFactory,
    PurchaseFactory,
    RecountFactory,
    UserFactory,
)
from truefans.text import to_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)


@pytest.fixture
def true(creator):
    return creator.tiers.get(name="True")


@pytest.fixture
def postcard(true):
    return PerkFactory(tier=true, name="Postcard", every="month")


def room(perk: Perk, way: str = "") -> str:
    return f"/studio/low-tide/perks/{perk.pk}{way}"


def names(page):
    return [row.name for row in page.context["page"].rows]


def ticked(perk):
    return set(perk.deliveries.values_list("fan__name", "period"))


@pytest.mark.parametrize(
    ("every", "day", "period"),
    [
        ("once", date(2026, 11, 22), date(1, 1, 1)),
        ("month", date(2026, 11, 22), date(2026, 11, 1)),
        ("month", date(2026, 11, 1), date(2026, 11, 1)),
        ("year", date(2026, 11, 22), date(2026, 1, 1)),
    ],
)
def test_a_period_begins_on_its_first_day(every, day, period):
    assert Perk.Every(every).period(day) == period


def test_the_month_is_the_creators_own(creator, postcard):
    last_moments = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    assert postcard.period(last_moments) == OCTOBER

    creator.time_zone = "Asia/Tokyo"
    postcard.tier.creator = creator
    assert postcard.period(last_moments) == NOVEMBER


def test_everybody_in_the_tier_or_above_is_owed_it(client, buyer, postcard):
    for amount, name in ((99_99, "Under"), (100_00, "True"), (700_00, "Patron")):
        buyer(amount, name=name)
    FanFactory(name="Of another", spend=900_00)

    page = client.get(room(postcard))

    assert names(page) == ["Patron", "True"]
    assert (page.context["state"].due, page.context["state"].delivered) == (2, 0)
    assert "November 2026" in page.text


def test_a_tick_notes_it_and_can_be_undone(client, creator, buyer, postcard):
    ada, _ben = buyer(120_00, name="Ada"), buyer(110_00, name="Ben")
    data = {"fan": ada.pk, "period": "2026-11-01", "shown": [ada.pk, _ben.pk]}

    answer = client.post(room(postcard, "/tick"), data)

    assert answer.url == room(postcard)
    delivery = postcard.deliveries.get()
    assert (delivery.fan, delivery.period, delivery.by) == (ada, NOVEMBER, creator.owner)
    assert delivery.delivered_at == timezone.now()
    page = client.get(room(postcard))
    assert names(page) == ["Ben"]
    assert "<bdi>Ada</bdi> is ticked off." in page.text
    assert f'name="delivery" value="{delivery.pk}"' in page.text
    assert "is ticked off" not in client.get(room(postcard)).text

    client.post(room(postcard, "/untick"), {"delivery": delivery.pk})
    page = client.get(room(postcard))
    assert names(page) == ["Ada", "Ben"]
    assert "1 is due again." in page.text


def test_all_who_are_shown_are_ticked_and_nobody_else(client, buyer, postcard):
    shown = [buyer(120_00 + n, name=f"Fan {n}") for n in range(3)]
    buyer(110_00, name="Later")
    data = {"all": "1", "shown": [fan.pk for fan in shown], "period": "2026-11-01"}

    client.post(room(postcard, "/tick"), data)

    page = client.get(room(postcard))
    assert names(page) == ["Later"]
    assert "3 are ticked off." in page.text
    assert "Tick off the one who is shown" in page.text


def test_the_list_goes_on_where_the_tick_was(client, creator, postcard):
    people = [FanFactory(creator=creator, name=f"Fan {n:03}", spend=900_00 - n) for n in range(120)]
    first = client.get(room(postcard))
    after = first.context["page"].after
    second = client.get(room(postcard), {"after": after})
    assert names(first) + names(second) == [fan.name for fan in people[:100]]
    assert f'<input type="hidden" name="after" value="{after}">' in second.text

    shown = [fan.pk for fan in second.context["page"].rows]
    answer = client.post(room(postcard, "/tick"), {"all": "1", "shown": shown, "after": after})

    assert names(client.get(answer.url)) == [fan.name for fan in people[100:]]
    assert names(client.get(room(postcard))) == [fan.name for fan in people[:50]]


def test_scripts_get_only_the_list(client, buyer, postcard):
    fan = buyer(120_00, name="Ada")
    headers = {"HX-Request": "true", "HX-Target": "handing"}

    part = client.post(room(postcard, "/tick"), {"fan": fan.pk}, headers=headers, follow=True)

    assert part.text.strip().startswith('<div class="stack" id="handing"')
    assert "Ada</bdi> is ticked off." in part.text
    assert "Nothing is due" in part.text
    assert "Everybody who is in the tier now was given it." in part.text


def test_a_tick_counts_for_the_month_whose_list_it_was(client, buyer, postcard, time_machine):
    ada, ben, cleo = (buyer(120_00, name=name) for name in ("Ada", "Ben", "Cleo"))
    time_machine.move_to(datetime(2026, 12, 1, 0, 5, tzinfo=UTC), tick=False)

    client.post(room(postcard, "/tick"), {"fan": ada.pk, "period": "2026-11-01"})
    client.post(room(postcard, "/tick"), {"fan": ben.pk, "period": "2027-03-01"})
    client.post(room(postcard, "/tick"), {"fan": cleo.pk, "period": "2026-11-17"})

    december = date(2026, 12, 1)
    assert ticked(postcard) == {("Ada", NOVEMBER), ("Ben", december), ("Cleo", december)}


def test_a_new_month_owes_it_again_a_new_year_too_and_once_is_once(
    client, buyer, true, time_machine
):
    fan = buyer(120_00)
    perks = {every: PerkFactory(tier=true, every=every) for every in ("once", "month", "year")}
    for perk in perks.values():
        client.post(room(perk, "/tick"), {"fan": fan.pk})

    def due():
        client.force_login(true.creator.owner)
        return {every for every, perk in perks.items() if names(client.get(room(perk)))}

    assert due() == set()
    time_machine.move_to(datetime(2026, 12, 3, tzinfo=UTC), tick=False)
    assert due() == {"month"}
    time_machine.move_to(datetime(2027, 1, 3, tzinfo=UTC), tick=False)
    assert due() == {"month", "year"}


def test_who_falls_below_the_tier_is_owed_nothing_and_what_was_given_stays(client, buyer, postcard):
    fan = buyer(120_00, name="Ada")
    DeliveryFactory(perk=postcard, fan=fan, period=OCTOBER)
    Fan.objects.update(spend=10_00)

    assert names(client.get(room(postcard))) == []
    given = client.get(room(postcard), {"show": "given"})
    assert [row.fan.name for row in given.context["page"].rows] == ["Ada"]
    assert "October 2026" in given.text


def test_what_was_given_stands_newest_first_and_can_be_taken_back(client, creator, postcard):
    for number in range(60):
        period = NOVEMBER if number < 40 else OCTOBER
        fan = FanFactory(creator=creator, name=f"Fan {number}", spend=200_00)
        DeliveryFactory(perk=postcard, fan=fan, period=period)

    first = client.get(room(postcard), {"show": "given"})
    second = client.get(room(postcard), {"show": "given", "after": first.context["page"].after})

    rows = [*first.context["page"].rows, *second.context["page"].rows]
    assert [row.fan.name for row in rows] == [
        f"Fan {number}" for number in (*range(39, -1, -1), *range(59, 39, -1))
    ]
    answer = client.post(room(postcard, "/untick"), {"delivery": rows[0].pk, "show": "given"})
    assert answer.url == room(postcard) + "?show=given"
    assert postcard.deliveries.count() == 59


def test_ticked_twice_is_noted_once_and_undo_leaves_the_first(postcard, creator, buyer, now):
    fan = buyer(120_00)
    one, other = creator.owner, UserFactory()
    first = deliver(perk=postcard, period=NOVEMBER, fan_ids=[fan.pk], by=one, now=now)

    again = deliver(perk=postcard, period=NOVEMBER, fan_ids=[fan.pk], by=other, now=now)

    assert again == []
    assert take_back(perk=postcard, delivery_ids=again) == 0
    assert list(postcard.deliveries.values_list("pk", "by")) == [(first[0], one.pk)]


def test_people_of_others_and_nonsense_are_not_ticked(client, postcard, buyer):
    stranger = FanFactory(spend=900_00)
    mine = buyer(120_00, name="Ada")
    sent = {"all": "1", "shown": [stranger.pk, mine.pk, "x", "-1", "", "9" * 30, "٣"]}

    client.post(room(postcard, "/tick"), sent)

    assert ticked(postcard) == {("Ada", NOVEMBER)}


def test_deliveries_of_other_perks_are_not_taken_back(client, postcard):
    other = DeliveryFactory()

    client.post(room(postcard, "/untick"), {"delivery": other.pk})

    assert Delivery.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("way", ["", "/tick", "/untick", "/labels", "/edit", "/remove"])
def test_perks_of_others_are_not_there(client, creator, way):
    perk = PerkFactory(tier__creator=CreatorFactory(handle="other"))

    assert client.get(room(perk, way)).status_code in (404, 405)
    assert client.post(room(perk, way), {"name": "x", "every": "once"}).status_code in (404, 405)
    assert Perk.objects.filter(pk=perk.pk, name=perk.name).exists()


def test_a_perk_is_added_changed_and_removed(client, creator, true, buyer):
    buyer(120_00)
    new = f"/studio/low-tide/tiers/{true.pk}/perks/new"

    wrong = client.post(new, {"name": "", "every": "month", "about": "In the blue box"})
    assert wrong.status_code == 422
    assert "Say what it is that they get." in wrong.text
    assert "In the blue box" in wrong.text
    client.post(new, {"name": "Postcard", "every": "month", "about": "In the blue box"})
    perk = Perk.objects.get()
    assert (perk.tier, perk.name, perk.every) == (true, "Postcard", "month")
    assert "1 due" in client.get("/studio/low-tide/tiers").text

    twice = client.post(new, {"name": "postcard", "every": "once"})
    assert "This tier gives something of that name already." in twice.text
    client.post(room(perk, "/edit"), {"name": "Postcards", "every": "year", "about": ""})
    perk.refresh_from_db()
    assert (perk.name, perk.every) == ("Postcards", "year")
    DeliveryFactory(perk=perk, fan=FanFactory(creator=creator))
    assert "1 delivery of it is noted" in client.get(room(perk, "/remove")).text
    client.post(room(perk, "/remove"))
    assert not Perk.objects.exists()
    assert not Delivery.objects.exists()


def test_a_viewer_sees_who_is_owed_and_no_form(client, creator, buyer, postcard):
    fan = buyer(120_00, name="Ada")
    DeliveryFactory(perk=postcard, fan=fan, period=OCTOBER)
    client.force_login(MemberFactory(creator=creator, role="viewer").user)

    for show in ("", "given"):
        page = client.get(room(postcard), {"show": show})
        main = page.text.split("<main")[1].split("</main>")[0]
        assert "Ada" in main
        assert "<form" not in main
        assert "<button" not in main
    assert client.post(room(postcard, "/tick"), {"fan": fan.pk}).status_code == 403
    assert client.get(room(postcard, "/edit")).status_code == 403
    assert postcard.deliveries.count() == 1


def test_while_everything_is_recounted_the_room_says_so(client, creator, postcard, now):
    RecountFactory(creator=creator, heard_at=now)

    page = client.get(room(postcard)).text

    assert "Everything is being counted in GBP" in page


def test_an_empty_list_says_why(client, postcard):
    assert "Nobody is in “True” or above it yet." in client.get(room(postcard)).text
    assert "Nothing delivered yet" in client.get(room(postcard), {"show": "given"}).text


STRIPE = {"object": "charge", "billing_details": {"name": "A. Lovelace", "address": None}}


def sent(**parts) -> bytes:
    return pack(to_json(STRIPE | parts))


def printed(client, perk):
    answer = client.get(room(perk, "/labels"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return answer, list(csv.DictReader(text.splitlines()))


def test_labels_have_the_address_that_was_told_last(client, creator, source, postcard, now):
    place = {"line1": "1 Long Lane", "line2": "Flat 2", "city": "York", "postal_code": "YO1"}
    people = [
        FanFactory(creator=creator, name=name, spend=300_00 - n, country="GB")
        for n, name in enumerate(["Ada", "Ben", "=Cleo", "Dai"])
    ]
    ada, ben, cleo, _dai = people
    billed = {"name": "A. Lovelace", "address": place | {"country": "gb"}}
    PurchaseFactory(
        source=source, fan=ada, payer_country="GB", raw=sent(billing_details=billed),
        occurred_at=now - timedelta(days=9),
    )  # fmt: skip
    PurchaseFactory(source=source, fan=ada, raw=sent(), occurred_at=now)
    there = {"name": "Ben’s mother", "address": {"line1": "Far away", "country": "FR"}}
    on_ledger = PurchaseFactory(source=source, fan=ben, payer_country="FR")
    MovementFactory(
        source=source, payment_id=on_ledger.external_id, object_id=on_ledger.external_id,
        raw=pack(to_json({"id": "txn", "source": STRIPE | {"shipping": there}})),
    )  # fmt: skip
    PurchaseFactory(source=source, fan=cleo, state="failed", raw=sent(billing_details=billed))

    answer, rows = printed(client, postcard)

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="postcard-2026-11-01.csv"'
    assert rows[0] == {
        "name": "A. Lovelace", "email": ada.email, "line1": "1 Long Lane", "line2": "Flat 2",
        "postal_code": "YO1", "city": "York", "state": "", "country": "GB",
    }  # fmt: skip
    assert [row["name"] for row in rows] == ["A. Lovelace", "Ben’s mother", "'=Cleo", "Dai"]
    assert [row["line1"] for row in rows] == ["1 Long Lane", "Far away", "", ""]
    assert [row["country"] for row in rows] == ["GB", "FR", "GB", "GB"]


def test_labels_are_for_those_who_are_owed(client, buyer, postcard):
    ada, _ben = buyer(120_00, name="Ada"), buyer(110_00, name="Ben")
    DeliveryFactory(perk=postcard, fan=ada, period=NOVEMBER)
    buyer(20_00, name="Cleo")

    assert [row["name"] for row in printed(client, postcard)[1]] == ["Ben"]


def test_labels_of_many_cost_few_queries(
    client, creator, source, postcard, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr("revenue.labels.BATCH", 10)
    for number in range(25):
        fan = FanFactory(creator=creator, name=f"Fan {number:02}", spend=300_00 - number)
        PurchaseFactory(source=source, fan=fan)

    with django_assert_max_num_queries(4 + 1 + 3 * 2):
        _answer, rows = printed(client, postcard)

    assert [row["name"] for row in rows] == [f"Fan {number:02}" for number in range(25)]


def test_a_page_costs_the_same_queries_whoever_is_owed(
    client, creator, buyer, true, postcard, django_assert_num_queries
):
    DeliveryFactory(perk=postcard, fan=buyer(120_00), period=OCTOBER)
    for show, count in (("", 7), ("given", 8)):
        with django_assert_num_queries(count):
            client.get(room(postcard), {"show": show})
    for number in range(30):
        fan = FanFactory(creator=creator, spend=200_00 + number, tier=true)
        if number % 2:
            DeliveryFactory(perk=postcard, fan=fan, period=NOVEMBER)
    for show, count in (("", 7), ("given", 8)):
        with django_assert_num_queries(count):
            client.get(room(postcard), {"show": show})


def test_what_is_due_and_delivered_adds_up(creator, true, postcard, now):
    people = [FanFactory(creator=creator, spend=spend) for spend in (100_00, 150_00, 700_00)]
    gone = FanFactory(creator=creator, spend=10_00)
    for fan in (people[0], gone):
        DeliveryFactory(perk=postcard, fan=fan, period=NOVEMBER)
    DeliveryFactory(perk=postcard, fan=people[1], period=OCTOBER)

    [state] = next(one.perks for one in tiers_now(creator, now=now) if one.tier == true)

    assert (state.due, state.delivered) == (2, 2)
    assert state.due == creator.fans.owed(postcard, period=NOVEMBER).count()


@pytest.mark.parametrize(
    ("constraint", "break_it"),
    [
        (
            "perk_is_delivered_once_a_period",
            lambda perk, fan: [DeliveryFactory(perk=perk, fan=fan) for _twice in range(2)],
        ),
        (
            "perk_is_in_a_tier_once",
            lambda perk, fan: PerkFactory(tier=perk.tier, name=perk.name.upper()),
        ),
        ("perk_has_a_name", lambda perk, fan: PerkFactory(name="")),
        (
            "tier_rhythm_is_positive",
            lambda perk, fan: perk.tier.creator.tiers.update(rhythm_days=0),
        ),
    ],
)
def test_the_constraint_bites(constraint, break_it, postcard, creator):
    fan = FanFactory(creator=creator)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        break_it(postcard, fan)
