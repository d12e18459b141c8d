"""Asking for one page of one of Stripe's lists, newest first; and a few single questions."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.utils import timezone

from revenue.gateways.problems import NotThere, PermissionMissing, UnexpectedAnswer
from revenue.gateways.stripe.client import StripeGateway, span
from revenue.gateways.stripe.pages import NOT_UNDERSTOOD, PageMaker, fingerprint
from revenue.gateways.stripe.translate import id_of, moment, to_movement
from revenue.values import Listing, Page

Json = dict[str, Any]
T = TypeVar("T")

#: Stripe opened in 2011: no history is older.
BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)

#: How many objects are asked for one by one for a page of their own.
ONE_BY_ONE = 10

#: path, and what Stripe's dashboard calls the permission.
LISTS = {
    Listing.CUSTOMERS: ("/v1/customers", "Customers"),
    Listing.MEMBERSHIPS: ("/v1/subscriptions", "Subscriptions"),
    Listing.INVOICES: ("/v1/invoices", "Invoices"),
    Listing.MOVEMENTS: ("/v1/balance_transactions", "Balance transaction sources"),
    Listing.PAYMENTS: ("/v1/charges", "Charges"),
    Listing.REFUNDS: ("/v1/refunds", "Charges"),
    Listing.DISPUTES: ("/v1/disputes", "Disputes"),
    Listing.NEWS: ("/v1/events", "Events"),
    Listing.ORDERS: ("/v1/checkout/sessions", "Checkout Sessions"),
}
#: What is asked beside the list, the most useful first: the rest is for servers that refuse it.
EXTRAS: dict[str, list[Json]] = {
    Listing.MEMBERSHIPS: [{"status": "all"}],
    Listing.INVOICES: [
        {"expand": ["data.payments", "data.amount_paid_off_stripe"]},
        {"expand": ["data.payments"]},
        {},
    ],
    Listing.MOVEMENTS: [{"expand": ["data.source"]}],
}
#: The same for lists of what belongs to one payment, which are read together with their lines.
EXTRAS_OF_ONE: dict[str, list[Json]] = {
    Listing.PAYMENTS: [
        {"expand": ["data.balance_transaction", "data.failure_balance_transaction"]},
        {},
    ],
    Listing.REFUNDS: [
        {"expand": ["data.balance_transaction", "data.failure_balance_transaction"]},
        {},
    ],
}
#: Lists that are read only for what has no line in the ledger: with a line it comes from there.
ONLY_WITHOUT_LINE = (Listing.PAYMENTS, Listing.REFUNDS)
#: Lists without which there are no books. Reading goes on without any other that is refused.
NEEDED = (Listing.CUSTOMERS, Listing.MOVEMENTS)
#: What is news: everything that may change a payment, a person or a membership.
NEWS = [
    "charge.*",
    "refund.*",
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "customer.subscription.*",
    "invoice.paid",
    "invoice.voided",
    "invoice.payment_succeeded",
    "invoice.payment_failed",
    "invoice_payment.paid",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
]
#: A debit that failed has a second line, which takes the first one back.
CHARGE_LINES: list[Json] = [
    {"expand": ["balance_transaction", "failure_balance_transaction"]},
    {"expand": ["balance_transaction"]},
]
#: Where a single object is read, by the beginning of its id: path, permission, what to expand.
SINGLE: dict[str, tuple[str, str, list[Json]]] = {
    "ch": ("/v1/charges", "Charges", CHARGE_LINES),
    "py": ("/v1/charges", "Charges", CHARGE_LINES),
    "re": ("/v1/refunds", "Charges", [{}]),
    "pyr": ("/v1/refunds", "Charges", [{}]),
    "dp": ("/v1/disputes", "Disputes", [{}]),
    "du": ("/v1/disputes", "Disputes", [{}]),
    "cus": ("/v1/customers", "Customers", [{}]),
    "in": (
        "/v1/invoices",
        "Invoices",
        [{"expand": ["payments", "amount_paid_off_stripe"]}, {"expand": ["payments"]}, {}],
    ),
    "inpay": ("/v1/invoice_payments", "Invoices", [{}]),
    "sub": ("/v1/subscriptions", "Subscriptions", [{}]),
    "cs": ("/v1/checkout/sessions", "Checkout Sessions", [{}]),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One page to ask for: since <= created < until, after the object `after`; or some `ids`."""

    listing: Listing
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Answer:
    """What came; `cursor` None: it was the last page. `lines` are the ledger's, fingerprinted.

    `count` rows came, of which some may be of no interest; `lacks` is the permission without which
    nothing came.
    """

    question: Question
    read_at: datetime
    rows: list[Json]
    cursor: str | None
    reached_at: datetime | None = None
    rows_a_day: float = 0.0
    lines: list[tuple[Json, bytes, int]] = field(default_factory=list)
    count: int = 0
    lacks: str = ""
    translated: Page | None = None

    def page(self, known: Mapping[str, int]) -> Page:
        """The values in it; lines whose fingerprint is `known` (by outside id) are left out."""
        if self.translated:
            return self.translated
        maker = PageMaker(self.read_at)
        maker.lines(self.lines, known)
        for row in self.rows:
            maker.add(row)
        return maker.page(cursor=self.cursor, reached_at=self.reached_at)


