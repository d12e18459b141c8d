"""Asking for one page of one of Stripe's lists, newest first; and a few single questions."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from django.utils import timezone
from msgspec import Meta, Struct, convert

from revenue.gateways.problems import (
    CursorGone,
    NotExpandable,
    NotGiven,
    NotThere,
    PermissionMissing,
    UnexpectedAnswer,
)
from revenue.gateways.stripe.client import StripeGateway, cursor_of, span
from revenue.gateways.stripe.lines import Line, last_name, line_of
from revenue.gateways.stripe.lists import (
    EXTRAS,
    EXTRAS_OF_ONE,
    LISTS,
    NEEDED,
    ONLY_WITHOUT_LINE,
    SINGLE,
    permission_of,
)
from revenue.gateways.stripe.pages import NOT_UNDERSTOOD, PageMaker
from revenue.gateways.stripe.translate import id_of, kind_of, moment, to_movement
from revenue.values import Listing, Page
from truefans.text import to_json

Json = dict[str, Any]
T = TypeVar("T")

#: Stripe opened in 2011: no history is older.
BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)

#: How many objects are asked for one by one for a page of their own.
ONE_BY_ONE = 10


@dataclass(frozen=True, slots=True)
class Question:
    """One page to ask for: since <= created < until, after the object `after`, which is of the
    moment `reached_at`; or some `ids`.

    `is_whole`: what has a line in the ledger is wanted, too, because that did not say enough."""

    listing: Listing
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    reached_at: datetime | None = None
    ids: tuple[str, ...] = ()
    is_whole: bool = False


@dataclass(slots=True)
class Answer:
    """What came; `cursor` None: it was the last page. `lines` are the ledger's.

    `count` rows came, of which some may be of no interest; `is_outside`: all of them are newer than
    what was asked for, so the server does not heed since when and until when. `lacks` is the
    permission for what could not be read.
    """

    question: Question
    read_at: datetime
    cursor: str | None
    rows: list[Json] = field(default_factory=list)
    reached_at: datetime | None = None
    rows_a_day: float = 0.0
    lines: list[Line] = field(default_factory=list)
    is_outside: bool = False
    count: int = 0
    lacks: str = ""
    translated: Page | None = None

    def date(self, created: Sequence[Any]) -> None:
        """Note from when to when it goes, by the moments of its rows, newest first. What is older
        than was asked for ends it: only a server that does not heed that goes on so far."""
        known = [at for at in created if type(at) is int and 0 < at < 2**32]
        if not known:
            return
        self.reached_at = moment(known[-1])
        self.rows_a_day = len(created) * 86_400 / max(known[0] - known[-1], 1)
        since, until = self.question.since, self.question.until
        self.is_outside = until is not None and self.reached_at >= until.replace(microsecond=0)
        if since and self.reached_at < since.replace(microsecond=0) and known[0] >= known[-1]:
            self.cursor = None

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
        if question.ids:
            return _one_by_one(gateway, question, read_at)
        if question.listing == Listing.MOVEMENTS:
            return _ask_ledger(gateway, question, read_at)
        rows, more = _list(gateway, gateway.list, question)
    except (PermissionMissing, UnexpectedAnswer):
        if question.listing in NEEDED:
            raise
        return Answer(question, read_at, cursor=None, lacks=permission_of(question.listing))
    answer = Answer(question, read_at, cursor_of(rows) if more else None, rows, count=len(rows))
    answer.date([row.get("created") for row in rows])
    if question.listing in ONLY_WITHOUT_LINE and not question.is_whole:
        answer.rows = [row for row in rows if not row.get("balance_transaction")]
    for row in answer.rows:
        _name_payment(gateway, row)
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
    if object_id.startswith("pi_"):  # it says nothing that its charges do not say better
        return _children(gateway, Listing.PAYMENTS, payment_intent=object_id)
    path, permission, extras = SINGLE.get(object_id.split("_", 1)[0], ("", "", []))
    if not path:
        return []
    address = f"{path}/{quote(object_id, safe='')}"
    try:
        found = _leniently(
            gateway,
            extras,
            lambda extra: gateway.get(address, permission=permission, **extra),
        )
    except NotThere:
        return []
    return [found, *_belonging(gateway, found)]


@contextmanager
def understood(path: str) -> Iterator[None]:
    """Makes a foreseen problem of what an answer raises that no version of Stripe would send."""
    try:
        yield
    except NOT_UNDERSTOOD as error:
        raise UnexpectedAnswer(f"{type(error).__name__} at {path}") from error


class _Part(Struct):
    currency: Annotated[str, Meta(pattern="^[a-zA-Z]{3}$")]
    amount: int


class _Pot(Struct):
    """Money that lies at Stripe for one purpose."""

    available: list[_Part] = []
    pending: list[_Part] = []


class _Balance(_Pot):
    """The answer to /v1/balance, as far as lines of the ledger count to it."""

    issuing: _Pot | None = None
    refund_and_dispute_prefunding: _Pot | None = None


def account_balance(gateway: StripeGateway) -> dict[str, int]:
    """All the money that lies at Stripe by currency (upper case), in minor units.

    What is available and what is pending, of every balance that lines of the ledger count to.
    """
    answer = gateway.get("/v1/balance", permission="Balance")
    with understood("/v1/balance"):
        balance = convert(answer, _Balance)
        if not answer.keys() & {"available", "pending"}:
            raise KeyError("available")
    total: Counter[str] = Counter()
    for pot in (balance, balance.issuing, balance.refund_and_dispute_prefunding):
        for part in (*pot.available, *pot.pending) if pot else ():
            total[part.currency.upper()] += part.amount
    return dict(total)


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
            if line.occurred_at < since:
                return  # the server does not heed since when and until when
            if line.occurred_at < until:
                yield line.external_id, line.currency, line.net
        except NOT_UNDERSTOOD:
            currency, net = str(row.get("currency")).upper(), row.get("net")
            is_money = len(currency) == 3 and type(net) is int
            yield id_of(row), currency if is_money else "", net if is_money else None


def newest_movement_id(gateway: StripeGateway) -> str:
    """The id of the ledger's last line, "" for an empty ledger: it changes when money moves."""
    path, permission = LISTS[Listing.MOVEMENTS]
    answer = gateway.get(path, permission=permission, limit=1)
    with understood(path):
        return id_of((answer.get("data") or [{}])[0])


