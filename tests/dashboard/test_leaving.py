"""Leaving: what goes is said, it is shown that it is you, and there are two weeks to come back."""

import io
import zipfile
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from fans.models import Creator
from revenue.models import Departure, Source
from tests.factories import (
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    InboxFactory,
    MemberFactory,
    NoteFactory,
    StatementFactory,
    UploadFactory,
    UserFactory,
)
from tests.supporters.test_sign_in import sign_in

pytestmark = pytest.mark.django_db

LEAVING = "/studio/low-tide/settings/leaving"
EXPORT = "/studio/low-tide/settings/export"
ZIP = f"{EXPORT}/everything.zip"
CLOSED = "/studio/low-tide/closed"


@pytest.fixture(autouse=True)
def _it_is_now(time_machine, now):
    time_machine.move_to(now, tick=False)
    cache.clear()


@pytest.fixture
def fresh(client, creator, mailoutbox):
    """The owner has signed in by a code a moment ago."""
    client.logout()
    sign_in(client, mailoutbox, creator.owner.email)
    mailoutbox.clear()
    return client


def close(client):
    return client.post(LEAVING, {"typed": "low-tide"})


# What goes


def test_it_says_exactly_what_is_deleted_and_offers_the_export_first(client, creator, buyer):
    NoteFactory.create_batch(3, fan=buyer(10_00))
    buyer(20_00)

    page = client.get(LEAVING)

    shown = {str(title): count for title, count in page.context["counts"]}
    assert shown == {
        "People": 2, "Notes": 3, "Tiers": 3, "Sources": 1, "Purchases": 2,
    }  # fmt: skip
    assert "After 6 December 2026, in two weeks" in page.text
    assert page.text.index(f'href="{EXPORT}"') < page.text.index("What is deleted")


# It is you


def test_an_old_sign_in_is_not_enough(client, creator):
    page = client.get(LEAVING).text
    assert "Show that it is you" in page
    assert "type your handle" not in page

    answer = close(client)

    assert answer.status_code == 422
    assert "Show once more that it is you" in answer.text
    assert 'name="typed" value="low-tide"' in answer.text
    assert not Departure.objects.exists()


def test_who_has_no_second_lock_signs_in_anew_and_comes_back(client, creator, mailoutbox):
    answer = client.post(LEAVING, {"prove": "1"})
    assert answer.url.startswith(f"/accounts/login/?next={LEAVING}&")
    assert "_auth_user_id" not in client.session
    page = client.get(answer.url).text
    assert "To show that it is you, sign in once more" in page
    assert f'value="{creator.owner.email}"' in page
    assert creator.owner.email not in client.get(answer.url).text, "it is shown once"

    asked = sign_in(client, mailoutbox, creator.owner.email, next=LEAVING)
    assert asked.url == LEAVING
    assert "type your handle" in client.get(LEAVING).text


def test_who_has_a_second_lock_shows_it(client, creator):
    Authenticator.objects.create(user=creator.owner, type="totp", data={})

    answer = client.post(LEAVING, {"prove": "1"})

    assert answer.url == f"/accounts/2fa/reauthenticate/?next={LEAVING.replace('/', '%2F')}"
    assert "_auth_user_id" in client.session


def test_a_sign_in_is_fresh_for_ten_minutes(fresh, time_machine, now):
    assert "type your handle" in fresh.get(LEAVING).text
    time_machine.move_to(now + timedelta(minutes=11), tick=False)
    assert "type your handle" not in fresh.get(LEAVING).text


def test_the_sign_in_of_somebody_else_in_this_browser_does_not_count(fresh, creator):
    other = MemberFactory(creator=creator, role="owner").user
    session = fresh.session
    session["_auth_user_id"] = str(other.pk)
    session["_auth_user_hash"] = other.get_session_auth_hash()
    session.save()

    assert close(fresh).status_code == 422


@pytest.mark.parametrize("typed", ["", "low", "other"])
def test_another_handle_closes_nothing(fresh, creator, typed):
    answer = fresh.post(LEAVING, {"typed": typed})

    assert answer.status_code == 422
    assert "not your handle" in answer.text or not typed
    assert f'value="{typed}"' in answer.text or not typed
    creator.refresh_from_db()
    assert creator.leaves_at is None


# Closed


def test_the_studio_and_its_public_page_are_gone_at_once(
    fresh, creator, source, buyer, mailoutbox, django_capture_on_commit_callbacks
):
    fan = buyer(10_00, email="zoe@example.com")
    IdentityFactory(fan=fan)
    zoe = UserFactory(email="zoe@example.com")
    zoe.emailaddress_set.create(email=zoe.email, verified=True)
    member = MemberFactory(creator=creator, role="editor")

    with django_capture_on_commit_callbacks(execute=True):
        answer = fresh.post(LEAVING, {"typed": "@Low-Tide"})

    assert answer.url == "/studio/"
    page = fresh.get(answer.url).text
    assert "The studio of Low Tide is closed, and its keys are forgotten." in page
    assert "It is deleted after 6 December 2026." in page
    for path in ("/studio/low-tide/", "/studio/low-tide/people", LEAVING, ZIP):
        assert fresh.get(path).url == CLOSED, path
    assert fresh.post(LEAVING).status_code == 404
    assert fresh.get("/@low-tide").status_code == 404
    assert Source.objects.get().key == ""
    fresh.force_login(zoe)
    assert "Low Tide" not in fresh.get("/me").text
    assert fresh.get("/me/@low-tide").status_code == 404
    fresh.force_login(member.user)
    assert fresh.get("/studio/").url == "/studio/new"
    assert fresh.get(CLOSED).status_code == 404
    assert fresh.get("/studio/low-tide/").status_code == 404


