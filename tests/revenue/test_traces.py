"""What there is of somebody beside their purchases."""

from datetime import UTC, datetime

import pytest

from revenue.models import Return
from revenue.traces import Traces, traces_of
from tests.factories import (
    AcquaintanceFactory,
    FanFactory,
    LetterFactory,
    MembershipFactory,
    MergeFactory,
    NoteFactory,
    ProposalFactory,
    PurchaseFactory,
    TaggingFactory,
    TouchFactory,
)

pytestmark = pytest.mark.django_db

NOTHING = Traces(*[False] * len(Traces._fields))


def returned(fan):
    purchase = PurchaseFactory(fan=fan, source__creator=fan.creator)
    Return.objects.create(
        source=purchase.source,
        external_id="re_1",
        kind="refund",
        payment_id=purchase.external_id,
        occurred_at=datetime.now(UTC),
        currency=purchase.currency,
        amount=1,
        status="succeeded",
    )


def proposed_first(fan):
    younger = FanFactory(creator=fan.creator, pk=fan.pk + 1_000_000)
    ProposalFactory(creator=fan.creator, first=fan, second=younger)


def proposed_second(fan):
    older = FanFactory(creator=fan.creator, pk=-fan.pk)
    ProposalFactory(creator=fan.creator, first=older, second=fan)


def member(fan):
    MembershipFactory(fan=fan, source__creator=fan.creator)


@pytest.mark.parametrize(
    ("leave", "trace"),
    [
        (member, "memberships"),
        (returned, "returns"),
        (lambda fan: TouchFactory(fan=fan), "touches"),
        (lambda fan: NoteFactory(fan=fan), "notes"),
        (lambda fan: LetterFactory(fan=fan), "letters"),
        (lambda fan: TaggingFactory(fan=fan), "tags"),
        (lambda fan: MergeFactory(fan=fan), "merges"),
        (proposed_first, "proposals"),
        (proposed_second, "proposals"),
        (lambda fan: AcquaintanceFactory(fan=fan, cares_about="Bees"), "acquaintance"),
    ],
)
def test_each_trace_is_seen_and_nothing_else(leave, trace):
    fan, other = FanFactory.create_batch(2)
    PurchaseFactory(fan=other, source__creator=other.creator)

    leave(fan)

    assert traces_of(fan) == NOTHING._replace(**{trace: True})
    assert traces_of(other) == NOTHING
