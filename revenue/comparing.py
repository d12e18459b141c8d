"""What a creator is asked about, looked for by a worker once in a while.

Who may be one person (`revenue.proposing`) and which payments may be one (`revenue.likeness`) is
looked for among all there is, after the figures were made anew. It is apart from them, because it
may take longer, and rests in proportion to what it took.
"""

from datetime import datetime
from time import perf_counter

from fans.models import Creator
from revenue.likeness import find_doubles
from revenue.models import Summary
from revenue.proposing import propose


def compare(*, creator: Creator, now: datetime) -> bool:
    """Compare the people and payments of `creator` if that is due at `now`; whether it was.

    One worker claims it. Should it be killed, another may in a while.
    """
    summaries = Summary.objects.filter(creator=creator)
    if not summaries.to_compare(now).update(comparing_since=now):
        return False
    began = perf_counter()
    propose(creator=creator, now=now)
    find_doubles(creator=creator)
    took = round(1000 * (perf_counter() - began))
    summaries.update(compared_at=now, compare_ms=took, comparing_since=None)
    return True
