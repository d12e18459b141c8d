"""Every list, search and row of the admin answers admins and nobody else."""

import pytest
from django.contrib import admin as django_admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fans.models import Creator, Fan, Identity, Tier, User
from revenue.models import (
    Customer,
    Invoice,
    Membership,
    Movement,
    Nudge,
    Purchase,
    Return,
    SetAside,
    Source,
)
from tests.admin.addresses import added, listed, of
from tests.admin.conftest import KEY, LONG, SECRET, SMALL, staff
from tests.factories import FanFactory

pytestmark = pytest.mark.django_db

EVERY = SMALL + LONG

SEARCHES = [
    (User, "creator"),
    (Creator, "creator-"),
    (Fan, "ada@example.com"),
    (Fan, "ada r"),
    (Identity, " ADA@example.com "),
    (Source, "acct_none"),
    (Nudge, "evt_none"),
    (Customer, "cus_0"),
    (Movement, "txn_none"),
    (Return, "re_0"),
    (Invoice, "in_none"),
    (Membership, "ada@example.com"),
    (SetAside, "obj_none"),
    (Purchase, "ada@example.com"),
]


def test_every_model_of_ours_is_in_the_admin():
    ours = {m for m in django_admin.site._registry if m._meta.app_label in ("fans", "revenue")}
    assert ours == set(EVERY)


@pytest.mark.parametrize("model", EVERY)
def test_an_admin_sees_the_list_and_a_row_of_it(admin, rows, model):
    listing = admin.get(listed(model))
    assert listing.status_code == 200
    assert of(rows[model]) in listing.content.decode()
    assert admin.get(of(rows[model])).status_code == 200
    assert admin.get(of(rows[model], "history")).status_code == 200


@pytest.mark.parametrize(("model", "term"), SEARCHES)
def test_an_admin_may_search(admin, rows, model, term):
    answer = admin.get(listed(model), {"q": term})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("model", "term", "other"),
    [
        (User, "{row.email}", "someone@"),
        (Fan, "ADA@example.com", "ada@example.co"),
        (Fan, "ada", "eader"),
        (Fan, "READER", "ada again"),
        (Identity, "Ada@Example.com", "ada"),
        (Nudge, "{row.external_id}", "evt_"),
        (Customer, "cus_0", "cus_"),
        (Movement, "{row.external_id}", "txn_"),
        (Return, "re_0", "re_"),
        (Invoice, "{row.external_id}", "in_"),
        (Membership, "{row.external_id}", "sub_"),
        (Membership, "ada@example.com", "bob@example.com"),
        (SetAside, "{row.external_id}", "obj_"),
        (Purchase, "{row.external_id}", "ch_"),
        (Purchase, "ada@example.com", "bob@example.com"),
        (Source, "{row.account_id}", "acct_"),
        (Creator, "{row.handle}", "nobody"),
    ],
)
def test_a_search_finds_what_it_says_and_nothing_else(admin, rows, model, term, other):
    row = rows[model]
    found = admin.get(listed(model), {"q": term.format(row=row)})
    assert of(row) in found.content.decode()
    missed = admin.get(listed(model), {"q": other})
    assert missed.status_code == 200
    assert of(row) not in missed.content.decode()


def test_people_are_found_by_any_word_of_their_name_whatever_its_accents(admin, rows):
    zoe = FanFactory(name="Zoë Whitlock")
    for term in ("zoe", "ZOË", "whitlock", "Whitlock Zo"):
        assert of(zoe) in admin.get(listed(Fan), {"q": term}).text, term
    assert of(zoe) not in admin.get(listed(Fan), {"q": "zoe reader"}).text
    assert admin.get(listed(Fan), {"q": "–"}).status_code == 200


@pytest.mark.parametrize("model", EVERY)
def test_others_are_refused(client, rows, model):
    creator = Client()
    creator.force_login(rows[Creator].owner, "django.contrib.auth.backends.ModelBackend")
    for path in (listed(model), of(rows[model]), of(rows[model], "history"), added(model)):
        for stranger in (client, creator):
            answer = stranger.get(path)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/admin/login/")
        assert staff().get(path).status_code == 403


def test_a_creator_who_is_no_admin_is_told_so(rows):
    creator = Client()
    creator.force_login(rows[Creator].owner, "django.contrib.auth.backends.ModelBackend")
    assert creator.get(reverse("admin:index"), follow=True).status_code == 403


def test_admins_sign_in_as_everybody_does(client):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"


def test_second_factors_and_sessions_are_not_looked_at(admin):
    index = admin.get(reverse("admin:index")).content.decode()
    assert "/admin/fans/user/" in index
    assert "/admin/mfa/" not in index
    assert "/admin/usersessions/" not in index


@pytest.mark.parametrize("model", EVERY)
def test_a_key_is_never_shown(admin, rows, model):
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, webhook_secrets FROM revenue_source")
        encrypted = [secret for row in cursor.fetchall() for secret in row if secret]
    assert len(encrypted) == 2
    for path in (listed(model), of(rows[model]), f"{listed(model)}?source__id__exact=1"):
        page = admin.get(path, follow=True).content.decode()
        for secret in (KEY, SECRET, *encrypted):
            assert secret not in page
        assert 'name="key"' not in page


@pytest.mark.parametrize("model", EVERY)
def test_a_list_does_not_even_read_the_keys(admin, rows, model):
    with CaptureQueriesContext(connection) as queries:
        assert admin.get(listed(model)).status_code == 200
        admin.get(listed(model), {"source__id__exact": rows[Source].pk})
    for column in ("key", "webhook_secrets"):
        name = f'"revenue_source"."{column}"'
        assert not [query for query in queries if name in query["sql"]]


@pytest.mark.parametrize("model", [Source, Movement])
def test_keys_cannot_be_searched_for(admin, rows, model):
    for lookup in ("key", "key__startswith", "source__key__startswith", "webhook_secrets__gt"):
        assert admin.get(listed(model), {lookup: "rk_"}).status_code in (302, 400)


def test_links_lead_to_the_rows_of_the_row(admin, rows):
    page = admin.get(of(rows[Fan])).content.decode()
    link = f"{listed(Purchase)}?fan__id__exact={rows[Fan].pk}"
    assert link in page
    narrowed = admin.get(link)
    assert of(rows[Purchase]) in narrowed.content.decode()
    assert "Ada Reader" in narrowed.context["cl"].filter_specs[-2].lookup_choices[0]


def test_an_amount_is_shown_as_money(admin, rows):
    assert "£10.00" in admin.get(listed(Purchase)).content.decode()
    assert "£100.00" in admin.get(listed(Tier)).content.decode()


def test_what_there_is_several_of_is_called_so_in_english(admin):
    names = {str(model._meta.verbose_name_plural) for model in EVERY}

    assert names >= {"checks of the books", "rates said by hand", "inboxes", "set aside"}
    page = admin.get(reverse("admin:index")).text
    assert "Checks of the books" in page
    assert "Rates said by hand" in page
