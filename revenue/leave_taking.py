"""People of whom nothing is left, once what they were known by is gone."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef

from fans.models import Fan
from revenue.attribution import introduce
from revenue.models import Assignment, Membership, Purchase, Source


def take_leave(
    source: Source, people: Collection[int], *, keep_assigned: bool = False, now: datetime
) -> None:
    """Forget those of `people` of whom nothing is left; the others are known by what there is.

    Who has a seat keeps it, and the name that they had; so does who the creator knows more of, and
    who was assigned something of another source or, to `keep_assigned`, of this one.
    """
    fans = Fan.objects.filter(pk__among=people)
    Fan.objects.mark_due(people, now=now)
    purchases = Purchase.objects.filter(creator=source.creator, fan=OuterRef("pk"))
    memberships = Membership.objects.filter(fan=OuterRef("pk"))
    assigned = Assignment.objects.filter(creator=source.creator, fan=OuterRef("pk"))
    nobody = fans.filter(~Exists(purchases), ~Exists(memberships), seat=None)
    others = assigned if keep_assigned else assigned.exclude(source=source)
    gone = nobody.filter(~Exists(others))
    gone.unacquainted().delete()
    elsewhere = Exists(purchases.exclude(source=source)) | Exists(
        memberships.exclude(source=source)
    )
    introduce(
        source=source,
        purchases=(),
        customers=(),
        memberships=(),
        people=list(fans.filter(elsewhere).values_list("pk", flat=True)),
        now=now,
    )
