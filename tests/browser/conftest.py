"""A real browser on a live server, watched for whatever no page of ours may do."""

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Playwright runs its own event loop in the test's thread; Django only needs to know that we know.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


#: A folder for pictures of the pages that are measured, for whoever works on the look.
SHOTS = os.environ.get("SHOTS")
#: Said on the console once axe has looked at a page.
LOOKED = "axe has looked"
#: What the browser's console said of each page that is watched.
COMPLAINTS: dict[Page, list[str]] = {}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    installed = next(filter(None, map(shutil.which, BROWSERS)), None)
    args = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    if os.geteuid() == 0:
        args.append("--no-sandbox")
    found = {"executable_path": installed} if installed else {}
    return browser_type_launch_args | found | {"args": args}


@pytest.fixture
def watched(page: Page, live_server) -> Iterator[Page]:
    """A page; the test fails if it asks a third party for anything or breaks the policy."""
    outside: list[str] = []
    complaints = COMPLAINTS[page] = []
    page.on(
        "request",
        lambda request: (
            outside.append(request.url)
            if not request.url.startswith((live_server.url, "data:", "about:"))
            else None
        ),
    )
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    del COMPLAINTS[page]
    assert outside == []
    # Who types on gives up the answer to what was typed before. A request that fails for another
    # reason says sendError besides.
    given_up = ("htmx:afterRequest", "htmx:sendAbort")
    expected = ("422 (Unprocessable", "404 (Not Found)", *given_up)
    assert [c for c in complaints if not any(e in c for e in expected)] == []


def is_accessible(page: Page) -> None:
    """Fails with what axe finds on `page` as it is now."""
    _axe_finds_nothing(page)


def is_accessible_by_day_and_night(page: Page) -> None:
    """The same in the light and, of the colours, in the dark."""
    # With less motion no colour is seen on its way from one to the other.
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    _axe_finds_nothing(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    _axe_finds_nothing(page, runOnly=["color-contrast"])


def _axe_finds_nothing(page: Page, **options: object) -> None:
    page.wait_for_load_state()
    before = list(COMPLAINTS.get(page, []))
    # Without copies of the stylesheets, which it would fetch and put where no style may stand, and
    # without telling at length of what it does not find fault with.
    results = Axe().run(page, options={"preload": False, "resultTypes": ["violations"], **options})
    # What the console says arrives late, and in order.
    with page.expect_console_message(lambda message: message.text == LOOKED):
        page.evaluate("words => setTimeout(() => console.info(words), 300)", LOOKED)
    if page in COMPLAINTS:
        COMPLAINTS[page][:] = before  # axe itself breaks the policy when it looks
    assert results.violations_count == 0, results.generate_report()


def fits(page: Page) -> None:
    """Fails if one would have to scroll sideways. With SHOTS=FOLDER the page is photographed."""
    page.wait_for_load_state()
    if SHOTS:
        name = re.sub(r"\W+", "-", page.url.split("/", 3)[3])
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{page.url} is {width} wide"
