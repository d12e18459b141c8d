"""Histories for property tests: acts drawn by Hypothesis, played in a workshop.

An act that Stripe would refuse is skipped, so that any list of acts is a history.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from fans.models import Creator, Identity
from revenue.ingest import settle_invoices
from revenue.models import Source
from revenue.spend import recompute_due_fans
from sandbox.workshop import Bill, Case, Client, Impossible, Plan, Refund, Sale, Workshop

ADDRESSES = ("ann@example.com", " Ann@Example.COM ", "bo@example.com", "cy+x@example.com")
CURRENCIES = ("usd", "eur", "jpy", "kwd", "isk")


@dataclass
class Story:
    """A workshop and what was done in it so far, for later acts to go on with."""

    shop: Workshop
    clients: list[Client] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    holds: list[Sale] = field(default_factory=list)
    debits: list[Sale] = field(default_factory=list)
    late: list[Sale] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)

    def play(self, acts: list[tuple[str, int, int]]) -> None:
        """Each act is (its name, a number to choose what it is about, an amount)."""
        for name, which, amount in acts:
            with suppress(Impossible, IndexError):
                ACTS[name](self, which, amount)
            self.shop.pass_time(minutes=7)


Act = Callable[[Story, int, int], Any]


def one(of: list[Any], which: int) -> Any:
    return of[which % len(of) if of else 0]


def somebody(story: Story, which: int) -> dict[str, Any]:
    """A customer, a guest with an address in one place or another, or nobody at all."""
    match which % 7:
        case 0 | 1 | 2 if story.clients:
            return {"customer": one(story.clients, which // 7)}
        case 3:
            return {"receipt_email": one(list(ADDRESSES), which // 7)}
        case 4:
            return {"from_platform": True}
        case 5:
            return {}
    return {"email": one(list(ADDRESSES), which // 7), "name": "Somebody"}


def charge(story: Story, which: int, amount: int) -> None:
    story.sales.append(story.shop.charge(amount, **somebody(story, which)))


def charge_at_the_till(story: Story, which: int, amount: int) -> None:
    """A guest whose address only the checkout knows."""
    address = one(list(ADDRESSES), which)
    story.sales.append(story.shop.charge(amount, checkout_email=address))


def charge_abroad(story: Story, which: int, amount: int) -> None:
    """Paid in one currency, settled in another."""
    terms: dict[str, Any] = {
        "currency": one(list(CURRENCIES), which),
        "settlement": ("usd", amount),
    }
    if which % 3 == 0:
        terms["presentment"] = ("sek", amount * 9)
    story.sales.append(story.shop.charge(amount + which % 5, **somebody(story, which), **terms))


def appeal_abroad(story: Story, which: int, amount: int) -> None:
    """A sale in another currency whose dispute is won, at any rate, and opened again."""
    charge_abroad(story, which, amount)
    case = story.shop.dispute(story.sales[-1], amount // 2 if which % 2 else None, fee=1500)
    story.cases.append(case)
    is_exchanged = case.sale.currency != case.sale.settlement_currency
    story.shop.win(case, settled=amount if is_exchanged else None)
    if which % 3:
        story.shop.appeal(case)
    if which % 3 == 2:
        story.shop.lose(case)


ACTS: dict[str, Act] = {
    "customer": lambda s, w, a: s.clients.append(
        s.shop.customer(one([*ADDRESSES, None], w), name=f"Name {w}")
    ),
    "change customer": lambda s, w, a: s.shop.change_customer(
        one(s.clients, w), email=one(list(ADDRESSES), a)
    ),
    "charge": charge,
    "charge again": charge,
    "charge at the till": charge_at_the_till,
    "charge abroad": charge_abroad,
    "charge with a fee": lambda s, w, a: s.sales.append(
        s.shop.charge(a, **somebody(s, w), fee=w % 50, application_fee=w % 7)
    ),
    "decline": lambda s, w, a: s.shop.decline(a, **somebody(s, w)),
    "authorise": lambda s, w, a: s.holds.append(s.shop.authorise(a, **somebody(s, w))),
    "capture": lambda s, w, a: s.shop.capture(one(s.holds, w), a, reversal=bool(w % 2)),
    "capture and sell": lambda s, w, a: s.sales.append(one(s.holds, w)),
    "release": lambda s, w, a: s.shop.release(one(s.holds, w)),
    "charge late": lambda s, w, a: s.late.append(s.shop.charge(a, settles=False)),
    "settle": lambda s, w, a: s.shop.settle(one(s.late + s.debits, w)),
    "debit": lambda s, w, a: s.debits.append(s.shop.debit(a, **somebody(s, w))),
    "debit fails": lambda s, w, a: s.shop.fail(one(s.debits, w), fee=w % 3 * 50),
    "refund": lambda s, w, a: s.refunds.append(
        s.shop.refund(
            one(s.sales, w), a if w % 2 else None, settled=a if w % 5 == 0 else None, fee=-(w % 4)
        )
    ),
    "refund slowly": lambda s, w, a: s.refunds.append(
        s.shop.refund(one(s.sales, w), a, status="pending" if w % 2 else "requires_action")
    ),
    "refund completes": lambda s, w, a: s.shop.complete(one(s.refunds, w)),
    "refund fails": lambda s, w, a: s.shop.fail_refund(one(s.refunds, w)),
    "refund is cancelled": lambda s, w, a: s.shop.cancel_refund(one(s.refunds, w)),
    "dispute": lambda s, w, a: s.cases.append(
        s.shop.dispute(one(s.sales, w), a if w % 2 else None, fee=1500)
    ),
    "inquire": lambda s, w, a: s.cases.append(s.shop.inquire(one(s.sales, w))),
    "escalate": lambda s, w, a: s.shop.escalate(one(s.cases, w)),
    "inquiry ends": lambda s, w, a: s.shop.close_inquiry(one(s.cases, w)),
    "dispute answered": lambda s, w, a: s.shop.answer(one(s.cases, w)),
    "counter fee": lambda s, w, a: s.shop.counter_fee(one(s.cases, w)),
    "dispute won": lambda s, w, a: s.shop.win(one(s.cases, w), fee_back=w % 2 * 1500),
    "dispute lost": lambda s, w, a: s.shop.lose(one(s.cases, w)),
    "appeal abroad": appeal_abroad,
    "appeal": lambda s, w, a: s.shop.appeal(one(s.cases, w)),
    "member": lambda s, w, a: s.plans.append(
        s.shop.membership(one(s.clients, w), a, trial_days=w % 3 * 7, plain=bool(w % 2))
    ),
    "renew": lambda s, w, a: s.sales.append(s.shop.renew(one(s.plans, w), plain=bool(a % 2))),
    "renewal fails": lambda s, w, a: s.shop.renewal_fails(one(s.plans, w)),
    "leave": lambda s, w, a: s.shop.cancel(one(s.plans, w), at_period_end=bool(w % 2)),
    "invoice": lambda s, w, a: s.bills.append(
        s.shop.invoice(one(s.clients, w), a, paid=one(["by_charge", "out_of_band", "unpaid"], w))
    ),
    "pay": lambda s, w, a: s.shop.pay(
        one(s.bills, w), one(["by_charge", "out_of_band"], a), record=bool(w % 2)
    ),
    "void": lambda s, w, a: s.shop.void(one(s.bills, w)),
    "payout": lambda s, w, a: s.shop.payout(a),
    "payout fails": lambda s, w, a: s.shop.payout_fails(),
    "network costs": lambda s, w, a: s.shop.network_costs(a),
    "unheard of": lambda s, w, a: s.shop.unheard_of(type="moon_dividend", amount=a),
    "a month": lambda s, w, a: s.shop.pass_time(days=31),
}  # fmt: skip


def examples(count: int) -> settings:
    """For so many histories, each of which is an import."""
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
    )


acts = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 400), st.integers(100, 9000)),
    min_size=5,
    max_size=60,
)


def found(creator: Creator) -> tuple[dict[str, Any], dict[Any, int]]:
    """What the books say, in the shape of `Truth`: purchases by id, kept money by person."""
    who = dict(
        creator.identities.filter(kind=Identity.Kind.STRIPE_CUSTOMER).values_list("fan", "value")
    ) | dict(creator.identities.filter(kind=Identity.Kind.EMAIL).values_list("fan", "value"))
    purchases: dict[str, Any] = {}
    people: dict[Any, int] = {}
    for purchase in creator.purchases.all():
        payer = who[purchase.fan_id] if purchase.fan_id else None
        currency = purchase.currency.lower()
        purchases[purchase.external_id] = (purchase.state, purchase.kept, currency, payer)
        if not purchase.is_elsewhere:
            key = (payer, currency)
            people[key] = people.get(key, 0) + purchase.kept
    return purchases, people


def finish(source: Source, now: datetime) -> None:
    """What follows once all of a history has come in."""
    source.synced_at = now
    source.save()
    settle_invoices(source=source, now=now)
    recompute_due_fans(creator=source.creator, now=now)


def objects_of(shop: Workshop) -> list[dict[str, Any]]:
    """Everything there is, as lists give it: lines with what they are about, and all the rest."""
    books = shop.account.books
    lines = [
        row | {"source": books.find(row["source"]) or row["source"]} if row["source"] else dict(row)
        for row in books.shelf("balance_transaction").rows
    ]
    kinds = ("customer", "charge", "refund", "dispute", "subscription")
    rest = [dict(row) for kind in kinds for row in books.shelf(kind).rows]
    return lines + rest + invoices_of(shop)


def invoices_of(shop: Workshop) -> list[dict[str, Any]]:
    books = shop.account.books
    return [
        invoice
        | {"payments": {"data": books.shelf("invoice_payment").children("invoice", invoice["id"])}}
        for invoice in books.shelf("invoice").rows
    ]
