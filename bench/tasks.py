"""The workers of TrueFans with one task more: a nudge each, to hold batches against."""

from django.utils import timezone

from truefans.celery import app


@app.task
def work_off_one(source_id: int) -> None:
    """What `work_off_nudges` does, for a single nudge."""
    from revenue.models import Source
    from revenue.nudging import work_off
    from revenue.syncing import gateway_of
    from revenue.tasks.figures import recompute_creator

    source = Source.objects.get(pk=source_id)
    work_off(source=source, gateway=gateway_of(source), now=timezone.now(), at_most=1)
    recompute_creator.delay(source.creator_id)
