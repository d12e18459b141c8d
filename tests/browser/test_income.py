"""Income in a real browser: narrowed down, looked into, assigned and taken back."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from fans.models import Creator
from revenue.models import Return
from tests.browser.conftest import fits, is_accessible, is_accessible_by_day_and_night
from tests.factories import (
    AssignmentFactory,
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    InvoiceFactory,
    MembershipFactory,
    MovementFactory,
    PurchaseFactory,
    ReconciliationFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "A very long name that goes on and on " * 3
ROOMS = ["", "/movements", "/fees", "/sources", "/products", "/memberships", "/unattributed",
         "/assigned", "/year"]  # fmt: skip


@pytest.fixture
def studio(live_server, context, client) -> Creator:
    """A creator with some of everything, signed in."""
    now = timezone.now() - timedelta(minutes=5)
    creator = CreatorFactory(handle="band", fan_word="friend", fans_word="friends")
    creator.create_default_tiers()
    source = SourceFactory(creator=creator, name="The shop")
    other = SourceFactory(creator=creator, name=LONG)
    ReconciliationFactory(source=source)
    for number, name in enumerate(("Zoë Quill", "Ada Moor", LONG)):
        fan = FanFactory(creator=creator, name=name, email=f"fan{number}@example.com")
        IdentityFactory(fan=fan)
        plan = MembershipFactory(source=source, fan=fan, ends_at=now + timedelta(days=9))
        bill = InvoiceFactory(source=source, membership_id=plan.external_id)
        bought = PurchaseFactory(
            source=source, fan=fan, amount=20_00 * (number + 1), fee=80, occurred_at=now,
            invoice_id=bill.external_id, payer_country="DE", payer_name=name,
            description=f"Album {number}",
        )  # fmt: skip
        MovementFactory(source=source, payment_id=bought.external_id, occurred_at=now, fee=80)
        Return.objects.create(
            source=source, external_id=f"re_{number}", kind="refund", currency="GBP", amount=1_00,
            payment_id=bought.external_id, occurred_at=now, status="succeeded", reason="duplicate",
        )  # fmt: skip
    MovementFactory(source=other, kind="fee", amount=-2_00, fee=0, occurred_at=now, currency="EUR")
    given = PurchaseFactory(source=source, fan=fan, occurred_at=now)
    AssignmentFactory(source=source, fan=fan, external_id=given.external_id)
    for number in range(3):
        at = now - timedelta(minutes=number)
        PurchaseFactory(source=source, payer_name="Gran Duck", description="Vinyl", occurred_at=at)
    PurchaseFactory(source=source, description=LONG, occurred_at=now)
    client.force_login(creator.owner)
    context.add_cookies([cookie_of(client, live_server.url)])
    return creator


def cookie_of(client, url: str) -> dict[str, str]:
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    return {"name": cookie.key, "value": cookie.value, "url": url}


def income(live_server, room: str = "") -> str:
    return f"{live_server.url}/studio/band/income{room}"


def test_every_room_of_income_fits_a_phone_and_is_accessible(studio, watched, live_server):
    page = watched
    page.set_viewport_size({"width": 360, "height": 740})
    nobodys = studio.purchases.filter(payer_name="Gran Duck").first()
    somebodys = studio.purchases.filter(description="Album 2").first()
    wrong = "?currency=XQX&state=paid&q=vinyl"

    for room in [*ROOMS, f"/{somebodys.pk}", f"/unattributed?like={nobodys.pk}", wrong]:
        page.goto(income(live_server, room))
        expect(page.locator("h1")).to_be_visible()
        for details in page.locator("details.filter:not([open]) > summary").all():
            details.click()
        fits(page)
        is_accessible_by_day_and_night(page)


def test_payments_are_assigned_by_a_search_and_taken_back(studio, watched, live_server):
    page: Page = watched
    page.goto(income(live_server))
    page.get_by_role("link", name="Nobody’s yet").click()
    page.get_by_role("link", name="Gran Duck").click()
    expect(page.get_by_role("checkbox")).to_have_count(3)
    page.get_by_role("checkbox").nth(2).uncheck()

    page.get_by_label("Search by name or address").press_sequentially("quill", delay=30)
    page.get_by_role("radio", name="Zoë Quill").check()
    is_accessible(page)
    page.get_by_role("button", name="They are theirs").click()

    notices = page.locator("#notices")
    expect(notices).to_contain_text("2 payments are now theirs: Zoë Quill")
    zoe = studio.fans.get(name="Zoë Quill")
    assert zoe.purchase_set.filter(payer_name="Gran Duck").count() == 2
    notices.get_by_role("link", name="Take it back").click()
    expect(page.get_by_role("heading", name="What you assigned")).to_be_visible()
    for row in page.get_by_role("row").filter(has_text="Zoë Quill").all():
        row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Take back what is ticked").click()

    expect(page.locator("#notices")).to_contain_text("2 payments were taken back")
    assert zoe.purchase_set.filter(payer_name="Gran Duck").count() == 0


def test_a_list_is_narrowed_down_step_by_step(studio, watched, live_server):
    page: Page = watched
    page.goto(income(live_server))
    page.get_by_text("Narrow it down").click()
    page.get_by_label("What was bought").fill("vinyl")
    page.get_by_label("Whose").select_option("nobody")
    page.get_by_role("button", name="Show these").click()

    expect(page).to_have_url(re.compile("q=vinyl.*whose=nobody"))
    expect(page.locator("#list tbody tr")).to_have_count(3)
    expect(page.locator(".sums")).to_contain_text("3 purchases: £30.00")
    is_accessible(page)
    page.get_by_role("link", name="Last year").click()
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    times = page.get_by_role("navigation", name="Which time is shown")
    times.get_by_role("link", name="12 months").click()
    page.get_by_role("link", name="Whose: nobody’s yet").click()
    expect(page).to_have_url(re.compile(r"\?q=vinyl$"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Export these").click()
    assert download.value.suggested_filename.startswith("band-purchases-")
    assert len(download.value.path().read_text().splitlines()) == 1 + 3


def test_all_of_it_works_with_scripts_off(studio, browser: Browser, live_server, client):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([cookie_of(client, live_server.url)])
    page = context.new_page()

    page.goto(income(live_server))
    page.get_by_text("Narrow it down").click()
    page.get_by_label("What was bought").fill("vinyl")
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("#list tbody tr")).to_have_count(3)
    page.goto(income(live_server, "/unattributed"))
    page.get_by_role("link", name="Gran Duck").click()
    page.get_by_role("checkbox").first.uncheck()
    page.get_by_label("Search by name or address").fill("ada")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("checkbox").first).not_to_be_checked()
    page.get_by_role("radio", name="Ada Moor").check()
    page.get_by_role("button", name="They are theirs").click()

    expect(page.locator("#notices")).to_contain_text("2 payments are now theirs")
    page.goto(income(live_server, "/unattributed"))
    page.get_by_role("link", name="Gran Duck").click()
    page.get_by_role("button", name="They are theirs").click()
    expect(page.get_by_text("Choose a person, or name somebody new.")).to_be_visible()
    page.get_by_label("Or somebody new, by name").fill("Grandma")
    page.get_by_role("button", name="They are theirs").click()
    expect(page.locator("#notices")).to_contain_text("1 payment is now theirs: Grandma")
    context.close()


def test_the_sheet_of_a_year_is_printed_without_what_only_a_screen_needs(
    studio, watched, live_server
):
    page: Page = watched
    page.goto(income(live_server, "/year"))
    expect(page.locator(".tabs")).to_be_visible()

    page.emulate_media(media="print")

    for gone in (".tabs", ".frame-head", ".choices", "a.button"):
        for part in page.locator(gone).all():
            expect(part).to_be_hidden()
    expect(page.get_by_role("heading", name="Month by month", exact=True)).to_be_visible()
