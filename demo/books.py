"""The demo's creators get their payments as every creator does: a key, a connection, an import."""

from django.utils import timezone

from demo.tasks import live_along
from fans.models import Creator
from revenue.gateways.stripe.connecting import connect
from revenue.models import Source, Sync
from revenue.queueing import queue_on_commit
from revenue.tasks.sources import begin_reading

#: By the creator's handle, the key of their account in the sandbox.
KEYS = {"lantern-quarter": "rk_test_sandbox_band", "marguerite": "rk_test_sandbox_letters"}


def open_books() -> None:
    """Connect what is not connected, and begin to read what was never read.

    Raises `gateways.problems.NotConnectable` when the sandbox does not answer, after some tries.
    """
    for creator in Creator.objects.open().filter(handle__in=KEYS).order_by("handle"):
        connected = creator.sources.filter(kind=Source.Kind.STRIPE).first()
        source = connected or connect(creator=creator, key=KEYS[creator.handle])
        if source.synced_at is None and not source.syncs.filter(state=Sync.State.RUNNING).exists():
            begin_reading(source=source, full=True, now=timezone.now())
            queue_on_commit(live_along.delay, creator.pk)
