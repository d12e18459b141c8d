"""The plan in a real browser: dragged, typed, with scripts off, on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import fits, is_accessible
from tests.factories import CreatorFactory, FanFactory

pytestmark = pytest.mark.django_db(transaction=True)

ASKS = {
    "goal": "ask=goal&solve=people&goal=100000&spend=60&team=2&months=24",
    "offers": "ask=offers&o0-offer=Album&o0-people=5000&o0-price=10&o0-middleman=80",
    "fees": "ask=fees&platform=10",
    "growth": "ask=growth&start=0",
    "ceiling": "ask=growth&start=0&loss=40",
    "more": "ask=more",
    "wrong": "ask=fees&price=12,50&net=",
}


@pytest.fixture
def studio(live_server, context, client):
    """A creator with 60 people who spent £0, £3, £6 … £177, signed in."""
    creator = CreatorFactory(handle="band", name="The Band", fan_word="friend", fans_word="friends")
    creator.create_default_tiers()
    for number in range(60):
        spend = 3_00 * number
        FanFactory(
            creator=creator, spend=spend, purchases=1, is_true_fan=spend >= 100_00,
            window_gross=spend, window_net=spend * 96 // 100,
        )  # fmt: skip
    client.force_login(creator.owner)
    context.add_cookies([session(client, live_server)])
    return f"{live_server.url}/studio/band/plan"


def session(client, live_server):
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    return {"name": cookie.key, "value": cookie.value, "url": live_server.url}


def test_the_answer_follows_while_a_slider_is_dragged(studio, watched):
    page = watched
    page.goto(f"{studio}?ask=more")
    answer, slider = page.locator("#answer"), page.get_by_label("buys something for")
    expect(answer).to_contain_text(
        "If each of your 25 friends of the tier Regular bought one more for £20, 7 of them"
    )

    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.2, middle)
    page.mouse.down()
    said_on_the_way = set()
    for step in range(12):  # never at rest for as long as one waits for who types
        page.mouse.move(box["x"] + box["width"] * (0.2 + step * 0.025), middle)
        page.wait_for_timeout(50)
        said_on_the_way.add(answer.inner_text())
    assert len(said_on_the_way) > 2
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    expect(answer).to_contain_text(re.compile(r"one more for £(49|50|51|52),"))
    expect(page.locator("#shown-extra")).to_have_text(re.compile(r"£(49|50|51|52)"))
    page.mouse.move(box["x"] + box["width"], middle, steps=5)
    expect(answer).to_contain_text("one more for £100, 25 of them would become true friends.")
    page.mouse.up()

    page.get_by_label("how many times more").press("ArrowRight")
    expect(answer).to_contain_text("bought 2 more for £100 each")
    page.get_by_label("Each of").select_option("Everybody who ever bought")
    expect(answer).to_contain_text("If each of the 60 friends who ever bought")
    expect(page).to_have_url(re.compile("extra=100.*times=2|times=2.*extra=100"))
    page.reload()
    expect(answer).to_contain_text("bought 2 more for £100 each")
    expect(slider).to_have_value("100")


def test_what_one_types_is_answered_and_never_lost(studio, watched):
    page = watched
    page.goto(studio)
    answer = page.locator("#answer")
    expect(page.get_by_label("The goal", exact=True)).to_be_hidden()

    page.get_by_label("Each spends").fill("200")
    expect(answer).to_contain_text("1,000 friends × £200 = £200,000")
    page.get_by_text("how many", exact=True).click()
    expect(page.get_by_label("The goal", exact=True)).to_have_value("200000")
    page.get_by_label("The goal", exact=True).fill("")
    expect(answer).to_contain_text("The goal: Type a number here.")
    page.get_by_label("The goal", exact=True).press_sequentially("50,000", delay=90)
    expect(answer).to_contain_text("250 friends × £200 = £50,000")
    expect(page.get_by_label("The goal", exact=True)).to_have_value("50,000")
    expect(page.get_by_label("The goal", exact=True)).to_be_focused()
    is_accessible(page)

    page.get_by_role("link", name="Growth").click()
    expect(page.get_by_label("To reach")).to_have_value("250")
    page.get_by_role("link", name="Goal").click()
    expect(page.get_by_label("The goal", exact=True)).to_have_value("50,000")
    expect(answer).to_contain_text("250 friends × £200 = £50,000")


def test_a_plan_is_made_with_scripts_off(studio, browser, live_server, client):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([session(client, live_server)])
    page = context.new_page()

    page.goto(studio)
    page.get_by_text("how many", exact=True).click()
    expect(page.get_by_label("Friends")).to_be_hidden()
    page.get_by_label("Each spends").fill("12,50")
    page.get_by_role("button", name="Work it out").click()
    expect(page.locator("main form")).to_contain_text("with a point before its decimals")
    expect(page.get_by_label("Each spends")).to_have_value("12,50")
    page.get_by_label("Each spends").fill("12.50")
    page.get_by_role("button", name="Work it out").click()
    expect(page.locator("#answer")).to_contain_text("8,000 friends × £12.50 = £100,000")

    page.get_by_role("link", name="Offers").click()
    page.get_by_role("group", name="Offer 4").get_by_label("What", exact=True).fill("Song")
    page.get_by_role("group", name="Offer 4").get_by_label("People").fill("12000")
    page.get_by_role("group", name="Offer 4").get_by_label("Price").fill("1")
    page.get_by_role("button", name="Work it out").click()
    expect(page.locator("#answer")).to_contain_text("£122,000 a year.")
    expect(page.get_by_role("group", name="Offer 5")).to_be_visible()

    page.get_by_role("link", name="What if").click()
    page.get_by_label("buys something for").press("End")
    page.get_by_role("button", name="Work it out").click()
    expect(page.locator("#answer")).to_contain_text("one more for £100, 25 of them")
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_every_question_fits_and_is_accessible(studio, watched, scheme, width):
    page = watched
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    for query in ASKS.values():
        page.goto(f"{studio}?{query}")
        for details in page.locator("main details").all():
            details.evaluate("it => it.open = true")
        fits(page)
        is_accessible(page)


def test_a_new_creator_is_taught(watched, live_server, context, client):
    client.force_login(CreatorFactory(handle="new").owner)
    context.add_cookies([session(client, live_server)])
    for ask in ("goal", "more"):
        watched.goto(f"{live_server.url}/studio/new/plan?ask={ask}")
        fits(watched)
        is_accessible(watched)
    expect(watched.locator("main")).to_contain_text("A sentence like this will stand here")
    expect(watched.locator("main svg[role=img]")).to_have_count(0)
