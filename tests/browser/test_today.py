"""Today and one person in a real browser: with one press, with the keyboard, without scripts."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from fans.models import Note, Touch
from tests.browser.conftest import fits, is_accessible
from tests.factories import (
    AcquaintanceFactory,
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    LetterFactory,
    NoteFactory,
    PurchaseFactory,
    SourceFactory,
    TaggingFactory,
    TouchFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = ("Ada", "Ben", "Cleo", "Dai", "A very long name that goes on and on " * 4)


@pytest.fixture
def studio(live_server, context, client):
    """Five people who never had a word, and their creator, signed in."""
    now = datetime.now(UTC)
    source = SourceFactory(creator=CreatorFactory(handle="band", owner__email="band@example.org"))
    source.creator.create_default_tiers()
    for place, name in enumerate(PEOPLE):
        bought = now - timedelta(days=500 - place)
        fan = FanFactory(
            creator=source.creator, name=name, spend=90_00 - place, lifetime_gross=90_00 - place,
            purchases=1, first_purchase_at=bought, last_purchase_at=bought,
        )  # fmt: skip
        PurchaseFactory(source=source, fan=fan, occurred_at=bought, description="Vinyl box")
    client.force_login(source.creator.owner)
    context.add_cookies([cookie_of(client, live_server)])
    return source.creator


def cookie_of(client, live_server):
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    return {"name": cookie.key, "value": cookie.value, "url": live_server.url}


def card(page: Page, name: str):
    return page.locator("article.turn", has=page.get_by_role("heading", name=name))


def test_one_press_notes_it_and_undo_takes_it_back(studio, watched, live_server):
    page = watched
    page.goto(f"{live_server.url}/studio/band/today")
    expect(page.locator("article.turn")).to_have_count(3)
    is_accessible(page)

    card(page, "Ada").get_by_label("What was said").fill("Sent her the demo")
    card(page, "Ada").get_by_role("button", name="I wrote").click()

    expect(card(page, "Ada")).to_contain_text("Sent her the demo")
    expect(card(page, "Ada").get_by_role("button", name="Undo")).to_be_focused()
    expect(page.locator("main")).to_contain_text("1 of 5 has had their turn")
    touch = Touch.objects.get()
    assert (touch.kind, touch.text, touch.by) == ("wrote", "Sent her the demo", studio.owner)
    is_accessible(page)

    page.keyboard.press("Enter")

    expect(card(page, "Ada").get_by_role("button", name="I wrote")).to_be_visible()
    expect(card(page, "Ada")).to_be_focused()
    assert not Touch.objects.exists()


def test_a_whole_day_by_the_keyboard_alone(studio, watched, live_server):
    page = watched
    page.goto(f"{live_server.url}/studio/band/today")

    for name, press in (("Ada", "I thanked them"), ("Ben", "We met")):
        button = card(page, name).get_by_role("button", name=press)
        tab_to(page, button)
        page.keyboard.press("Enter")
        expect(card(page, name).get_by_role("button", name="Undo")).to_be_focused()
    tab_to(page, card(page, "Cleo").locator("summary"))
    page.keyboard.press("Enter")
    tab_to(page, card(page, "Cleo").get_by_role("button", name="In a week"))
    page.keyboard.press("Enter")
    expect(card(page, "Cleo")).to_contain_text("Comes back on")

    expect(page.get_by_role("heading", name="That was today")).to_be_visible()
    is_accessible(page)
    tab_to(page, page.get_by_role("button", name="One more"))
    page.keyboard.press("Enter")
    expect(card(page, "Dai")).to_be_focused()
    assert sorted(Touch.objects.values_list("kind", flat=True)) == ["met", "thanked"]


def tab_to(page: Page, wanted) -> None:
    for _ in range(80):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_a_day_that_is_over_is_refused_in_its_place(studio, watched, live_server):
    page = watched
    page.goto(f"{live_server.url}/studio/band/today")
    card(page, "Ben").locator("summary").click()

    card(page, "Ben").get_by_label("On another day").fill("2020-01-01")
    page.keyboard.press("Enter")

    expect(card(page, "Ben")).to_contain_text("Choose a day that is still to come.")
    expect(card(page, "Ben").get_by_label("On another day")).to_have_value("2020-01-01")
    is_accessible(page)
    assert not Touch.objects.exists()


def test_how_long_thanks_take_comes_by_itself(studio, watched, live_server):
    page = watched
    page.goto(f"{live_server.url}/studio/band/today")

    expect(page.locator("#lag")).to_contain_text("how long a payment waits for a word")


def test_the_day_and_a_person_with_scripts_off(studio, browser, live_server, client):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([cookie_of(client, live_server)])
    page = context.new_page()

    page.goto(f"{live_server.url}/studio/band/today")
    card(page, "Ada").get_by_label("What was said").fill("By post")
    card(page, "Ada").get_by_role("button", name="I wrote").click()
    expect(card(page, "Ada")).to_contain_text("By post")
    card(page, "Ada").get_by_role("button", name="Undo").click()
    expect(card(page, "Ada").get_by_role("button", name="I wrote")).to_be_visible()
    page.get_by_role("link", name="How long your thanks take").click()
    expect(page.locator("#lag")).to_contain_text("waits for a word")

    page.get_by_role("link", name="Ada").click()
    page.get_by_label("What was said, or").fill("Plays the harp")
    page.get_by_role("button", name="Keep as a note").click()
    expect(page.locator(".timeline")).to_contain_text("Plays the harp")
    page.get_by_role("link", name="change the note").click()
    page.get_by_label("Note", exact=True).fill("Plays the lute")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".timeline")).to_contain_text("Plays the lute")
    page.get_by_text("Add a tag").click()
    page.get_by_label("A word for them").fill("music")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("list", name="Tags")).to_contain_text("music")
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("What they care about").fill("Whippets")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Whippets")
    assert Note.objects.get().text == "Plays the lute"
    context.close()


@pytest.fixture
def known(studio):
    """A person of whom everything is known."""
    now = datetime.now(UTC)
    fan = studio.fans.get(name__startswith="A very")
    IdentityFactory(fan=fan)
    AcquaintanceFactory(
        fan=fan, cares_about="Brass bands " * 20, how_we_met="Cardiff", household="Mill Lane",
        links="https://example.com/" + "a" * 100, birth_day=29, birth_month=2, birth_year=1984,
    )  # fmt: skip
    AcquaintanceFactory(fan=studio.fans.get(name="Ada"), household="Mill Lane")
    TouchFactory(fan=fan, occurred_at=now, text="Thank you " * 40, by=studio.owner)
    NoteFactory(fan=fan, text="A" * 300)
    TaggingFactory(fan=fan, tag__name="w" * 60)
    LetterFactory(fan=fan, failed_at=now)
    return fan


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_both_rooms_fit_and_are_accessible(studio, known, watched, live_server, scheme, width):
    page = watched
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    person = f"people/{known.pk}"
    note = known.note_set.get()

    for path in ("today", f"{person}?from=", f"{person}/edit", f"{person}/letter",
                 f"{person}/notes/{note.pk}"):  # fmt: skip
        page.goto(f"{live_server.url}/studio/band/{path}")
        for summary in page.locator("main summary").all():
            summary.click()
        fits(page)
        is_accessible(page)


def test_a_new_creator_learns_what_the_room_will_be(watched, live_server, context, client):
    creator = CreatorFactory(handle="new")
    client.force_login(creator.owner)
    context.add_cookies([cookie_of(client, live_server)])

    watched.goto(f"{live_server.url}/studio/new/today")

    expect(watched.get_by_role("heading", name="Three people a day")).to_be_visible()
    expect(watched.locator("main svg[role=img]")).to_have_count(0)
    is_accessible(watched)
