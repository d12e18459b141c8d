"""What the planner of the database makes of our statements when it knows only other creators."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fans.models import Fan
from revenue.attribution import introduce
from revenue.grown import look_at_the_grown
from revenue.ingest import ingest
from revenue.models import Movement, Purchase
from revenue.purchases import payment_of, reaching
from revenue.spend import recompute_due_fans
from revenue.values import Page, Return, ReturnKind
from tests.factories import NOW, CreatorFactory, MovementFactory, PurchaseFactory, SourceFactory

pytestmark = pytest.mark.django_db

FEW, MANY = 8, 3_000
OF_ONE = {"id", "external_id", "fan_id", "occurred_at", "product"}
ALIKE = ", ".join(f.column for f in Purchase._meta.concrete_fields if f.column not in OF_ONE)
#: `MANY` purchases of `MANY / FEW` people, like the one that is there.
FILL = f"""
WITH person AS (
    INSERT INTO fans_fan (creator_id, recompute_at, created_at)
    SELECT %(creator)s, %(now)s, %(now)s FROM generate_series(1, {MANY // FEW}) RETURNING id
)
INSERT INTO revenue_purchase (external_id, fan_id, occurred_at, {ALIKE})
SELECT 'ch_' || person.id || '_' || n, person.id, %(now)s - n * interval '20 days', {ALIKE}
FROM person, generate_series(1, {FEW}) AS n, revenue_purchase
WHERE revenue_purchase.creator_id = %(creator)s
"""


#: And a line of the ledger for each, like the one that is there.
OF_ONE_LINE = {"id", "external_id", "payment_id"}
ALIKE_LINES = ", ".join(
    f"line.{f.column}" for f in Movement._meta.concrete_fields if f.column not in OF_ONE_LINE
)
LINES = f"""
INSERT INTO revenue_movement (external_id, payment_id, {ALIKE_LINES.replace("line.", "")})
SELECT 'txn_' || purchase.id, purchase.external_id, {ALIKE_LINES}
FROM revenue_purchase AS purchase, revenue_movement AS line
"""

#: Refunds of payments that are not there, which is all the same here.
REFUNDS = """
INSERT INTO revenue_return
    (source_id, external_id, kind, payment_id, occurred_at, currency, amount, status, reason, raw)
SELECT %s, 're_' || number, 'refund', 'ch_' || number, now(), 'GBP', 100, '', '', ''
FROM generate_series(1, %s) AS number
"""


def filled():
    source = SourceFactory(creator=CreatorFactory(time_zone="UTC"))
    PurchaseFactory(source=source, amount=34_00)
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"creator": source.creator_id, "now": NOW})
    return source


@pytest.fixture
def newcomer():
    """A source with many purchases, while the planner believes that all are another creator's."""
    filled()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE fans_fan, revenue_purchase")
    Purchase.objects.all().delete()
    return filled()


def rows_read(queries, beginning, table="revenue_purchase"):
    """How many rows of `table` the one of `queries` that begins so reads, done once more."""
    (sql,) = [q["sql"] for q in queries if q["sql"].strip().startswith(beginning)]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        ((plan,),) = cursor.fetchone()
    return sum(
        read_by(node) for node in nodes_of(plan["Plan"]) if node.get("Relation Name") == table
    )


def nodes_of(node):
    yield node
    for child in node.get("Plans", []):
        yield from nodes_of(child)


def read_by(node):
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return (node["Actual Rows"] + removed) * node["Actual Loops"]


def test_of_due_people_of_a_new_creator_only_their_own_purchases_are_read(newcomer):
    with CaptureQueriesContext(connection) as context:
        assert recompute_due_fans(creator=newcomer.creator, now=NOW) == MANY // FEW

    Fan.objects.update(recompute_at=NOW)
    for beginning in ("UPDATE fans_fan SET (", "UPDATE fans_fan SET usual"):
        assert rows_read(context.captured_queries, beginning) < 3 * MANY


def test_who_a_new_creators_people_are_is_read_from_their_own_purchases_only(newcomer):
    purchases = list(newcomer.purchases.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as context:
        introduce(
            source=newcomer, purchases=purchases, customers=(), memberships=(), people=(), now=NOW
        )

    assert rows_read(context.captured_queries, "WITH touched") < 3 * MANY


@pytest.fixture
def ledger():
    """Another source with many purchases and lines, of which the planner knows nothing yet."""
    source = filled()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE revenue_movement")  # it may be large from an earlier test
        MovementFactory(source=source)
        cursor.execute(LINES)
    return source


def test_the_lines_of_a_pages_payments_are_found_and_no_others_read(ledger):
    look_at_the_grown()
    some = ledger.purchases.order_by("pk")[: FEW * 50]
    payments = {purchase.external_id: payment_of(purchase) for purchase in some}

    with CaptureQueriesContext(connection) as context:
        reach = reaching(ledger, payments, {}, ())

    assert sum(len(found.lines) for found in reach.values()) == len(payments)
    lines = rows_read(context.captured_queries, 'SELECT "revenue_movement"', "revenue_movement")
    assert lines == len(payments)


def test_the_lines_that_a_pages_refunds_may_be_of_are_found_and_no_others_read(ledger):
    look_at_the_grown()
    refunds = [
        Return(f"re_{number}", ReturnKind.REFUND, "ch_1", NOW, "GBP", 100)
        for number in range(FEW * 50)
    ]

    with CaptureQueriesContext(connection) as context:
        ingest(source=ledger, page=Page(returns=refunds), now=NOW)

    assert rows_read(context.captured_queries, "UPDATE revenue_movement", "revenue_movement") == 0


def test_a_table_is_looked_at_when_it_is_twice_as_large_and_then_left_alone(ledger):
    assert "revenue_movement" in look_at_the_grown()
    assert look_at_the_grown() == []


def test_refunds_are_looked_at_too():
    source = SourceFactory()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE revenue_return")  # it may be large from an earlier test
        cursor.execute(REFUNDS, [source.pk, MANY])

    assert "revenue_return" in look_at_the_grown()
