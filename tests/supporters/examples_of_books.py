"""How the examples of purchases, books, imports and balances are run.

Each runner answers {what follows: its value, as written}.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import override_settings

import sandbox
from dashboard.breakdowns import by_source
from fans.identity import normalise_email
from fans.models import Creator, Tier
from fans.rhythm import warmth
from fans.window import window_start
from revenue import counting, exchange, values
from revenue.ingest import ingest
from revenue.models import Purchase, Sync
from revenue.reconciling import reconcile
from revenue.spend import recompute_due_fans
from revenue.syncing import gateway_of
from revenue.takings import income
from sandbox import Books
from tests.factories import (
    CreatorFactory,
    FanFactory,
    MembershipFactory,
    MovementFactory,
    PurchaseFactory,
    SourceFactory,
)
from tests.supporters.worked import LONDON, Example, moment, money
from truefans.money import to_minor


def run_addresses(example: Example) -> dict[str, str]:
    same = normalise_email(example.get("one")) == normalise_email(example.get("other"))
    return {"same fan": "yes" if same else "no"}


def run_window(example: Example) -> dict[str, str]:
    months = int(example.get("window").split()[0])
    start = window_start(moment(example.get("now")), months=months, zone=LONDON)
    return {"begins": f"{start:%Y-%m-%d %H:%M}"}


def run_purchase(example: Example) -> dict[str, str]:
    amount, currency = example.get("the fan pays").split()
    day = moment(example.get("day", "2026-11-01"))
    payment = values.Payment(
        external_id="payment",
        occurred_at=day,
        status=values.PaymentStatus(example.get("payment", "succeeded")),
        kind=values.PurchaseKind.SALE,
        currency=currency,
        amount=to_minor(amount, currency),
    )
    lines = [ledger_line(text, payment) for text in example.all("ledger")]
    returns = [
        given_back(kind, text, payment)
        for kind in values.ReturnKind
        for text in example.all(kind.value)
    ]
    is_told = example.get("another source tells of it") == "yes"
    outcome = counting.count(payment, lines, returns, is_told_elsewhere=is_told)
    nothing = outcome.state in Purchase.NOTHING_PAID
    gross = 0 if nothing else payment.amount - outcome.returned
    target = example.get("counted in", currency)
    counted = exchange.count_in(
        target,
        paid=currency,
        kept=gross,
        amount=payment.amount,
        outcome=outcome,
        occurred_at=day,
        said=Decimal(example.get("you say the rate", "0")) or None,
    )
    return {
        "state": str(outcome.state.label),
        "returned": money(outcome.returned, currency),
        "gross": money(gross, currency),
        "fee": money(outcome.fee, outcome.settlement_currency),
        "net": money(outcome.net, outcome.settlement_currency),
        "counted gross": money(counted.gross, target),
        "counted net": money(counted.net, target),
        "rate": f"{counted.rate.normalize():f}" if counted.rate else "unknown",
        "rate of": str(counted.rate_date),
        "origin": str(counted.rate_origin.label),
    }


def ledger_line(text: str, payment: values.Payment) -> values.Movement:
    """“refund -10.00, fee 0.00”, in the currency the fan paid unless one is named."""
    moved, fee = text.split(", fee ")
    kind, amount, *named = moved.split()
    currency = named[0] if named else payment.currency
    cause = {"refund": "refund", "dispute": "dispute", "dispute_reversal": "dispute"}
    minor, cost = to_minor(amount, currency), to_minor(fee, currency)
    return values.Movement(
        external_id=f"{payment.external_id}: {text}",
        kind=values.MovementKind(kind),
        category=kind,
        occurred_at=payment.occurred_at,
        currency=currency,
        amount=minor,
        fee=cost,
        net=minor - cost,
        object_id=returned_id(cause[kind], payment) if kind in cause else payment.external_id,
        payment_id=payment.external_id,
    )


def returned_id(kind: str, payment: values.Payment) -> str:
    return f"{kind} of {payment.external_id}"


def given_back(kind: values.ReturnKind, text: str, payment: values.Payment) -> values.Return:
    amount, status = text.split(", ")
    return values.Return(
        external_id=returned_id(kind.value, payment),
        kind=kind,
        payment_id=payment.external_id,
        occurred_at=payment.occurred_at,
        currency=payment.currency,
        amount=to_minor(amount, payment.currency),
        status=status,
    )


def run_books(example: Example) -> dict[str, str]:
    """A whole creator: payments come in as from a provider, and everybody is recomputed."""
    creator = creator_of(example)
    source = SourceFactory(creator=creator)
    now = moment(example.get("now"))
    bills = [
        (moment(when), told) for when, told in example.given if re.match(r"\d{4}-\d\d-\d\d", when)
    ]
    ingest(source=source, page=page_of(bills, creator), now=now)
    recompute_due_fans(creator=creator, now=now)
    return told_of_creator(creator, now) | told_of_fans(creator)


def creator_of(example: Example) -> Creator:
    currency = example.get("currency", "GBP")
    creator = CreatorFactory(
        currency=currency,
        target_spend=to_minor(example.get("target spend", "100.00"), currency),
        target_count=int(example.get("target count", "1,000").replace(",", "")),
        counts=example.get("what counts", "gross"),
    )
    tiers = example.get("tiers")
    if not tiers:
        creator.create_default_tiers()
    for name, threshold in (step.split() for step in tiers.split(", ") if step):
        Tier.objects.create(creator=creator, name=name, threshold=to_minor(threshold, currency))
    return creator


def page_of(bills: list[tuple[datetime, str]], creator: Creator) -> values.Page:
    """“Ada pays 65.00, fee 1.18, 5.00 returned”, “nobody pays 15.00”, “Ada tries to pay 15.00”."""
    payments, lines, returns = [], [], []
    for number, (at, told) in enumerate(bills):
        name, amount = re.match(r"(\w+) (?:pays|tries to pay) ([\d.]+)", told).groups()
        fee = re.search(r"fee ([\d.]+)", told)
        returned = re.search(r"([\d.]+) returned", told)
        tried = "tries" in told
        payment = values.Payment(
            external_id=f"payment {number}",
            occurred_at=at,
            status=values.PaymentStatus.FAILED if tried else values.PaymentStatus.SUCCEEDED,
            kind=values.PurchaseKind.SALE,
            currency=creator.currency,
            amount=to_minor(amount, creator.currency),
            email="" if name == "nobody" else f"{name.lower()}@example.com",
            name=name,
        )
        payments.append(payment)
        if not tried:
            cost = fee[1] if fee else "0.00"
            lines.append(ledger_line(f"payment {amount}, fee {cost}", payment))
        if returned:
            lines.append(ledger_line(f"refund -{returned[1]}, fee 0.00", payment))
            told_back = f"{returned[1]}, succeeded"
            returns.append(given_back(values.ReturnKind.REFUND, told_back, payment))
    return values.Page(cursor=None, payments=payments, movements=lines, returns=returns)


def told_of_creator(creator: Creator, now: datetime) -> dict[str, str]:
    earned = income(creator, now=now)
    unattributed = creator.purchases.unattributed().values_list("counted_gross", flat=True)
    everything = creator.purchases.values_list("counted_gross", flat=True)
    return {
        "goal": money(creator.goal, creator.currency),
        "income, gross": money(earned.gross, creator.currency),
        "income, net": money(earned.net, creator.currency),
        "share of the goal": f"{earned.percent}%",
        "keep-rate of the source": f"{keep_rate(creator)}%",
        "true fans": str(creator.fans.true().count()),
        "on their way": ", ".join(fan.name for fan in creator.fans.on_their_way()),
        "unattributed": money(sum(unattributed), creator.currency),
        "all purchases": money(sum(everything), creator.currency),
    }


def keep_rate(creator: Creator) -> Decimal | None:
    [part] = by_source(creator, list(creator.sources.all()), creator.purchases.all()) or [None]
    return part and part.keep.percent


def told_of_fans(creator: Creator) -> dict[str, str]:
    told = {}
    for fan in creator.fans.all():
        seat = f"{fan.seat}" if fan.is_true_fan else f"{fan.seat}, resting"
        told |= {
            f"{fan.name} is a true fan": "yes" if fan.is_true_fan else "no",
            f"{fan.name}’s spend": money(fan.spend, creator.currency),
            f"{fan.name}’s gap": money(fan.gap, creator.currency),
            f"{fan.name}’s tier": fan.tier.name if fan.tier else "none",
            f"{fan.name}’s seat": seat if fan.seat else "none",
            f"{fan.name}’s lifetime gross": money(fan.lifetime_gross, creator.currency),
            f"{fan.name}’s lifetime net": money(fan.lifetime_net, creator.currency),
            f"{fan.name}’s purchases": str(fan.purchases),
        }
    return told


def run_pauses(example: Example) -> dict[str, str]:
    source = SourceFactory()
    fan = FanFactory(creator=source.creator, recompute_at=moment("2026-11-22"))
    for day in example.get("bought").split(", "):
        PurchaseFactory(source=source, fan=fan, occurred_at=moment(day))
    recompute_due_fans(creator=source.creator, now=moment("2026-11-22"))
    fan.refresh_from_db()
    return {"usual pause": f"{fan.usual_pause.days} days" if fan.usual_pause else "none"}


def run_rhythm(example: Example) -> dict[str, str]:
    purchases = int(example.get("purchases"))
    pause = example.get("usual pause")
    found = warmth(
        purchases=purchases,
        usual_pause=timedelta(days=int(pause.split()[0])) if pause else None,
        last_purchase_at=moment(example.get("last")),
        now=moment(example.get("now")),
    )
    return {"slipping": "yes" if found.is_slipping else "no", "warmth": str(found.label)}


def run_membership(example: Example) -> dict[str, str]:
    ends = example.get("ends")
    membership = MembershipFactory(
        state=example.get("state"), ends_at=moment(ends) if ends else None
    )
    leaving = membership.creator.memberships.leaving(moment(example.get("now"))).exists()
    assert leaving == membership.is_leaving
    return {"leaving soon": "yes" if leaving else "no"}


def run_import(example: Example) -> dict[str, str]:
    now = moment(example.get("now"))
    began = moment(example.get("began"))
    sync = Sync(
        started_at=began,
        oldest_at=moment(example.get("account opened", "2020-01-01")),
        span_read=timedelta(days=int(example.get("days read", "0").replace(",", ""))),
        customers_read=int(example.get("customers read", "0").replace(",", "")),
        movements_read=int(example.get("ledger lines read", "0").replace(",", "")),
    )
    left = timedelta(seconds=round(sync.seconds_left(now) or 0))
    return {
        "rows a second": f"{sync.rate(now):.0f}",
        "covered": f"{sync.fraction():.0%}" if sync.fraction() else "nothing",
        "time left": f"{left.total_seconds() / 60:.0f} minutes",
    }


#: The one that all lines of the examples are of: whose a line is takes a payment that is there.
PAYMENT = "ch_1"


def run_balance(example: Example) -> dict[str, str]:
    """A ledger here and one at Stripe, held against each other as every night."""
    now = datetime(2026, 3, 1, tzinfo=LONDON)
    source = SourceFactory()
    PurchaseFactory(source=source, external_id=PAYMENT)
    theirs = []
    for number, (where, text) in enumerate(example.given):
        if where in ("available", "pending"):
            continue
        line, at = money_line(f"txn_{number}", text), now - timedelta(days=1 + number)
        if where != "missing here":
            MovementFactory(source=source, occurred_at=at, **line)
        if where != "only here":
            theirs.append(stripe_line(created=at, **line))
    balance = {
        state: [{"currency": currency.lower(), "amount": to_minor(amount, currency)}]
        for state in ("available", "pending")
        for amount, currency in (text.split() for text in example.all(state))
    }
    books = Books({"balance_transaction": theirs}, currency="gbp", balance=balance or None)
    account = sandbox.Account({}, lambda: books, any_key=True)
    with sandbox.serve([account]) as url, override_settings(STRIPE_API_BASE=url):
        check = reconcile(source=source, gateway=gateway_of(source), now=now)
    told = {"outcome": check.get_outcome_display(), "lines that differed": str(check.differing)}
    for currency, here, there in check.figures:
        told |= {
            f"our books, {currency}": money(here, currency),
            f"Stripe's balance, {currency}": money(there, currency),
            f"difference, {currency}": money(there - here, currency),
        }
    return told


def money_line(name: str, text: str) -> dict[str, Any]:
    """“payment 25.00 GBP, fee 1.03” as the columns of a movement."""
    kind, amount, currency, fee = re.match(r"(\w+) (\S+) (\w+), fee (\S+)", text).groups()
    money = {"amount": to_minor(amount, currency), "fee": to_minor(fee, currency)}
    about = PAYMENT if kind == "payment" else ""
    return {"external_id": name, "kind": kind, "currency": currency, "payment_id": about} | money


def stripe_line(*, created: datetime, **line: Any) -> dict[str, Any]:
    """The same line as Stripe lists it."""
    return {
        "id": line["external_id"],
        "object": "balance_transaction",
        "created": int(created.timestamp()),
        "currency": line["currency"].lower(),
        "amount": line["amount"],
        "fee": line["fee"],
        "net": line["amount"] - line["fee"],
        "reporting_category": "charge" if line["kind"] == "payment" else line["kind"],
        "status": "available",
        "source": line["payment_id"] or None,
    }


RUNNERS: dict[str, Callable[[Example], dict[str, str]]] = {
    "addresses": run_addresses,
    "window": run_window,
    "purchase": run_purchase,
    "books": run_books,
    "pauses": run_pauses,
    "rhythm": run_rhythm,
    "import": run_import,
    "membership": run_membership,
    "balance": run_balance,
}
