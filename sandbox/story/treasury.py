"""What happens to the account as a whole: weekly payouts and Stripe's monthly invoice."""

from collections.abc import Iterator
from operator import itemgetter

from sandbox.shapes import money
from sandbox.story.scribe import Clock, Scribe
from sandbox.story.seasons import days
from sandbox.story.shop import DAY, Shop, day_of, unix

_PAYOUT_HOUR, _FEE_HOUR = 6 * 3_600, 4 * 3_600
_ARRIVES_AFTER = 2 * DAY
_BILLING_POINTS = 70  # Stripe Billing takes 0.7 % of what memberships bring


def charge_for_billing(scribe: Scribe, clock: Clock, shop: Shop) -> None:
    """On the first of each month a line without a source: the fee for last month's memberships."""
    for at in _moments(clock, shop, _FEE_HOUR, monthly=True):
        day = day_of(at - 5 * DAY)
        volume = scribe.billed[day.year, day.month]
        fee = volume * _BILLING_POINTS // 10_000
        if fee:
            scribe.movement(
                shop.mint.timed("txn_1", at, shop.mint.letters(f"billing/{at}")),
                at=at,
                amount=-fee,
                kind="stripe_fee",
                category="fee",
                source=None,
                description=f"Billing - Usage Fee ({day:%Y-%m})",
            )


def pay_out(scribe: Scribe, clock: Clock, shop: Shop) -> dict[str, str]:
    """Every Monday, all that is available goes to the bank. Returns movement id -> payout id."""
    rows = sorted(scribe.objects["balance_transaction"], key=itemgetter("available_on"))
    went_with: dict[str, str] = {}
    waiting: list[str] = []
    amount = place = 0
    for at in _moments(clock, shop, _PAYOUT_HOUR, monthly=False):
        while place < len(rows) and rows[place]["available_on"] <= at:
            amount += rows[place]["net"]
            waiting.append(rows[place]["id"])
            place += 1
        if amount > 0:
            payout = _payout(scribe, clock, shop, at, amount)
            went_with.update(dict.fromkeys(waiting, payout))
            waiting, amount = [], 0
    return went_with


def _payout(scribe: Scribe, clock: Clock, shop: Shop, at: int, amount: int) -> str:
    letters = shop.mint.letters(f"payout/{at}")
    payout = shop.mint.timed("po_1", at, letters)
    row = scribe.movement(
        shop.mint.timed("txn_1", at, letters[8:]),
        at=at,
        amount=-amount,
        kind="payout",
        source=payout,
        description="STRIPE PAYOUT",
    )
    arrived = clock.passed(at + _ARRIVES_AFTER)
    scribe.objects["payout"].append(
        money.payout(
            payout,
            created=at,
            amount=amount,
            currency=shop.currency,
            arrival=at // DAY * DAY + _ARRIVES_AFTER,
            status="paid" if arrived else "in_transit",
            movement=row["id"],
            bank=f"ba_1{shop.mint.letters('bank')[:23]}",
        )
    )
    return payout


def _moments(clock: Clock, shop: Shop, seconds: int, *, monthly: bool) -> Iterator[int]:
    """Mondays, or firsts of the month, from the opening until now."""
    last = day_of(clock.now + 40 * DAY)
    for day in days(day_of(shop.opened), last):
        if (day.day == 1) if monthly else (day.weekday() == 0):
            at = unix(day, seconds)
            if not clock.passed(at):
                return
            yield at
