"""What files say of payments, and what follows from all that was said.

Two files may say different things of one payment: that it was paid, and later that it was
returned. Neither the order of the files nor how often they come may matter, so every statement is
kept, and of those about one thing the greatest counts: one that gives more back before one that
gives less, one that knows the fee before one that does not, and where nothing else tells them
apart one of them always. What was taken back again (an upload undone) is as if it had never been
said.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from types import MappingProxyType

import orjson
from django.db import transaction
from django.db.models import Q

from revenue import values
from revenue.files.outcomes import Line, OutsideId, Person, Return, Skipped, Total
from revenue.files.skipping import Why
from revenue.heard import NOTHING, greatest
from revenue.hearsay import hear, others_of, own_names, twins
from revenue.ingest import lock_open, store
from revenue.leave_taking import take_leave
from revenue.models import PaymentLink, Source, Statement, Upload
from revenue.packed import pack
from revenue.purchases import payment_of, recount_counterparts
from revenue.told import GROWTH, Outcome, Said, moment_of, pages_of
from revenue.upsert import Row

Kind = Statement.Kind

#: Rows that say of a payment that it never was one, whatever else was said of it.
NEVER = frozenset({Why.FAILED, Why.CANCELLED, Why.TEST})
#: How Stripe's ids of payments begin.
STRIPE_IDS = ("ch_", "py_", "pi_")
GROUP = Statement.GROUP
#: The payments of one person often stand together.
SOME = 4096


def statement_of(
    outcome: Outcome, *, source: Source, upload: Upload | None, said_at: datetime
) -> tuple[Row, Outcome] | None:
    """The row to keep of `outcome`, and the outcome as it is kept; None where it says nothing of
    any payment or person. Without an `upload` it was told at once, at `said_at`."""
    kind, name, group = Kind.PAYMENT, "", ""
    match outcome:
        case Line():
            # Nothing that can be paid has more than nineteen digits.
            given = f"{outcome.is_won:d}{outcome.returned:019d}"
            knows = f"{outcome.fee is not None:d}{bool(outcome.payer.email):d}"
            subject, rank = outcome.external_id, f"1{given}{knows}"
            group = group_of(outcome)
            outcome = outcome._replace(more_lines=())
        case Return() if outcome.of or group_of(outcome):
            kind, rank = Kind.RETURN, "1"
            subject = outcome.of or GROUP + group_of(outcome)
        case Total():
            outcome = outcome._replace(as_of=outcome.as_of or said_at)
            kind, subject = Kind.TOTAL, outcome.external_id
            name, rank = _name_and_rank(outcome, is_file=upload is not None)
        case Person():
            kind, subject = Kind.PERSON, outcome.external_id
            rank = outcome.order or f"{outcome.until or outcome.since or ''}"
        case Skipped() if outcome.external_id:
            subject, rank = outcome.external_id, "2" if outcome.why in NEVER else "0"
            outcome = Skipped(outcome.line, outcome.why, (), external_id=outcome.external_id)
        case _:
            return None
    # Where it stands in the file does not tell two statements apart.
    json = orjson.dumps([type(outcome).__name__, 0, *outcome[1:]], default=tuple)
    row = {
        "upload_id": upload.pk if upload else None,
        "source_id": source.pk,
        "kind": kind,
        "external_id": name or outcome.external_id,
        "subject": subject,
        "group": group,
        "line": outcome.line,
        "said": pack(json),
        "rank": f"{rank}-{blake2b(json, digest_size=12).hexdigest()}",
    }
    return row, outcome


def _name_and_rank(total: Total, *, is_file: bool) -> tuple[str, str]:
    """Of a file there is one total a day. What is told at once is of the last payment: of several
    the one after it was paid counts, and of those after something was returned the least."""
    as_of, paid_at = moment_of(total.as_of), total.last_paid_at
    if is_file:
        return f"{total.external_id}@{as_of.date()}", "1"
    is_later = paid_at is not None and as_of > paid_at
    name = f"{total.external_id}@{paid_at or ''}{'+' if is_later else ''}"
    return name, f"1{10**19 - total.amount if is_later else total.amount:020d}"


def links_of(outcome: Outcome, *, source: Source, upload: Upload | None) -> Iterator[Row]:
    """What the payment is called elsewhere; Stripe's own id of it says all that others could."""
    if not isinstance(outcome, Line):
        return
    names: Iterable[OutsideId] = outcome.links
    if outcome.external_id.startswith(STRIPE_IDS):
        names = [OutsideId("charge", outcome.external_id)]
    for kind, value in names:
        yield {
            "upload_id": upload.pk if upload else None,
            "source_id": source.pk,
            "external_id": outcome.external_id,
            "kind": kind,
            "value": value,
        }