def test_an_owner_opens_it_again_with_one_click(fresh, creator, source):
    close(fresh)
    other = MemberFactory(creator=creator, role="owner").user
    fresh.force_login(other)

    page = fresh.get(CLOSED).text
    assert "Low Tide is closed" in page
    assert "6 December 2026, 12:00 (Europe/London)" in page
    answer = fresh.post(CLOSED)

    assert answer.url == "/studio/low-tide/"
    assert "Connect Stripe anew: its keys are forgotten" in fresh.get(answer.url).text
    assert fresh.get("/@low-tide").status_code == 200
    assert fresh.get(CLOSED).status_code == 404
    assert not Departure.objects.exists()


def test_one_of_files_that_opens_again_speaks_of_no_key(fresh, creator):
    UploadFactory(source__creator=creator)
    close(fresh)

    assert "Stripe" not in fresh.get(CLOSED).text
    page = fresh.get(fresh.post(CLOSED).url).text
    assert "Low Tide is open again." in page
    assert "keys are forgotten" not in page


def test_one_that_was_told_at_once_is_told_to_make_the_address_anew(fresh, creator):
    inbox = InboxFactory(source__creator=creator)
    StatementFactory(upload=None, source=inbox.source)
    close(fresh)

    assert "told you at once need a new address" in fresh.get(CLOSED).text
    assert "told you at once need a new address" in fresh.get(fresh.post(CLOSED).url).text


@pytest.mark.parametrize("role", ["editor", "viewer", None])
def test_nobody_else_can_open_it_again(fresh, creator, role):
    close(fresh)
    user = MemberFactory(creator=creator, role=role).user if role else UserFactory()
    fresh.force_login(user)

    assert fresh.post(CLOSED).status_code == 404
    creator.refresh_from_db()
    assert creator.is_leaving


def test_when_its_time_is_over_it_says_how_far_it_is(fresh, creator, now, time_machine):
    close(fresh)
    later = now + timedelta(days=14)
    time_machine.move_to(later, tick=False)
    Departure.objects.update(begun_at=later, heard_at=later, done=45, total=100)
    fresh.force_login(creator.owner)

    assert "45%" in fresh.get("/studio/").text
    page = fresh.get(CLOSED).text
    assert "45%" in page
    assert "Open the studio again" not in page
    assert fresh.post(CLOSED).status_code == 200
    headers = {"HX-Request": "true", "HX-Target": "progress"}
    part = fresh.get(CLOSED, headers=headers).text
    assert "45%" in part
    assert "<html" not in part

    Creator.objects.all().delete()
    assert fresh.get(CLOSED, headers=headers).headers["HX-Redirect"] == "/studio/"
    assert fresh.get(CLOSED).status_code == 404


def test_the_handle_stays_taken_until_the_end(fresh, creator):
    close(fresh)
    answer = fresh.post("/studio/new", {"handle": "low-tide"})
    assert "This handle is taken" in str(answer.context["form"].errors["handle"])


# The entrance


def test_the_entrance_offers_every_studio_with_ones_role(client, creator):
    MemberFactory(creator__handle="ebb", creator__name="Ebb", user=creator.owner, role="viewer")
    CreatorFactory(name="Somebody else's")

    page = client.get("/studio/").text

    assert page.index("/studio/ebb/") < page.index("viewer") < page.index("/studio/low-tide/")
    assert "owner" in page[page.index("/studio/low-tide/") :]
    assert "Somebody else" not in page


def test_a_member_of_one_studio_is_there_at_once_and_may_still_choose(client):
    member = MemberFactory(creator__handle="ebb", role="viewer")
    client.force_login(member.user)

    assert client.get("/studio/").url == "/studio/ebb/"
    page = client.get("/studio/?choose=1").text
    assert "/studio/ebb/" in page
    assert "/studio/new" in page


def test_the_entrance_costs_one_query_for_all_of_them(
    client, creator, django_assert_max_num_queries
):
    for _ in range(5):
        MemberFactory(user=creator.owner)
        CreatorFactory(owner=creator.owner)
    with django_assert_max_num_queries(3):  # the session, the account, the studios
        client.get("/studio/")


# Export


def test_an_owner_downloads_everything(client, creator, buyer):
    buyer(10_00, name="Zoë")
    page = client.get(EXPORT).text
    assert ZIP in page
    assert "People" in page

    answer = client.get(ZIP, headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Type"] == "application/zip"
    assert 'filename="low-tide-2026-11-22.zip"' in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as zipped:
        assert "Zoë" in zipped.read("people.csv").decode()
        assert "Low Tide" in zipped.read("README.txt").decode()


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_nobody_but_an_owner_downloads_it(client, creator, role):
    client.force_login(MemberFactory(creator=creator, role=role).user)

    assert ZIP not in client.get(EXPORT).text
    assert client.get(ZIP).status_code == 403


def test_one_download_at_a_time_for_a_studio(client, creator):
    FanFactory(creator=creator)
    first = client.get(ZIP)

    second = client.get(ZIP)
    assert second.url == EXPORT
    assert "under way already" in client.get(EXPORT).text

    first.getvalue()
    assert client.get(ZIP).status_code == 200


def test_a_download_that_nobody_reads_is_no_obstacle(client, creator):
    gone = client.get(ZIP)
    for close in gone._resource_closers:  # as the server does when the browser has turned away
        close()
    assert client.get(ZIP).status_code == 200
