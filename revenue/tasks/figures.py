"""What follows from purchases: of each person, of everybody together, and what to ask about."""

from contextlib import suppress

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone

from fans.models import Creator, Fan
from revenue.comparing import compare
from revenue.models import Summary
from revenue.proposing import propose_proved
from revenue.queueing import begins, queue_once
from revenue.spend import creators_with_due_fans, recompute_due_fans
from revenue.summary import summarise


@shared_task
def recompute_creator(creator_id: int) -> None:
    """Bring the due fans of one creator up to now."""
    with suppress(Creator.DoesNotExist):
        creator = Creator.objects.get(pk=creator_id)
        if recompute_due_fans(creator=creator, now=timezone.now()):
            Summary.objects.outdate(creator=creator_id)
        have_summarised(creator_id)


@shared_task
def recompute() -> None:
    """The safety net: whoever is due, by an event that got lost or by time alone."""
    for creator in creators_with_due_fans(timezone.now()):
        recompute_creator(creator.pk)


def have_summarised(creator_id: int) -> None:
    """Have a worker make the figures of a creator anew if that is due, or they were never made."""
    summaries = Summary.objects.filter(creator=creator_id)
    if not summaries.exists() or summaries.due(timezone.now()).exists():
        queue_once(summarise_creator, creator_id)


@shared_task
def summarise_creator(creator_id: int) -> None:
    """Make the figures of one creator anew, and have a worker look what they are to be asked."""
    begins(summarise_creator, creator_id)
    with suppress(Creator.DoesNotExist):
        summarise(creator=Creator.objects.get(pk=creator_id), now=timezone.now())
        if Summary.objects.filter(creator=creator_id).to_compare(timezone.now()).exists():
            queue_once(compare_creator, creator_id)


@shared_task
def compare_creator(creator_id: int) -> None:
    """Look for who may be one person, and for what may be counted twice."""
    begins(compare_creator, creator_id)
    with suppress(Creator.DoesNotExist):
        compare(creator=Creator.objects.open().get(pk=creator_id), now=timezone.now())


@shared_task
def compare_due() -> None:
    """What had to rest first, or whose worker or task got lost."""
    due = Summary.objects.to_compare(timezone.now()).filter(creator__leaves_at=None)
    for pk in due.values_list("creator", flat=True):
        queue_once(compare_creator, pk)


@shared_task
def propose_proved_addresses(user_id: int) -> None:
    """Tell creators that two of their people may be the one who proved an address just now."""
    propose_proved(user=user_id, now=timezone.now())


@shared_task
def summarise_due() -> None:
    """Figures that had to rest first, or are of yesterday, or whose task got lost."""
    due = Summary.objects.due(timezone.now()).values_list("creator", flat=True)
    somebody = Fan.objects.filter(creator=OuterRef("pk"))
    never = Creator.objects.filter(Exists(somebody), summary=None).values_list("pk", flat=True)
    for pk in (*due, *never):
        have_summarised(pk)
