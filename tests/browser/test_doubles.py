"""Payments that may be counted twice, in a real browser, on a phone and a desktop."""

import pytest
from playwright.sync_api import expect

from revenue.likeness import find_doubles
from tests.browser.conftest import fits, is_accessible_by_day_and_night
from tests.factories import CreatorFactory, PurchaseFactory, SourceFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_creator_says_what_two_payments_are(watched, client, live_server):
    creator = CreatorFactory(handle="band", name="Low Tide")
    shop = SourceFactory(creator=creator, name="Low Tide shop")
    file = SourceFactory(creator=creator, kind="file", account_id="kofi", name="Ko-fi")
    zoe = {
        "payer_name": "Zoë Whitlock of the very long name " * 3,
        "payer_email": "z" * 60 + "@e.com",
    }
    PurchaseFactory(source=shop, amount=19_41, description="Invoice 17", **zoe)
    PurchaseFactory(source=file, amount=20_00, fee=59, description="Tip " * 30, **zoe)
    PurchaseFactory(source=shop, payer_name="Ada")
    PurchaseFactory(source=file, payer_name="Ada")
    find_doubles(creator=creator)
    client.force_login(creator.owner)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    cookies = [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
    watched.context.add_cookies(cookies)
    watched.goto(f"{live_server.url}/studio/band/income")

    watched.get_by_role("link", name="Decide").click()
    for width in (1280, 360):
        watched.set_viewport_size({"width": width, "height": 800})
        fits(watched)
    is_accessible_by_day_and_night(watched)
    watched.get_by_role("button", name="It is one payment").first.click()
    expect(watched.get_by_text("It counts once from now on")).to_be_visible()
    watched.get_by_role("link", name="What you said").click()
    fits(watched)
    is_accessible_by_day_and_night(watched)
    watched.get_by_role("button", name="Take it back").click()

    expect(watched.get_by_text("the question is open again")).to_be_visible()
