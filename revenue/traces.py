"""What there is to tell of somebody beside their purchases."""

from typing import NamedTuple

from django.db import connection

from fans.models import Fan


class Traces(NamedTuple):
    """Whether there is any of each. Of most people there is little, and a question to each table
    for nothing would take longer than all that is shown."""

    memberships: bool
    returns: bool
    touches: bool
    notes: bool
    letters: bool
    tags: bool
    merges: bool
    proposals: bool
    acquaintance: bool


TRACES = """
SELECT EXISTS (SELECT FROM revenue_membership WHERE fan_id = %(fan)s),
       EXISTS (SELECT FROM revenue_purchase AS purchase
               JOIN revenue_return AS return
                 ON return.source_id = purchase.source_id
                AND return.payment_id = purchase.external_id
               WHERE purchase.creator_id = %(creator)s AND purchase.fan_id = %(fan)s),
       EXISTS (SELECT FROM fans_touch WHERE creator_id = %(creator)s AND fan_id = %(fan)s),
       EXISTS (SELECT FROM fans_note WHERE creator_id = %(creator)s AND fan_id = %(fan)s),
       EXISTS (SELECT FROM fans_letter WHERE creator_id = %(creator)s AND fan_id = %(fan)s),
       EXISTS (SELECT FROM fans_tagging WHERE creator_id = %(creator)s AND fan_id = %(fan)s),
       EXISTS (SELECT FROM fans_merge WHERE creator_id = %(creator)s AND fan_id = %(fan)s),
       EXISTS (SELECT FROM fans_proposal WHERE first_id = %(fan)s)
       OR EXISTS (SELECT FROM fans_proposal WHERE second_id = %(fan)s),
       EXISTS (SELECT FROM fans_acquaintance WHERE creator_id = %(creator)s AND fan_id = %(fan)s)
"""


def traces_of(fan: Fan) -> Traces:
    """What there is of `fan`; one query."""
    with connection.cursor() as cursor:
        cursor.execute(TRACES, {"creator": fan.creator_id, "fan": fan.pk})
        return Traces._make(cursor.fetchone())
