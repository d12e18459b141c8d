"""A source goes: the page where one chooses whether its money stays, and what Sources says then."""

from datetime import timedelta

import pytest

from fans.models import Fan
from revenue.models import Removal, Source
from revenue.removing import begin_removal, disconnect
from tests.factories import (
    InboxFactory,
    PurchaseFactory,
    SourceFactory,
    StatementFactory,
    SyncFactory,
    UploadFactory,
)

pytestmark = pytest.mark.django_db

SOURCES = "/studio/low-tide/sources"


@pytest.fixture
def page(source):
    return f"{SOURCES}/{source.pk}/disconnect"


def test_each_source_has_the_way_to_its_own_page(client, source, page):
    other = SourceFactory(creator=source.creator)

    sources = client.get(SOURCES).text

    assert f'href="{page}"' in sources
    assert f'href="{SOURCES}/{other.pk}/disconnect"' in sources


def test_the_choice_comes_with_the_figures_and_looking_changes_nothing(client, source, page, buyer):
    buyer(10_00)
    zoe = buyer(20_00)
    PurchaseFactory(source=source, fan=zoe, amount=5_00)
    PurchaseFactory(source=source, amount=99_00, state="failed", counted_gross=0, counted_net=0)
    PurchaseFactory(source=SourceFactory(creator=source.creator), amount=77_00)

    shown = client.get(page)

    assert shown.status_code == 200
    assert "3 purchases by 2 friends: £35.00" in shown.text
    assert "The money stays" in shown.text
    assert "The money goes" in shown.text
    assert "your only source" not in shown.text
    source.refresh_from_db()
    assert (source.state, source.key) == ("ok", "rk_test_some_key")


def test_an_only_source_says_that_nothing_will_be_left(client, page, buyer):
    buyer(10_00)

    assert "your only source" in client.get(page).text


def test_a_source_that_brought_nothing_says_so(client, page):
    assert "Nothing has come from it yet" in client.get(page).text


def test_the_money_stays_if_that_is_chosen(client, source, page, buyer):
    buyer(10_00)

    answer = client.post(page, {"money": "keep"})

    source.refresh_from_db()
    assert answer.url == SOURCES
    assert (source.state, source.key, source.purchases.count()) == ("disconnected", "", 1)
    sources = client.get(SOURCES).text
    assert "Low Tide shop is disconnected. Its money stays." in sources
    assert "disconnected, money kept" in sources
    assert "Read what is new" not in sources


@pytest.mark.parametrize("typed", ["Low Tide shop", "  low tide  SHOP "])
def test_the_money_goes_once_the_name_is_typed(
    client, source, page, buyer, typed, django_capture_on_commit_callbacks
):
    buyer(10_00)

    with django_capture_on_commit_callbacks() as queued:
        answer = client.post(page, {"money": "remove", "typed": typed})

    source.refresh_from_db()
    assert answer.url == SOURCES
    assert (source.state, source.key) == ("removing", "")
    assert Removal.objects.get().source == source
    assert len(queued) == 1


@pytest.mark.parametrize("typed", ["", "Low Tide", "remove", "x" * 600, "a\0b"])
def test_another_name_removes_nothing_and_says_so(client, source, page, typed):
    answer = client.post(page, {"money": "remove", "typed": typed})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    source.refresh_from_db()
    assert source.state == "ok"
    assert not Removal.objects.exists()


@pytest.mark.parametrize("data", [{}, {"money": "burn"}, {"typed": "Low Tide shop"}])
def test_without_a_choice_nothing_happens(client, source, page, data):
    answer = client.post(page, data)

    assert answer.status_code == 422
    assert "notice is-error" in answer.text
    source.refresh_from_db()
    assert source.state == "ok"


def test_a_name_is_never_taken_for_markup(client, creator):
    source = SourceFactory(creator=creator, name="<b>Shop</b>")

    for address in (SOURCES, f"{SOURCES}/{source.pk}/disconnect"):
        assert "<b>Shop" not in client.get(address).text


def test_a_disconnected_source_can_still_be_removed(client, source, page, now):
    disconnect(source=source, now=now)

    shown = client.get(page).text

    assert "Remove Low Tide shop" in shown
    assert "The money stays" not in shown
    assert "Remove its money" in client.get(SOURCES).text
    client.post(page, {"money": "remove", "typed": "Low Tide shop"})
    source.refresh_from_db()
    assert source.state == "removing"


@pytest.fixture
def bandcamp(creator):
    """A file that counts; the page where all of its kind are removed."""
    source = SourceFactory(creator=creator, kind="file", account_id="bandcamp", name="Bandcamp")
    UploadFactory(source=source)
    return source


