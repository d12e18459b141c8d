"""`python -m sandbox`, from outside."""

import subprocess
import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from stripe import StripeClient

from sandbox import generate, story
from sandbox.__main__ import remembered_anchor

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def running(*arguments):
    """The command on a free port; yields its address once it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        line = next(line for line in process.stdout if line.startswith("Stripe sandbox on"))
        yield line.split()[3]
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_a_folder_is_served_until_the_process_ends():
    with running("--directory", ROOT / "tests" / "data" / "recorded_small") as url:
        client = StripeClient("rk_test_any", base_addresses={"api": url})
        assert client.v1.charges.list().data
    assert url.startswith("http://127.0.0.1:")


def test_a_plain_history_of_any_length_is_served():
    with running("--history", 120) as url:
        client = StripeClient(generate.KEY, base_addresses={"api": url})
        listing = client.v1.charges.list({"limit": 100})
        assert sum(1 for _ in listing.auto_paging_iter()) == 120


def test_the_story_is_served_from_the_anchor_in_the_file(tmp_path):
    anchor = tmp_path / "deep" / "anchor"
    with running("--story", "--anchor-file", anchor) as url:
        client = StripeClient(story.LETTERS_KEY, base_addresses={"api": url})
        assert client.v1.accounts.retrieve_current().country == "FR"
        assert client.v1.charges.list().data
    assert date.fromisoformat(anchor.read_text().strip())


def test_the_day_of_the_first_start_is_remembered(tmp_path):
    path = tmp_path / "var" / "anchor"
    assert remembered_anchor(path, date(2026, 11, 22)) == date(2026, 11, 22)
    assert remembered_anchor(path, date(2026, 11, 25)) == date(2026, 11, 22)


def test_a_damaged_anchor_file_is_an_error_and_not_a_new_story(tmp_path):
    path = tmp_path / "anchor"
    path.write_text("soon")
    with pytest.raises(ValueError, match="soon"):
        remembered_anchor(path, date(2026, 11, 22))
