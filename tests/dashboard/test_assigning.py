"""Money of nobody: what looks alike stands together, and the creator says whose it is."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages

from fans.models import Fan
from revenue.models import Assignment
from revenue.spend import recompute_due_fans
from tests.factories import (
    AssignmentFactory,
    FanFactory,
    IdentityFactory,
    MemberFactory,
    PurchaseFactory,
    SourceFactory,
    SyncFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

ROOM = "/studio/low-tide/income/unattributed"
ASSIGNED = "/studio/low-tide/income/assigned"
UNDO = ASSIGNED + "/undo"
PEOPLE = "/studio/low-tide/income/people"


@pytest.fixture
def nobodys(source, now):
    """`nobodys("Grandma", ...)`: a payment of nobody with that name."""

    def make(name="", minutes=0, **fields):
        at = now - timedelta(minutes=minutes)
        return PurchaseFactory(source=source, payer_name=name, occurred_at=at, **fields)

    return make


def said(client, response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_payments_that_look_alike_stand_together(client, nobodys, buyer):
    nobodys("Gran", payer_country="GB")
    newest = nobodys("GRAN", payer_country="GB", description="Another thing")
    nobodys("Gran", payer_country="FR")
    nobodys("", description="Payment link")
    nobodys("", description="Payment link", payer_country="DE")
    nobodys("", description="Something else", amount=90_00)
    nobodys("Tried", state="failed")
    buyer(10_00, name="Zoë")

    groups = client.get(ROOM).context["groups"]

    assert {(g.name.lower(), g.country, g.description, g.purchases, g.gross) for g in groups} == {
        ("gran", "GB", "", 2, 20_00),
        ("gran", "FR", "", 1, 10_00),
        ("", "", "Payment link", 2, 20_00),
        ("", "", "Something else", 1, 90_00),
    }
    gran = next(group for group in groups if group.country == "GB")
    assert gran.newest == newest.pk
    assert [group.purchases for group in groups] == [2, 2, 1, 1]
    assert client.get(ROOM).context["sums"].gross == 140_00


def test_no_name_of_anybody_is_in_an_address(client, nobodys):
    nobodys("Grandma Duck")

    page = client.get(ROOM).text

    assert not [part for part in page.split('href="')[1:] if "Duck" in part.split('"')[0]]


def test_a_group_shows_its_own_with_the_named_ones_ticked(client, nobodys):
    mine, other = nobodys("Gran"), nobodys("Aunt")
    plain = nobodys("", description="Link")

    group = client.get(ROOM, {"like": mine.pk})
    assert group.context["rows"] == [(mine, True)]
    group = client.get(ROOM, {"like": plain.pk})
    assert group.context["rows"] == [(plain, False)]
    for like in (PurchaseFactory().pk, "x", 10**30):
        assert client.get(ROOM, {"like": like}).status_code == 302
    assert other.fan is None


def test_somebody_of_the_payers_name_is_offered_at_once(client, creator, nobodys):
    FanFactory(creator=creator, name="Somebody Else")
    gran = FanFactory(creator=creator, name="Gran Duck")

    form = client.get(ROOM, {"like": nobodys("gran duck").pk}).context["form"]

    assert form.people == [gran]
    assert form.wanted == ""


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("zo", {"Zoë Quill"}),
        ("quill", {"Zoë Quill"}),
        ("ADA@", {"Ada"}),
        ("ill", set()),
        ("", set()),
        (" \0 ", set()),
        ("%", set()),
    ],
)
def test_people_are_found_by_a_word_of_their_name_or_an_address(client, creator, typed, found):
    FanFactory(creator=creator, name="Zoë Quill")
    IdentityFactory(fan=FanFactory(creator=creator, name="Ada", email="ada@example.com"))
    IdentityFactory(fan=FanFactory(name="Zoë of another", email="zo@example.com"))

    page = client.get(PEOPLE, {"q": typed})

    assert {fan.name for fan in page.context["people"]} == found
    assert "<html" not in page.text
    assert page.text.count('type="radio"') == len(found)


def assign(client, one, **data):
    return client.post(f"{ROOM}?like={one.pk}", data)


def test_one_and_several_are_assigned_to_a_person(
    client, creator, nobodys, queued, django_capture_on_commit_callbacks
):
    zoe = FanFactory(creator=creator, name="Zoë")
    one, two, three = (nobodys("Gran", minutes) for minutes in range(3))

    with django_capture_on_commit_callbacks(execute=True):
        response = assign(client, one, purchase=[one.pk, three.pk], fan=zoe.pk)

    assert response["Location"] == ROOM
    [text] = said(client, response)
    assert text.startswith("2 payments are now theirs:")
    assert f"/people/{zoe.pk}" in text
    assert ("revenue.tasks.figures.recompute_creator", [creator.pk]) in queued()
    assert set(zoe.purchase_set.all()) == {one, three}
    assert list(creator.purchases.unattributed()) == [two]
    recompute_due_fans(creator=creator, now=one.occurred_at + timedelta(minutes=1))
    zoe.refresh_from_db()
    assert (zoe.purchases, zoe.lifetime_gross) == (2, 20_00)


def test_somebody_new_is_made_by_name(client, creator, nobodys):
    one = nobodys("")

    response = assign(client, one, purchase=one.pk, name="  <b>Grandma</b>  ")

    fan = creator.fans.get()
    assert (fan.name, fan.email) == ("<b>Grandma</b>", "")
    assert list(fan.purchase_set.all()) == [one]
    assert "<b>Grandma" not in said(client, response)[0]
    assert Assignment.objects.get().by == creator.owner


def test_all_of_a_group_are_assigned_beyond_its_first_page(client, creator, nobodys):
    ours = [nobodys("Gran", minutes=n) for n in range(60)]
    nobodys("Aunt")

    assign(client, ours[0], everything="on", name="Grandma")

    assert creator.fans.get().purchase_set.count() == 60
    assert creator.purchases.unattributed().count() == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "__all__"),
        ({"name": "Gran"}, "__all__"),
        ({"purchase": "ONE"}, "name"),
        ({"purchase": "ONE", "name": "   "}, "name"),
        ({"purchase": "ONE", "fan": "STRANGER"}, "fan"),
        ({"purchase": "ONE", "fan": "x"}, "fan"),
        ({"purchase": "ONE", "fan": "FAN", "name": "Gran"}, "name"),
        ({"purchase": "ONE", "name": "x" * 201}, "name"),
    ],
)
def test_what_is_missing_is_told_and_nothing_typed_is_lost(client, creator, nobodys, data, field):
    one, fan = nobodys("Gran"), FanFactory(creator=creator)
    ids = {"ONE": one.pk, "FAN": fan.pk, "STRANGER": FanFactory().pk}
    data = {key: ids.get(value, value) for key, value in data.items()} | {"q": "gr"}

    page = assign(client, one, **data)

    assert page.status_code == 422
    form = page.context["form"]
    assert field in form.errors
    assert page.context["rows"] == [(one, "purchase" in data)]
    assert form["name"].value() == data.get("name")
    assert (fan in form.people) == (data.get("fan") == fan.pk)
    assert 'value="gr"' in page.text
    assert not Assignment.objects.exists()


def test_a_search_without_scripts_keeps_what_is_ticked_and_chosen(client, creator, nobodys):
    zoe, ada = (FanFactory(creator=creator, name=name) for name in ("Zoë", "Ada"))
    one, two = nobodys("Gran"), nobodys("Gran", minutes=1)

    page = assign(client, one, search="1", q="zo", purchase=two.pk, fan=ada.pk)

    assert page.status_code == 200
    assert page.context["rows"] == [(one, False), (two, True)]
    assert page.context["form"].people == [ada, zoe]
    assert page.context["form"].wanted == str(ada.pk)
    assert "form-error" not in page.text
    assert not Assignment.objects.exists()


def test_return_in_the_name_field_assigns_and_does_not_search(client, creator, nobodys):
    one = nobodys("Gran")

    assign(client, one, search="1", q="", name="Grandma", purchase=one.pk)

    assert creator.fans.get().purchase_set.get() == one


def test_what_was_somebodys_meanwhile_stays_theirs(client, creator, nobodys):
    one = nobodys("Gran")
    nobodys("Gran", minutes=1)
    zoe = FanFactory(creator=creator)
    one.fan = zoe
    one.save()

    response = assign(client, one, purchase=one.pk, name="Grandma")

    assert "Nothing was assigned" in said(client, response)[0]
    assert list(Fan.objects.all()) == [zoe]


@pytest.mark.parametrize("purchase", ["9" * 30, "x", "-1", "²"])
def test_nonsense_is_no_payment(client, nobodys, purchase):
    one = nobodys("Gran")

    assert assign(client, one, purchase=purchase, name="Gran").status_code in (302, 422)
    assert client.post(UNDO, {"purchase": purchase}).status_code == 302
    assert not Fan.objects.exists()


def test_an_assignment_is_taken_back_from_the_list_or_the_purchase(client, creator, nobodys):
    one, two = nobodys("Gran"), nobodys("Gran", minutes=1)
    assign(client, one, purchase=[one.pk, two.pk], name="Grandma")
    assert client.get(ASSIGNED).context["page"].rows == [one, two]
    purchase = client.get(f"/studio/low-tide/income/{one.pk}")
    assert "You said so" in purchase.text
    assert "Take it back" in purchase.text

    back = client.post(UNDO, {"purchase": one.pk, "to_purchase": "1"})
    assert back["Location"] == f"/studio/low-tide/income/{one.pk}"
    assert "Say whose it is" in client.get(back["Location"]).text
    assert creator.fans.get().purchase_set.get() == two
    back = client.post(UNDO, {"purchase": [one.pk, two.pk]})

    assert back["Location"] == ASSIGNED
    assert "1 payment was taken back." in said(client, back)
    assert not creator.fans.exists()
    assert "Nothing assigned" in client.get(ASSIGNED).text


def test_who_may_only_look_sees_no_form_and_changes_nothing(client, creator, source, nobodys):
    one = nobodys("Gran")
    fan = FanFactory(creator=creator)
    given = PurchaseFactory(source=source, fan=fan)
    AssignmentFactory(source=source, fan=fan, external_id=given.external_id)
    client.force_login(MemberFactory(creator=creator, role="viewer").user)

    for path in (f"{ROOM}?like={one.pk}", ASSIGNED, f"/studio/low-tide/income/{given.pk}"):
        page = client.get(path)
        assert page.status_code == 200
        main = page.text.split("<main")[1].split("</main>")[0]
        assert "<button" not in main
        assert "checkbox" not in main
    assert assign(client, one, purchase=one.pk, name="Gran").status_code == 403
    assert client.post(UNDO, {"purchase": given.pk}).status_code == 403
    assert Assignment.objects.count() == 1


def test_an_editor_may(client, creator, nobodys):
    one = nobodys("Gran")
    client.force_login(MemberFactory(creator=creator, role="editor").user)

    assert assign(client, one, purchase=one.pk, name="Gran").status_code == 302
    assert Assignment.objects.exists()


def test_while_a_source_is_read_one_is_told_to_wait(client, source, nobodys):
    nobodys("Gran")
    assert "find their owner by themselves" not in client.get(ROOM).text

    SyncFactory(source=source)

    assert "find their owner by themselves" in client.get(ROOM).text


def test_the_purchases_of_another_are_out_of_reach(client, nobodys):
    one, theirs = nobodys("Gran"), PurchaseFactory(source=SourceFactory(), payer_name="Gran")

    response = assign(client, one, purchase=theirs.pk, name="Grandma")

    assert "Nothing was assigned" in said(client, response)[0]
    theirs.refresh_from_db()
    assert theirs.fan is None


def test_a_group_costs_the_same_queries_however_large(client, nobodys, django_assert_num_queries):
    one = nobodys("Gran")
    for _ in range(2):
        with django_assert_num_queries(8):
            client.get(ROOM, {"like": one.pk})
        for _ in range(20):
            one = nobodys("Gran")


def test_with_nothing_ticked_one_is_told_to_tick(client, nobodys):
    for data, words in (
        ({}, "Tick the payments that you want to take back."),
        ({"purchase": "1"}, "That was over already; nothing was taken back twice."),
    ):
        answer = client.post("/studio/low-tide/income/assigned/undo", data, follow=True)
        assert words in answer.text
        assert "0 payments" not in answer.text
