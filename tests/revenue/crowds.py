"""Many rows at once, for what takes long enough to be watched, or killed."""

from django.db import connection

from revenue.models import Source


def crowd(source: Source, *, people: int, purchases: int) -> None:
    """`people` known by an address, with `purchases` of 5.00 each in the creator's currency, and a
    line of the ledger for each of them."""
    values = {
        "creator": source.creator_id,
        "source": source.pk,
        "currency": source.creator.currency,
        "people": people,
        "purchases": purchases,
    }
    with connection.cursor() as cursor:
        for statement in (PEOPLE, PURCHASES, MOVEMENTS):
            cursor.execute(statement, values)
        cursor.execute("ANALYZE")


PEOPLE = """
WITH person AS (
    INSERT INTO fans_fan (creator_id, email, created_at, recompute_at)
    SELECT %(creator)s, 'p' || n || '-' || %(source)s || '@example.com', now(), now()
    FROM generate_series(1, %(people)s) AS n RETURNING id, email
)
INSERT INTO fans_identity (creator_id, fan_id, kind, value, evidence, created_at)
SELECT %(creator)s, id, 'email', email, 'payment', now() FROM person
"""
PURCHASES = """
INSERT INTO revenue_purchase (
    creator_id, source_id, fan_id, external_id, customer_id, occurred_at, own_kind, kind,
    description, currency, amount, status, state, payer_email, payer_name, payer_country,
    intent_id, invoice_id, shown_currency, is_elsewhere, raw, returned, settlement_currency, fee,
    net, counted_currency, counted_gross, counted_net, rate, rate_date, rate_origin
)
SELECT %(creator)s, %(source)s, fan.id, 'ch_' || %(source)s || '_' || fan.id || '_' || n, '',
       now() - n * interval '1 day', 'sale', 'sale', '', %(currency)s, 500, 'succeeded', 'paid',
       fan.email, '', '', '', '', '', FALSE, '', 0, %(currency)s, 0, 500, %(currency)s, 500, 500,
       1, (now() - n * interval '1 day')::date, 'same'
FROM fans_fan AS fan, generate_series(1, %(purchases)s) AS n
WHERE fan.creator_id = %(creator)s AND fan.email LIKE '%%-' || %(source)s || '@example.com'
"""
MOVEMENTS = """
INSERT INTO revenue_movement (
    source_id, external_id, kind, category, occurred_at, currency, amount, fee, net, object_id,
    payment_id, description, raw
)
SELECT %(source)s, 'txn_' || external_id, 'payment', 'charge', occurred_at, currency, 500, 0, 500,
       external_id, external_id, '', ''
FROM revenue_purchase WHERE source_id = %(source)s
"""
