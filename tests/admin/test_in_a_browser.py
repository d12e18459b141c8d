"""The admin in a real browser: its scripts run, and none of its pages breaks our policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Page, expect

from fans.models import Creator, Fan, User
from revenue.models import Purchase
from tests.admin.addresses import added, listed, of
from tests.admin.conftest import LONG, SMALL
from tests.browser.conftest import browser_type_launch_args, fits, watched  # noqa: F401
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page: Page, admin: Client, url: str) -> None:
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": admin.cookies[name].value, "url": url}])


@pytest.fixture
def signed_in(watched, live_server, admin) -> Page:  # noqa: F811
    sign_in(watched, admin, live_server.url)
    return watched


def test_no_page_breaks_the_policy(signed_in, live_server, rows):
    paths = ["/admin/", added(User), added(Creator), of(rows[Fan], "history")]
    for model in SMALL + LONG:
        paths += [listed(model), of(rows[model])]
    for path in paths:
        assert signed_in.goto(live_server.url + path).status == 200
        expect(signed_in.locator("#site-name")).to_have_text("TrueFans admin")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_our_colours_can_be_read(page, live_server, admin, rows, scheme):
    sign_in(page, admin, live_server.url)
    page.emulate_media(color_scheme=scheme)
    for path in ("/admin/", listed(Purchase), of(rows[Fan]), of(rows[User], "delete")):
        page.goto(live_server.url + path)
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == {"light": "rgb(253, 250, 245)", "dark": "rgb(26, 22, 19)"}[scheme]
        found = Axe().run(page, options={"runOnly": ["color-contrast", "link-in-text-block"]})
        assert found.violations_count == 0, found.generate_report()


def test_a_page_fits_a_telephone(signed_in, live_server, rows):
    signed_in.set_viewport_size({"width": 390, "height": 844})
    for path in (listed(Purchase), of(rows[Purchase]), listed(Fan), of(rows[Fan])):
        signed_in.goto(live_server.url + path)
        fits(signed_in)


def test_an_owner_is_chosen_from_a_list(signed_in, live_server, rows):
    owner = UserFactory(email="chosen@example.org")
    signed_in.goto(live_server.url + added(Creator))
    with signed_in.expect_popup() as popup:
        signed_in.click("#lookup_id_owner")
    popup.value.get_by_role("link", name="chosen@example.org").click()
    expect(signed_in.locator("#id_owner")).to_have_value(str(owner.pk))


def test_rights_are_chosen_from_two_lists(signed_in, live_server, rows):
    Group.objects.create(name="helpers")
    signed_in.goto(live_server.url + of(rows[User]))
    signed_in.locator("#id_groups_from").select_option(label="helpers")
    signed_in.locator("#id_groups_add").click()
    signed_in.get_by_role("button", name="Save", exact=True).click()
    expect(signed_in.locator(".messagelist")).to_contain_text("was changed successfully")
    assert rows[User].groups.get().name == "helpers"


def test_an_action_is_asked_for_and_answered(signed_in, live_server, rows):
    signed_in.goto(live_server.url + listed(Creator))
    signed_in.get_by_label("Action:").select_option(label="Recompute everybody")
    signed_in.locator("input.action-select").first.check()
    signed_in.get_by_role("button", name="Go").click()
    expect(signed_in.locator(".messagelist")).to_contain_text("2 fans of")
