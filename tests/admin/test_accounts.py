"""People who sign in, and the creators among them."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group

from fans.models import Creator, Fan, Tier, User
from revenue.models import Recount
from tests.admin.addresses import added, listed, of
from tests.admin.conftest import staff
from tests.factories import FanFactory, UserFactory

pytestmark = pytest.mark.django_db

NEW_CREATOR = {
    "handle": "ada",
    "name": "Ada",
    "fan_word": "reader",
    "fans_word": "readers",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "target_count": "500",
    "target_spend": "5000",
    "counts": "gross",
    "team_size": "1",
    "window_months": "12",
}


def test_an_address_is_all_that_an_account_needs(admin):
    assert 'name="email"' in admin.get(added(User)).content.decode()
    assert admin.post(added(User), {"email": "Ada@Example.org"}).status_code == 302

    ada = User.objects.get(email="ada@example.org")
    assert not ada.has_usable_password()
    assert not ada.is_staff


def test_an_address_is_taken_once_however_it_is_written(admin):
    UserFactory(email="ada@example.org")
    answer = admin.post(added(User), {"email": "ADA@example.org"})
    assert answer.status_code == 200
    assert "one like this already" in answer.content.decode()


def test_rights_are_given_by_a_superuser(admin):
    ada, group = UserFactory(), Group.objects.create(name="helpers")
    rights = {"is_active": "on", "is_staff": "on", "groups": [group.pk]}
    assert admin.post(of(ada), rights).status_code == 302
    ada.refresh_from_db()
    assert (ada.is_staff, ada.is_superuser, list(ada.groups.all())) == (True, False, [group])


def test_nobody_else_gives_rights_and_nobody_changes_an_address():
    ada = UserFactory(email="ada@example.org")
    helper = staff("fans.change_user", "fans.view_user")
    wanted = {
        "first_name": "Ada",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "email": "mine@example.org",
    }
    assert helper.post(of(ada), wanted).status_code == 302
    ada.refresh_from_db()
    assert ada.first_name == "Ada"
    assert (ada.email, ada.is_staff, ada.is_superuser) == ("ada@example.org", False, False)


def test_no_page_shows_a_password(admin, boss):
    boss.set_password("a long sentence")
    boss.save()
    admin.force_login(boss, "django.contrib.auth.backends.ModelBackend")
    page = admin.get(of(boss)).content.decode()
    assert boss.password not in page
    assert 'name="password"' not in page


def test_an_owner_of_books_cannot_be_deleted(admin, rows):
    owner = rows[User]
    admin.post(of(owner, "delete"), {"post": "yes"})
    assert User.objects.filter(pk=owner.pk).exists()


def test_a_new_creator_has_tiers(admin):
    owner = UserFactory()
    answer = admin.post(added(Creator), NEW_CREATOR | {"owner": owner.pk})
    assert answer.status_code == 302
    creator = Creator.objects.get(handle="ada")
    assert creator.currency == "EUR"
    assert list(creator.tiers.values_list("threshold", flat=True)) == [1200, 5000, 25000]


@pytest.fixture
def creator(rows) -> Creator:
    Fan.objects.update(recompute_at=None)
    FanFactory(name="Of another creator")
    return rows[Creator]


def save(admin, creator, **changes):
    form = NEW_CREATOR | {"owner": creator.owner_id, "handle": creator.handle}
    current = {key: getattr(creator, key) for key in form if key != "owner"}
    answer = admin.post(of(creator), form | current | changes, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_whose_a_creator_is_they_say_themselves(admin, creator):
    owner, other = creator.owner, UserFactory()
    page = save(admin, creator, owner=other.pk, name="Ada Two")
    creator.refresh_from_db()

    assert (creator.owner, creator.name) == (owner, "Ada Two")
    assert 'name="owner"' not in page
    [entry] = LogEntry.objects.all()
    assert entry.get_change_message() == "Changed Name."


def due() -> set[str]:
    return set(Fan.objects.exclude(recompute_at=None).values_list("name", flat=True))


@pytest.mark.parametrize(
    "change",
    [
        {"target_spend": "5000"},
        {"window_months": "6"},
        {"counts": "net"},
        {"time_zone": "Asia/Tokyo"},
    ],
)
def test_another_rule_has_everybody_recomputed(admin, creator, change):
    page = save(admin, creator, **change)
    assert "follows within a minute" in page
    assert due() == {"Ada Reader", "Ada Again"}


def test_another_currency_has_every_purchase_counted_anew(admin, creator):
    page = save(admin, creator, currency="EUR")
    assert "Everything is being counted in euros" in page
    run = Recount.objects.get()
    assert (run.creator, run.currency, run.total, run.finished_at) == (creator, "EUR", 1, None)
    assert due() == {"Ada Reader", "Ada Again"}


def test_another_word_has_nobody_recomputed(admin, creator):
    page = save(admin, creator, fan_word="friend")
    assert "follows within a minute" not in page
    assert due() == set()


@pytest.mark.parametrize("way", ["add", "change", "delete", "delete_selected"])
def test_another_tier_has_everybody_put_in_their_place(admin, creator, rows, way):
    tier = rows[Tier]
    form = {"creator": creator.pk, "name": "Best", "threshold": "20000", "rhythm_days": 90}
    if way == "add":
        admin.post(added(Tier), form)
    elif way == "change":
        admin.post(of(tier), form)
    elif way == "delete":
        admin.post(of(tier, "delete"), {"post": "yes"})
    else:
        chosen = {"action": way, "_selected_action": tier.pk, "post": "yes"}
        admin.post(listed(Tier), chosen)

    thresholds = list(creator.tiers.values_list("threshold", flat=True))
    assert thresholds == {"add": [10000, 20000], "change": [20000]}.get(way, [])
    assert due() == {"Ada Reader", "Ada Again"}
