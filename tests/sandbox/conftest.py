"""Accounts to talk to, and the real SDK to talk with."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from stripe import RequestsClient, StripeClient

import sandbox
from sandbox import Account, Fault, Key, directory, story
from sandbox.app import App
from sandbox.workshop import Client, Workshop

ANCHOR = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
RECORDED_SMALL = Path(__file__).parent.parent / "data" / "recorded_small"

Speak = Callable[..., StripeClient]


@pytest.fixture(scope="session")
def anchor() -> date:
    return ANCHOR


@pytest.fixture(scope="session")
def at_anchor() -> datetime:
    """The moment at which `band` and `letters` stand."""
    return NOW


@pytest.fixture(scope="session")
def band() -> Account:
    return story.build(account="band", anchor=ANCHOR, now=NOW)


@pytest.fixture(scope="session")
def letters() -> Account:
    return story.build(account="letters", anchor=ANCHOR, now=NOW)


@pytest.fixture(scope="session")
def recorded() -> Account:
    return directory.load(RECORDED_SMALL)


@pytest.fixture
def speak() -> Iterator[Speak]:
    """`speak(account, missing=..., faults=..., key=...)`: a client of a server for this test."""
    with ExitStack() as stack:

        def client(
            account: Account | App,
            key: str = "rk_test_of_a_test",
            missing: frozenset[str] = frozenset(),
            faults: tuple[Fault, ...] = (),
            retries: int = 0,
        ) -> StripeClient:
            app = account if isinstance(account, App) else None
            if app is None:
                ours = Account(account.profile, account.read, (*account.keys, Key(key, missing)))
                app = App([ours], faults=faults)
            url = stack.enter_context(sandbox.serve(app))
            http = RequestsClient(timeout=5)
            stack.callback(http.close)
            return StripeClient(
                key,
                base_addresses={"api": url},
                http_client=http,
                max_network_retries=retries,
            )

        yield client


@pytest.fixture
def shop() -> Workshop:
    return Workshop()


@pytest.fixture
def ann(shop: Workshop) -> Client:
    return shop.customer("ann@example.com", name="Ann")


@pytest.fixture
def client(shop: Workshop, speak: Speak) -> StripeClient:
    """The SDK at a server of the shop."""
    return speak(shop.account, key=shop.key)