def tell(*, source: Source, said: Iterable[Row], links: Iterable[Row]) -> None:
    """Keep what was told at once: of several about one thing only the greatest, since no other can
    ever count. The caller holds the lock on `source`."""
    greatest: dict[tuple[str, str], Row] = {}
    for row in said:
        thing = (row["kind"], row["external_id"])
        if thing not in greatest or row["rank"] > greatest[thing]["rank"]:
            greatest[thing] = row
    names = [name for _kind, name in greatest]
    known = source.statements.filter(upload=None, external_id__among=names)
    outdated = []
    for kind, name, rank, pk in known.values_list("kind", "external_id", "rank", "pk"):
        told = greatest.get((kind, name))
        if told and told["rank"] > rank:
            outdated.append(pk)
        elif told:
            del greatest[kind, name]
    Statement.objects.filter(pk__in=outdated).delete()
    Statement.objects.bulk_create(Statement(**row) for row in greatest.values())
    PaymentLink.objects.bulk_create((PaymentLink(**row) for row in links), ignore_conflicts=True)


def group_of(outcome: Line | Return) -> str:
    """What payments have in common of which a return does not say which it gives back: the person
    and the currency; "" where nobody is named."""
    identity = outcome.payer.identity
    return _group(identity, outcome.currency) if identity else ""


@lru_cache(maxsize=SOME)
def _group(identity: str, currency: str) -> str:
    return blake2b(repr((identity, currency)).encode(), digest_size=12).hexdigest()


def restate(
    *,
    source: Source,
    subjects: Iterable[str],
    heard: Mapping[str, Outcome] = NOTHING,
    taken_back: int = 0,
    called: Mapping[str, str] = MappingProxyType({}),
    now: datetime,
) -> int:
    """Work out anew what is known of `subjects` and store it; how many purchases changed.

    `heard` is what was just said, by its rank: it need not be read again. `taken_back` is how many
    statements about one of them have just been taken away, at most, and `called` what they were
    called elsewhere. What other files tell of the same payments is worked out anew, too.
    """
    names = set(subjects)
    with transaction.atomic():
        source = lock_open(source)
        others = others_of(source)
        changed, gave_back = _restate(source, names, heard, taken_back, others, now)
        if others:
            gave_back = names if taken_back else gave_back
            own = own_names(source, gave_back) | {name: name for name in gave_back}
            restate_others(source=source, names={**called, **own}, now=now)
    return changed


def restate_others(*, source: Source, names: Mapping[str, str], now: datetime) -> None:
    """Work out anew what the other files tell of payments of `source` that are called `names`.

    The lock on the creator, which every writer of purchases holds, is enough.
    """
    for other in others_of(source) if names else ():
        if theirs := {found for _own, found in twins(other, names)}:
            _restate(other, theirs, NOTHING, 0, others_of(other), now)


def _restate(
    source: Source,
    subjects: set[str],
    heard: Mapping[str, Outcome],
    taken_back: int,
    others: Sequence[Source],
    now: datetime,
) -> tuple[int, set[str]]:
    """How many purchases changed, and of which payments something came back, or had before."""
    found, waiting = _everything_said(source, subjects, heard)
    share_out(waiting, list(found.values()))
    gave_back = {name for name, about in found.items() if about.gives_back}
    if others:
        hear(source, found, others)
        stored = source.purchases.filter(external_id__among=found, returned__gt=0)
        gave_back |= set(stored.values_list("external_id", flat=True))
    pages = (pages_of(source, name, about) for name, about in found.items())
    page = values.Page.of(chain.from_iterable(pages))
    possible = set(found)
    for name, about in found.items():
        most = len(about.totals) + taken_back
        possible |= {f"{name}{GROWTH}{number}" for number in range(most)}
    clear_lines(source, page, possible)
    changed = store(source=source, page=page, now=now).purchases
    if not changed:  # but perhaps the file names a payment that another source tells of, too
        recount_counterparts(source=source, payments=_by_id(page.payments), now=now)
    gone = take_away(source, possible - _by_id(page.payments).keys(), now=now)
    if taken_back:
        end_memberships(source, found.keys() - {m.external_id for m in page.memberships}, now=now)
    return changed + gone, gave_back


def _by_id(payments: Iterable[values.Payment]) -> dict[str, values.Payment]:
    return {payment.external_id: payment for payment in payments}