def oldest_movement_at(
    gateway: StripeGateway, *, hint: datetime | None, now: datetime
) -> datetime | None:
    """A moment before every line of the ledger, to the month; for the time that is left.

    The account's own date of birth (`hint`) costs one question; where there are older lines, or
    nobody knows the date, the month is found by halving. None from a server that does not heed
    until when it is asked: it has lines of before the beginning.
    """
    if hint and not _any_before(gateway, hint):
        return hint
    if _any_before(gateway, BEGINNING):
        return None
    low, high = BEGINNING, hint or now
    while (high - low).days > 31:
        middle = low + (high - low) / 2
        low, high = (low, middle) if _any_before(gateway, middle) else (middle, high)
    return low


def _any_before(gateway: StripeGateway, at: datetime) -> bool:
    path, permission = LISTS[Listing.MOVEMENTS]
    answer = gateway.get(path, permission=permission, limit=1, **span(None, at))
    return bool(answer.get("data"))


def _ask_ledger(gateway: StripeGateway, question: Question, read_at: datetime) -> Answer:
    lines, more = _list(gateway, gateway.lines, question)
    answer = Answer(question, read_at, last_name(lines) if more else None, count=len(lines))
    answer.date([line.created for line in lines])
    answer.lines = [_completed(gateway, line) if line.lacks else line for line in lines]
    return answer


def _list(
    gateway: StripeGateway, ask: Callable[..., tuple[list[T], bool]], question: Question
) -> tuple[list[T], bool]:
    path, permission = LISTS[question.listing]

    def page(until: datetime | None, **after: str) -> tuple[list[T], bool]:
        asked = span(question.since, until) | after
        return _leniently(
            gateway,
            EXTRAS.get(question.listing, [{}]),
            lambda extra: ask(path, permission=permission, **asked, **extra),
        )

    try:
        return page(question.until, after=question.after)
    except CursorGone:
        # What lies in the same second is read twice, which does no harm.
        reached = question.reached_at and question.reached_at + timedelta(seconds=1)
        return page(reached or question.until)


def _leniently(gateway: StripeGateway, extras: list[Json], ask: Callable[[Json], T]) -> T:
    """The answer with the first of `extras` that the server does not refuse; what it has refused to
    expand is not asked for again. What it fails at is no refusal: less would be taken for all there
    is to know."""
    left = [extra for extra in extras[:-1] if to_json(extra) not in gateway.refused]
    for extra in left:
        try:
            return ask(extra)
        except (NotThere, CursorGone, NotGiven):
            raise
        except UnexpectedAnswer as problem:
            if isinstance(problem, NotExpandable):
                gateway.refused.add(to_json(extra))
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
    return Answer(question, read_at, cursor, rows, count=len(rows))


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
            _name_payment(gateway, found)
            charge = id_of(found.get("charge"))
            return ask_for(gateway, charge) + _children(gateway, Listing.REFUNDS, charge=charge)
        case "dispute":
            _name_payment(gateway, found)
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
        gateway,
        EXTRAS_OF_ONE.get(listing, [{}]),
        lambda extra: list(gateway.list_all(path, permission=permission, **of, **extra)),
    )


def _completed(gateway: StripeGateway, line: Line) -> Line:
    """The line with what it is about, where the server gave only its id. Of a kind of which it does
    not give one, no other is asked for: the lists have them, and are read for that at the end."""
    transaction = line.row
    source = transaction.get("source")
    path, permission = "", ""
    if isinstance(source, str):
        path, permission, _ = SINGLE.get(source.split("_", 1)[0], ("", "", []))
    if path and to_json(path) not in gateway.refused:
        address = f"{path}/{quote(str(source), safe='')}"
        try:
            with suppress(NotGiven):  # this one
                transaction["source"] = gateway.get(address, permission=permission)
        except UnexpectedAnswer:
            gateway.refused.add(to_json(path))
    _name_payment(gateway, transaction.get("source"))
    return line_of(transaction)


def _name_payment(gateway: StripeGateway, row: Any) -> None:
    """Write into a refund or dispute that names only an intent which payment it is of."""
    is_return = kind_of(row) in ("refund", "dispute")
    if not is_return or row.get("charge") or not id_of(row.get("payment_intent")):
        return
    path, permission = LISTS[Listing.PAYMENTS]
    intent = id_of(row["payment_intent"])
    with suppress(PermissionMissing, UnexpectedAnswer):
        payments, _more = gateway.list(path, permission=permission, payment_intent=intent)
        # Some servers answer with whatever payments there are.
        theirs = [p for p in payments if id_of(p.get("payment_intent")) == intent]
        paid = [payment for payment in theirs if payment.get("status") != "failed"]
        row["charge"] = id_of(paid[0]) if paid else None
