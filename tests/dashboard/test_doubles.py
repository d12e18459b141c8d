"""Counted twice? Two payments that look like one, side by side, and what is said of them."""

import pytest

from revenue.likeness import find_doubles
from revenue.models import Double
from tests.factories import DoubleFactory, MemberFactory, PurchaseFactory, SourceFactory

pytestmark = pytest.mark.django_db

ROOM = "/studio/low-tide/income/doubles"
SAID = f"{ROOM}/said"


@pytest.fixture
def file(creator):
    return SourceFactory(creator=creator, kind="file", account_id="kofi", name="Ko-fi")


@pytest.fixture
def alike(creator, source, file):
    """`alike(3)`: so many pairs of payments that look like one."""

    def make(count: int) -> list[Double]:
        for number in range(count):
            same = {"payer_name": f"Zoë {number}", "amount": 20_00 + number}
            PurchaseFactory(source=source, external_id=f"ch_{number}", **same)
            PurchaseFactory(source=file, external_id=f"row-{number}", state="paid", **same)
        find_doubles(creator=creator)
        return list(creator.doubles.order_by("external_id"))

    return make


def test_where_nothing_is_in_question_the_room_says_what_would_be(client, creator):
    assert "Nothing looks as if it was counted twice" in client.get(ROOM).text
    assert "Nothing said yet" in client.get(SAID).text
    for room in ("income", "sources"):
        assert "counted twice" not in client.get(f"/studio/low-tide/{room}").text


@pytest.mark.parametrize(("count", "words"), [(1, "1 payment may"), (2, "2 payments may")])
def test_the_way_there_says_how_many(client, alike, count, words):
    alike(count)

    for room in ("income", "sources"):
        page = client.get(f"/studio/low-tide/{room}").text
        assert f"{words} be counted twice" in page
        assert f'href="{ROOM}"' in page


def test_a_pair_stands_side_by_side_with_the_reason(client, alike):
    alike(1)

    page = client.get(ROOM).text

    for words in ("The same name, the same amount", "Low Tide shop", "Ko-fi", "£20.00", "Zoë 0"):
        assert words in page


def test_after_a_fee_it_says_so(client, creator, source, file):
    PurchaseFactory(source=source, payer_name="Zoë", amount=20_00, fee=59)
    PurchaseFactory(source=file, payer_name="Zoë", amount=19_41)
    find_doubles(creator=creator)

    page = client.get(ROOM).text
    assert "the same amount after the fee" in page
    assert "£19.41 net" in page


def test_it_is_one_payment_and_that_can_be_taken_back(client, creator, alike):
    [double] = alike(1)

    answer = client.post(f"{ROOM}/{double.pk}", {"answer": "one"}, follow=True)
    assert "It counts once from now on, as that of Low Tide shop" in answer.text
    assert creator.purchases.get(external_id="row-0").state == "elsewhere"
    page = client.get(SAID).text
    assert "One payment" in page
    assert creator.owner.email in page
    assert "counted elsewhere" in page

    answer = client.post(f"{ROOM}/{double.pk}/unsay", follow=True)
    assert "the question is open again" in answer.text
    assert creator.purchases.exclude(state="elsewhere").count() == 2
    assert "Zoë 0" in client.get(ROOM).text

    answer = client.post(f"{ROOM}/{double.pk}/unsay", follow=True)
    assert "That was over already; nothing was changed." in answer.text


def test_they_are_two_and_nobody_is_asked_again(client, creator, alike):
    [double] = alike(1)

    answer = client.post(f"{ROOM}/{double.pk}", {"answer": "two"}, follow=True)
    find_doubles(creator=creator)

    assert "you are not asked about them again" in answer.text
    assert "Zoë 0" not in client.get(ROOM).text
    assert "Two payments" in client.get(SAID).text


def test_what_is_no_answer_or_comes_too_late_changes_nothing(client, creator, alike):
    [double] = alike(1)

    assert "one payment, or two" in client.post(f"{ROOM}/{double.pk}", follow=True).text
    client.post(f"{ROOM}/{double.pk}", {"answer": "two"})
    late = client.post(f"{ROOM}/{double.pk}", {"answer": "one"}, follow=True)

    assert "not in question any more" in late.text
    assert not creator.purchases.filter(state="elsewhere").exists()


def test_what_is_another_creators_is_not_there(client, creator):
    double = DoubleFactory()

    assert client.post(f"{ROOM}/{double.pk}", {"answer": "one"}).status_code == 404
    assert client.post(f"{ROOM}/{double.pk}/unsay").status_code == 404


def test_a_payment_that_is_gone_is_said_to_be(client, creator, alike):
    [double] = alike(1)
    client.post(f"{ROOM}/{double.pk}", {"answer": "two"})
    creator.purchases.filter(external_id="row-0").delete()

    assert "This payment is gone" in client.get(SAID).text


def test_pages_follow_each_other_and_cost_the_same(
    client, alike, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr("dashboard.views.doubles.SIZE", 2)
    alike(5)
    client.get(ROOM)

    with django_assert_num_queries(7):
        first = client.get(ROOM)
    page = first.context["page"]
    assert [len(first.context["pairs"]), bool(page.after)] == [2, True]
    with django_assert_num_queries(8):  # and one for the way back
        last = client.get(f"{ROOM}?after={page.after}")
    assert len(last.context["pairs"]) == 2
    assert {p.double.pk for p in first.context["pairs"]}.isdisjoint(
        p.double.pk for p in last.context["pairs"]
    )


def test_who_may_only_look_is_not_called_to_decide(client, creator, alike):
    alike(1)
    client.force_login(MemberFactory(creator=creator, role="viewer").user)

    page = client.get("/studio/low-tide/sources").text

    assert "1 payment may be counted twice." in page
    assert "See which" in page
    assert ">Decide<" not in page
