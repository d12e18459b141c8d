"""Two records of one person in a real browser: looked at, joined, and two again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import fits, is_accessible
from tests.factories import (
    AcquaintanceFactory,
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    NoteFactory,
    ProposalFactory,
    PurchaseFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pairs(context, client, live_server, now) -> str:
    """The address of the pairs, of whom there is Jane at home and at work."""
    source = SourceFactory(creator=CreatorFactory(handle="band"))
    creator = source.creator
    creator.create_default_tiers()
    people = []
    for place, amount, seat in (("home", 120_00, 12), ("work", 64_00, None)):
        fan = FanFactory(
            creator=creator, name="Jane Doe", email=f"jane.doe@{place}.example", country="GB",
            spend=amount, window_gross=amount, window_net=amount, lifetime_gross=amount,
            lifetime_net=amount, purchases=1, is_true_fan=bool(seat), seat=seat,
            first_purchase_at=now, last_purchase_at=now,
        )  # fmt: skip
        IdentityFactory(fan=fan, evidence="payment")
        PurchaseFactory(source=source, fan=fan, amount=amount, payer_email=fan.email)
        people.append(fan)
    NoteFactory(fan=people[0])
    AcquaintanceFactory(fan=people[1], cares_about="Harps\nTea", birth_month=5, birth_day=3)
    ProposalFactory(creator=creator, first=people[0], second=people[1], reasons=[1, 5])
    client.force_login(creator.owner)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return f"{live_server.url}/studio/band/people/pairs"


def test_two_are_looked_at_joined_and_two_again(pairs, watched):
    page = watched
    page.goto(pairs)
    is_accessible(page)
    fits(page)
    page.get_by_role("link", name="Compare them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One person?")
    is_accessible(page)
    fits(page)
    page.get_by_role("button", name="They are one person").click()
    expect(page.get_by_text("They are one person now.")).to_be_visible()
    expect(page.get_by_text("jane.doe@work.example", exact=True).first).to_be_visible()
    is_accessible(page)
    fits(page)
    page.get_by_role("button", name="Undo: they are two").click()
    expect(page.get_by_text("They are two again")).to_be_visible()
    page.get_by_role("link", name=re.compile("They are the same as")).click()
    page.get_by_role("searchbox").fill("jane")
    page.keyboard.press("Enter")
    expect(page.get_by_text("jane.doe@work.example")).to_be_visible()
    is_accessible(page)
    fits(page)
