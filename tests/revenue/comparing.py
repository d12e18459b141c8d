"""A shop whose books are held against its balance, and its server watched, for tests."""

from datetime import timedelta
from urllib.parse import parse_qs

from revenue.books import Finding, check_books
from revenue.gateways.stripe.client import StripeGateway
from revenue.models import Movement, Reconciliation, Source, Sync
from revenue.reconciling import reconcile
from revenue.spend import recompute_due_fans
from revenue.syncing import gateway_of, run_sync, start_sync
from sandbox import Account, App
from sandbox.workshop import Workshop
from tests.revenue.importing import connected

LEDGER, BALANCE = "/v1/balance_transactions", "/v1/balance"


def half_a_year() -> Workshop:
    """One sale a month, which ends with the last of them."""
    shop = Workshop(currency="usd")
    ann = shop.customer("ann@example.com", name="Ann")
    for month in range(6):
        if month:
            shop.pass_time(days=30)
        shop.charge(2000 + month, customer=ann, fee=100)
    return shop


def imported(shop: Workshop) -> Source:
    source = connected(shop)
    read(source, shop, full=True)
    return source


def read(source: Source, shop: Workshop, *, full: bool = False) -> None:
    sync = run(source, shop, gateway_of(source), full=full)
    assert sync.state == "done"
    source.refresh_from_db()
    recompute_due_fans(creator=source.creator, now=shop.now)


def run(source: Source, shop: Workshop, gateway: StripeGateway, *, full: bool = False) -> Sync:
    sync = start_sync(source=source, full=full, now=shop.now)
    return run_sync(sync=sync, gateway=gateway, clock=lambda: shop.now, in_flight=1)


def check(source: Source, shop: Workshop) -> Reconciliation:
    result = reconcile(source=source, gateway=gateway_of(source), now=shop.now)
    result.refresh_from_db()
    return result


def differences(source: Source, shop: Workshop) -> list[Finding]:
    return list(check_books(creator=source.creator, now=shop.now + timedelta(minutes=1)))


def line(movement: Movement, what: str, *, ours: int | None, theirs: int | None) -> dict:
    return {
        "id": movement.external_id,
        "what": what,
        "currency": movement.currency,
        "ours": ours,
        "theirs": theirs,
    }


class Noted(App):
    """Notes what is asked for; `when` is called with the path before it is answered."""

    def __init__(self, accounts: list[Account]) -> None:
        super().__init__(accounts)
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.when = lambda path: None

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        self.asked.append((path, parse_qs(environ.get("QUERY_STRING", ""))))
        self.when(path)
        return super().__call__(environ, start_response)