def _everything_said(
    source: Source, subjects: set[str], heard: Mapping[str, Outcome]
) -> tuple[dict[str, Said], list[Return]]:
    """What counts about each payment that `subjects` are about, with those of the same group where
    something gives one of them back and does not say which; and what that is."""
    groups = {subject for subject in subjects if subject.startswith(GROUP)}
    found = _said(source, _names(source, subjects - groups), heard)
    lines = [about.payment for about in found.values() if isinstance(about.payment, Line)]
    groups |= {GROUP + group_of(line) for line in lines}
    waiting = greatest(source, groups, heard)
    if not waiting:
        return found, []
    in_group = [subject.removeprefix(GROUP) for subject, _of in waiting]
    members = source.statements.filter(kind=Kind.PAYMENT, group__among=in_group)
    others = set(members.values_list("external_id", flat=True)) - found.keys()
    found |= _said(source, _names(source, others), heard)
    return found, [given for _subject, given in waiting if isinstance(given, Return)]


def share_out(waiting: Sequence[Return], about: Sequence[Said]) -> None:
    """Let each return that does not say what it gives back give back a payment of its group, of the
    same product where it names one: the newest before it of the same amount, else the newest of
    which so much is left. One that finds none waits for its payment."""
    payments = [(a.payment, a.returns) for a in about if isinstance(a.payment, Line)]
    payments.sort(key=lambda pair: (pair[0].occurred_at, pair[0].external_id), reverse=True)
    for given in sorted(waiting, key=lambda given: (given.occurred_at, given.external_id)):
        fitting = [
            (line, returns)
            for line, returns in payments
            if group_of(line) == group_of(given)
            and _may_be_of(given.product, line.product)
            and line.occurred_at <= given.occurred_at
            and line.amount - line.returned - sum(r.amount for r in returns) >= given.amount
        ]
        whole = [pair for pair in fitting if pair[0].amount == given.amount]
        for _line, returns in (whole or fitting)[:1]:
            returns.append(given)


def _may_be_of(said: str, product: str) -> bool:
    """Whether a return of what is `said` may be one of `product`: “Refund: Mug” of “Mug”."""
    said, product = said.casefold(), product.casefold()
    return not said or said == product or bool(product and product in said)


def _names(source: Source, subjects: set[str]) -> dict[str, str]:
    """What the files call each payment that `subjects` are about → its own id.

    What gives a payment back may call it by a name that it has elsewhere.
    """
    links = source.links.filter(Q(external_id__among=subjects) | Q(value__among=subjects))
    names = {subject: subject for subject in sorted(subjects)}
    for own, elsewhere in links.order_by("-external_id").values_list("external_id", "value"):
        names |= {own: own, elsewhere: own}
    return names


def _said(
    source: Source, names: Mapping[str, str], heard: Mapping[str, Outcome]
) -> dict[str, Said]:
    """What counts about each payment."""
    found: dict[str, Said] = {name: Said() for name in sorted(set(names.values()))}
    for subject, outcome in greatest(source, names, heard):
        found[names[subject]].hear(outcome)
    return found


def clear_lines(source: Source, page: values.Page, payment_ids: Collection[str]) -> None:
    """Take away lines and returns of these payments that are said otherwise now, or no more."""
    columns = ("occurred_at", "currency", "amount", "fee", "object_id", "description")
    lines = {m.external_id: tuple(getattr(m, name) for name in columns) for m in page.movements}
    stored = source.movements.filter(payment_id__among=payment_ids)
    rows = stored.values_list("pk", "external_id", *columns)
    stored.filter(pk__in=[pk for pk, name, *was in rows if lines.get(name) != (*was,)]).delete()
    kept = {given.external_id for given in page.returns}
    returns = source.returns.filter(payment_id__among=payment_ids)
    gone = [pk for pk, name in returns.values_list("pk", "external_id") if name not in kept]
    returns.filter(pk__in=gone).delete()


def end_memberships(source: Source, external_ids: Iterable[str], *, now: datetime) -> None:
    """Memberships of which nothing is said any more go, and who is known by nothing else."""
    gone = list(source.memberships.filter(external_id__among=external_ids).only("fan_id"))
    if gone:
        source.memberships.filter(pk__among=[membership.pk for membership in gone]).delete()
        if people := {membership.fan_id for membership in gone if membership.fan_id}:
            take_leave(source, people, now=now)


def take_away(
    source: Source, external_ids: Iterable[str], *, keep_assigned: bool = False, now: datetime
) -> int:
    """Purchases of which nothing is said any more go; how many those were. `keep_assigned` is as
    for `take_leave`."""
    gone = list(source.purchases.filter(external_id__among=external_ids))
    if gone:
        source.purchases.filter(pk__among=[purchase.pk for purchase in gone]).delete()
        recount_counterparts(source=source, payments=_by_id(map(payment_of, gone)), now=now)
        if people := {purchase.fan_id for purchase in gone if purchase.fan_id}:
            take_leave(source, people, keep_assigned=keep_assigned, now=now)
    return len(gone)