def ask(gateway: StripeGateway, question: Question) -> Answer:
    """Ask for the page; raises the problems of `gateways.problems`, where it is needed."""
    read_at = timezone.now()
    try:
        if question.listing in (Listing.UNSETTLED, Listing.ORDERS):
            return _one_by_one(gateway, question, read_at)
        rows, more = _list(gateway, question)
    except (PermissionMissing, UnexpectedAnswer):
        if question.listing in NEEDED:
            raise
        lacks = LISTS[question.listing][1] if question.listing in LISTS else ""
        return Answer(question, read_at, rows=[], cursor=None, lacks=lacks)
    answer = Answer(question, read_at, rows, id_of(rows[-1]) if more else None, count=len(rows))
    created = [row["created"] for row in rows if isinstance(row.get("created"), int)]
    if created:
        answer.reached_at = moment(created[-1])
        answer.rows_a_day = len(rows) * 86_400 / max(created[0] - created[-1], 1)
    if question.listing == Listing.MOVEMENTS:
        for row in rows:
            _expand(gateway, row)
        with gateway.at_work:
            answer.rows, answer.lines = [], [(row, *fingerprint(row)) for row in rows]
    elif question.listing in ONLY_WITHOUT_LINE:
        answer.rows = [row for row in rows if not row.get("balance_transaction")]
    return answer


def ask_and_translate(gateway: StripeGateway, question: Question) -> Answer:
    """The same, translated already; for when nothing that may come is known."""
    answer = ask(gateway, question)
    with gateway.at_work:
        answer.translated = answer.page({})
    # Parsed rows take ten times the room of what was made of them.
    answer.rows, answer.lines = [], []
    return answer


def ask_for(gateway: StripeGateway, object_id: str) -> list[Json]:
    """The object as it is now, with what belongs to it; [] for what is gone or nothing of ours."""
    path, permission, extras = SINGLE.get(object_id.split("_", 1)[0], ("", "", []))
    if not path:
        return []
    try:
        found = _leniently(
            extras, lambda extra: gateway.get(f"{path}/{object_id}", permission=permission, **extra)
        )
    except NotThere:
        return []
    return [found, *_belonging(gateway, found)]


def account_balance(gateway: StripeGateway) -> dict[str, int]:
    """All the money that lies at Stripe by currency (upper case), in minor units.

    What is available and what is pending, of every balance that lines of the ledger count to.
    """
    answer = gateway.get("/v1/balance", permission="Balance")
    total: dict[str, int] = {}
    for balance in (answer, answer.get("issuing"), answer.get("refund_and_dispute_prefunding")):
        for state in ("available", "pending"):
            for part in (balance or {}).get(state) or ():
                currency = part["currency"].upper()
                total[currency] = total.get(currency, 0) + part["amount"]
    return total


def ledger_nets(
    gateway: StripeGateway, *, since: datetime, until: datetime
) -> Iterator[tuple[str, str, int | None]]:
    """(id, currency, net in minor units) of the ledger's lines, since <= created < until, newest
    first, without what they are about. Of a line that makes no sense, what there is of it: an
    empty currency, a net of None."""
    path, permission = LISTS[Listing.MOVEMENTS]
    for row in gateway.list_all(path, permission=permission, **span(since, until)):
        try:
            line = to_movement(row)
            yield line.external_id, line.currency, line.net
        except NOT_UNDERSTOOD:
            currency, net = str(row.get("currency")).upper(), row.get("net")
            is_money = len(currency) == 3 and type(net) is int
            yield id_of(row), currency if is_money else "", net if is_money else None


