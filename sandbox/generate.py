"""A plain big account for measurements: pounds, British cards, charges evenly spread over thirty
months, one in a hundred refunded. Nothing interesting happens in it, quickly."""

from functools import partial

from sandbox.account import Account, Key
from sandbox.books import Books, Json
from sandbox.ids import Mint
from sandbox.shapes.money import movement
from sandbox.shapes.payments import ADDRESS, CARD, billing_details, charge, refund
from sandbox.shapes.people import account, customer

KEY = "rk_test_sandbox_history"

_END = 1_793_491_200  # 1 November 2026, UTC
_SPAN = 913 * 86_400
_PRICES = (500, 1000, 1000, 1200, 2000, 2500, 50_000)
_line = partial(movement, currency="gbp", status="available")


def history(charges: int = 20_000, people: int | None = None, seed: int = 1) -> Account:
    """`charges` by `people` customers (an eighth as many by default); opened by `KEY`.

    The same numbers and seed give the same objects.
    """
    mint = Mint(f"history/{seed}")
    opened = _END - _SPAN
    customers = [_customer(mint, opened, number) for number in range(people or charges // 8 or 1)]
    objects: dict[str, list[Json]] = {
        "customer": customers,
        "charge": [],
        "refund": [],
        "balance_transaction": [],
    }
    for number in range(charges):
        at = opened + 3600 + number * (_SPAN - 90_000) // charges
        for row in _payment(mint, number, at, customers[number * 7919 % len(customers)]):
            objects[row["object"]].append(row)
    profile = account(
        mint.account,
        name="A long history",
        email="history@example.com",
        country="GB",
        currency="gbp",
        created=opened,
    )
    books = Books(objects, currency="gbp")
    return Account(profile, lambda: books, (Key(KEY),))


def _customer(mint: Mint, opened: int, number: int) -> Json:
    letters = mint.letters(f"customer/{number}")
    return customer(
        f"cus_{letters[:14]}",
        created=opened + number % 3600,
        name=f"Person {number}",
        email=f"person{number}@example.com",
        address=ADDRESS | {"country": "GB"},
        payment_method=f"pm_1{letters[16:39]}",
    )


def _payment(mint: Mint, number: int, at: int, buyer: Json) -> list[Json]:
    letters = mint.letters(f"payment/{number}")
    amount = _PRICES[number % len(_PRICES)]
    line = mint.timed("txn_3", at, letters[8:])
    paid = charge(
        mint.timed("ch_3", at, letters),
        created=at,
        amount=amount,
        currency="gbp",
        card=CARD | {"fingerprint": buyer["id"][4:]},
        balance_transaction=line,
        billing_details=billing_details(buyer["name"], buyer["email"], buyer["address"]),
        customer=buyer["id"],
        description="A purchase",
        payment_intent=mint.timed("pi_3", at, letters[16:]),
        payment_method=buyer["invoice_settings"]["default_payment_method"],
    )
    fees = [("Stripe processing fees", (amount * 150 + 5_000) // 10_000 + 20)]
    came = _line(
        line,
        created=at,
        amount=amount,
        kind="charge",
        source=paid["id"],
        available_on=at,
        fees=fees,
        description="A purchase",
    )
    return [paid, came, *(_returned(mint, paid, at, letters) if number % 100 == 50 else ())]


def _returned(mint: Mint, paid: Json, at: int, letters: str) -> list[Json]:
    later = at + 86_000
    line = mint.timed("txn_3", later, letters[24:])
    paid |= {"amount_refunded": paid["amount"], "refunded": True}
    back = refund(
        mint.timed("re_3", later, letters[32:]),
        created=later,
        of=paid,
        amount=paid["amount"],
        balance_transaction=line,
    )
    went = _line(
        line,
        created=later,
        amount=-paid["amount"],
        kind="refund",
        source=back["id"],
        available_on=later,
        description="REFUND FOR CHARGE (A purchase)",
    )
    return [back, went]
