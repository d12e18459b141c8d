"""`make screenshots`: runs the demo in a home of its own and photographs its rooms.

Writes docs/screenshots/ROOM-DEVICE-SCHEME.png, the field of dots and all, after a whole import.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEVICES = {"desktop": (1280, 900), "phone": (390, 844)}
ROOMS = {
    "welcome": (None, "/"),
    "sources": ("band", "/studio/lantern-quarter/sources"),
    "home": ("band", "/studio/lantern-quarter/"),
    "today": ("band", "/studio/lantern-quarter/today"),
    "people": ("band", "/studio/lantern-quarter/people"),
    "person": ("band", "/studio/lantern-quarter/people?q=zoe.whitlock"),
    "plan": ("band", "/studio/lantern-quarter/plan?ask=more"),
    "income": ("band", "/studio/lantern-quarter/income"),
    "income-sources": ("band", "/studio/lantern-quarter/income/sources"),
    "tiers": ("band", "/studio/lantern-quarter/tiers"),
    "milestones": ("band", "/studio/lantern-quarter/milestones"),
    "review": ("band", "/studio/lantern-quarter/review"),
    "settings": ("band", "/studio/lantern-quarter/settings"),
    "friends": ("letters", "/studio/marguerite/"),
    "supporter-page": (None, "/@lantern-quarter"),
    "my-page": ("fan", "/me"),
    "admin": ("admin", "/admin/revenue/purchase/"),
}
#: What the pages of documents show; the rest is for whoever works on the look.
DARK = ("home", "people", "supporter-page")


@contextmanager
def demo() -> Iterator[str]:
    """A demo that runs for as long as the pictures take; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tempfile.mkdtemp(prefix="tf-pictures-", dir="/tmp")
    environment = os.environ | {"TRUEFANS_HOME": home, "PORT": str(port), "DEMO": "1"}
    process = subprocess.Popen([sys.executable, "-m", "truefans.run"], env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address + "/healthz")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        installed = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        _import(browser, address)
        for device in DEVICES:
            for scheme in ("light", "dark"):
                _photograph(browser, address, device, scheme)


def _import(browser: Browser, address: str) -> None:
    """Enter as the band, take a picture of the import, wait for its end."""
    page = _page(browser, "desktop", "light")
    _enter(page, address, "band")
    page.get_by_text("a second").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / "import-desktop-light.png")
    page.get_by_role("progressbar").first.wait_for(state="detached", timeout=300_000)
    # Seats are given by the recompute that follows, and then the band gets to know its people.
    for _ in range(60):
        page.wait_for_timeout(2000)
        page.goto(f"{address}/studio/lantern-quarter/tiers")
        if page.get_by_text("Name on the sleeve").count():
            return
    raise SystemExit("The band got to know nobody.")


def _photograph(browser: Browser, address: str, device: str, scheme: str) -> None:
    for who in (None, "band", "letters", "fan", "admin"):
        page = _page(browser, device, scheme)
        if who:
            _enter(page, address, who)
        for room, (of, path) in ROOMS.items():
            if of != who or (scheme == "dark" and room not in DARK):
                continue
            page.goto(address + path)
            if room == "person":
                page.locator("table th[scope=row] a").first.click()
                page.wait_for_load_state()
            page.wait_for_load_state("networkidle")  # pictures in a page come after it
            page.screenshot(path=FOLDER / f"{room}-{device}-{scheme}.png")
        page.context.close()


def _page(browser: Browser, device: str, scheme: str) -> Page:
    width, height = DEVICES[device]
    return browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
    ).new_page()


def _enter(page: Page, address: str, who: str) -> None:
    page.goto(address)
    page.locator(f"form[action$='/demo/enter/{who}'] button").click()
    page.wait_for_load_state()


def _wait_for(url: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=2)
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit(f"{url} did not answer.")


if __name__ == "__main__":
    main()