def newest_movement_id(gateway: StripeGateway) -> str:
    """The id of the ledger's last line, "" for an empty ledger: it changes when money moves."""
    path, permission = LISTS[Listing.MOVEMENTS]
    answer = gateway.get(path, permission=permission, limit=1)
    return id_of((answer.get("data") or [{}])[0])


def oldest_movement_at(gateway: StripeGateway, *, hint: datetime | None, now: datetime) -> datetime:
    """A moment before every line of the ledger, to the month; for the time that is left.

    The account's own date of birth (`hint`) costs one question; where there are older lines, or
    nobody knows the date, the month is found by halving.
    """
    if hint and not _any_before(gateway, hint):
        return hint
    low, high = BEGINNING, hint or now
    while (high - low).days > 31:
        middle = low + (high - low) / 2
        low, high = (low, middle) if _any_before(gateway, middle) else (middle, high)
    return low


def _any_before(gateway: StripeGateway, at: datetime) -> bool:
    path, permission = LISTS[Listing.MOVEMENTS]
    answer = gateway.get(path, permission=permission, limit=1, **span(None, at))
    return bool(answer.get("data"))


def _list(gateway: StripeGateway, question: Question) -> tuple[list[Json], bool]:
    path, permission = LISTS[question.listing]
    created = span(question.since, question.until)
    more = {"types": NEWS} if question.listing == Listing.NEWS else {}
    return _leniently(
        EXTRAS.get(question.listing, [{}]),
        lambda extra: gateway.list(
            path, permission=permission, after=question.after, **created, **more, **extra
        ),
    )


def _leniently(extras: list[Json], ask: Callable[[Json], T]) -> T:
    """The answer with the first of `extras` that the server does not refuse."""
    for extra in extras[:-1]:
        try:
            return ask(extra)
        except NotThere:
            raise
        except UnexpectedAnswer:
            continue
    return ask(extras[-1])


def _one_by_one(gateway: StripeGateway, question: Question, read_at: datetime) -> Answer:
    left = [i for i in question.ids if not question.after or i > question.after]
    rows: list[Json] = []
    for object_id in left[:ONE_BY_ONE]:
        if question.listing == Listing.ORDERS:
            path, permission = LISTS[Listing.ORDERS]
            rows += gateway.list(path, permission=permission, payment_intent=object_id)[0]
        else:
            # Without the permission for one kind, the others are read.
            with suppress(PermissionMissing, UnexpectedAnswer):
                rows += ask_for(gateway, object_id)
    more = len(left) > ONE_BY_ONE
    cursor = left[ONE_BY_ONE - 1] if more else None
    return Answer(question, read_at, rows, cursor, count=len(rows))


def _belonging(gateway: StripeGateway, found: Json) -> list[Json]:
    """What has to be read together with an object, so that its payment is known as a whole."""
    match found.get("object"):
        case "charge":
            refunded = found.get("amount_refunded") or found.get("refunded")
            refunds = _children(gateway, Listing.REFUNDS, charge=found["id"]) if refunded else []
            disputed = found.get("disputed") or found.get("dispute")
            more = _children(gateway, Listing.DISPUTES, charge=found["id"]) if disputed else []
            return refunds + more
        case "refund":
            # As a list, because that can be asked for the lines, too.
            charge = id_of(found.get("charge"))
            return ask_for(gateway, charge) + _children(gateway, Listing.REFUNDS, charge=charge)
        case "dispute":
            return ask_for(gateway, id_of(found.get("charge")))
        case "invoice_payment":
            return ask_for(gateway, id_of(found.get("invoice")))
        case "checkout.session" if intent := id_of(found.get("payment_intent")):
            return _children(gateway, Listing.PAYMENTS, payment_intent=intent)
    return []


def _children(gateway: StripeGateway, listing: Listing, **of: str) -> list[Json]:
    """A list of what belongs to one object; lists inside objects stop at ten."""
    path, permission = LISTS[listing]
    return _leniently(
        EXTRAS_OF_ONE.get(listing, [{}]),
        lambda extra: list(gateway.list_all(path, permission=permission, **of, **extra)),
    )


def _expand(gateway: StripeGateway, transaction: Json) -> None:
    """Fetch what a line is about, where the server gave only its id."""
    source = transaction.get("source")
    if not isinstance(source, str):
        return
    path, permission, _ = SINGLE.get(source.split("_", 1)[0], ("", "", []))
    if path:
        with suppress(NotThere):
            transaction["source"] = gateway.get(f"{path}/{source}", permission=permission)