@pytest.mark.parametrize("is_closed", [False, True])
def test_of_files_there_is_only_the_money_to_remove_and_no_key(
    client, bandcamp, now, is_closed, django_capture_on_commit_callbacks
):
    if is_closed:
        disconnect(source=bandcamp, now=now)
    page = f"{SOURCES}/{bandcamp.pk}/disconnect"

    shown = client.get(page).text

    assert "Remove Bandcamp" in shown
    assert "At Bandcamp nothing changes, and the files can be brought again." in shown
    for word in ("Stripe", "key is forgotten", "Disconnect", "The money stays", "told"):
        assert word not in shown, word
    assert client.post(page, {"money": "keep"}).status_code == 422
    with django_capture_on_commit_callbacks():
        client.post(page, {"money": "remove", "typed": "Bandcamp"})
    sources = client.get(SOURCES).text
    assert "What came from Bandcamp is being removed." in sources
    assert "Bandcamp is disconnected" not in sources


def test_where_one_is_told_at_once_the_address_goes_too(client, creator):
    source = InboxFactory(source__creator=creator).source

    shown = client.get(f"{SOURCES}/{source.pk}/disconnect").text

    assert "The address that Ko-fi tells you at once by is forgotten" in shown
    assert "Stripe" not in shown


def test_what_was_told_can_be_removed_after_the_address_was_forgotten(client, creator):
    inbox = InboxFactory(source__creator=creator)
    StatementFactory(upload=None, source=inbox.source)
    inbox.delete()

    assert f'href="{SOURCES}/{inbox.source_id}/disconnect"' in client.get(SOURCES).text


def test_of_sales_by_hand_it_is_said_that_nobody_can_bring_them_back(client, creator):
    till = SourceFactory(creator=creator, kind="hand", account_id="till", name="Cash")

    shown = client.get(f"{SOURCES}/{till.pk}/disconnect").text

    assert "nobody can bring it back" in shown
    assert "Stripe" not in shown


def test_one_that_is_being_removed_has_no_such_page_any_more(client, source, page, now):
    begin_removal(source=source, now=now)

    assert client.get(page).status_code == 404
    assert client.post(page, {"money": "keep"}).status_code == 404


def test_anothers_source_is_not_there(client, creator):
    other = SourceFactory(name="Shop")

    address = f"{SOURCES}/{other.pk}/disconnect"

    assert client.get(address).status_code == 404
    assert client.post(address, {"money": "remove", "typed": "Shop"}).status_code == 404
    assert Source.objects.get(pk=other.pk).state == "ok"


def test_reading_cannot_be_started_any_more(client, source, now):
    disconnect(source=source, now=now)

    client.post(f"{SOURCES}/{source.pk}/sync")

    assert not source.syncs.exists()


def test_a_removal_shows_how_far_it_is_and_survives_a_reload(client, source, now):
    begin_removal(source=source, now=now)
    Removal.objects.update(done=1200, total=4800)
    headers = {"HX-Request": "true", "HX-Target": "progress"}

    for _ in range(2):
        page = client.get(SOURCES).text
        assert "Removing Low Tide shop" in page
        assert "1,200 of 4,800 rows" in page
        assert "25%" in page
        assert 'hx-trigger="every 2s"' in page
        assert "Read what is new" not in page
    part = client.get(SOURCES, headers=headers)
    assert "25%" in part.text
    assert "<html" not in part.text
    assert "Removing Low Tide shop" in client.get("/studio/low-tide/").text
    source.delete()

    assert client.get(SOURCES, headers=headers).headers["HX-Refresh"] == "true"
    assert "Removing" not in client.get(SOURCES).text


def test_a_removal_that_is_not_heard_of_is_told(client, source, now, time_machine):
    begin_removal(source=source, now=now)
    time_machine.move_to(now + timedelta(seconds=20), tick=False)
    assert "Nothing has been heard" not in client.get(SOURCES).text

    time_machine.move_to(now + timedelta(minutes=2), tick=False)

    assert "Nothing has been heard for 2\xa0minutes" in client.get(SOURCES).text


def test_a_removal_of_another_creators_source_is_not_shown(client, creator, now):
    begin_removal(source=SourceFactory(name="Theirs"), now=now)

    assert "Theirs" not in client.get(SOURCES).text
    assert "Theirs" not in client.get("/studio/low-tide/").text


def test_an_account_that_is_being_removed_is_not_connected_at_the_same_time(
    client, creator, stripe
):
    from sandbox.directory import load
    from tests.revenue.recording import SMALL

    stripe(load(SMALL))
    client.post(f"{SOURCES}/stripe", {"key": "rk_test_good"})
    source = creator.sources.get()
    begin_removal(source=source, now=source.connected_at)

    answer = client.post(f"{SOURCES}/stripe", {"key": "rk_test_good"})

    assert answer.status_code == 422
    assert "being removed right now" in answer.text
    source.refresh_from_db()
    assert (source.state, source.key) == ("removing", "")


def test_the_page_costs_the_same_queries_however_much_there_is(
    client, source, page, buyer, django_assert_num_queries
):
    buyer(10_00)
    with django_assert_num_queries(6):
        client.get(page)
    for _ in range(20):
        buyer(10_00)
    SyncFactory(source=SourceFactory(creator=source.creator))
    with django_assert_num_queries(6):
        client.get(page)
    assert Fan.objects.count() == 21
