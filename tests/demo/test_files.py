"""What the demo's creators earned elsewhere: files that are brought as every creator's are."""

from datetime import timedelta

import pytest

from demo import cast
from demo.bringing import bring_files
from demo.elsewhere import FILES
from fans.models import Creator, Identity, Proposal, Reason
from revenue.books import check_fans, check_purchases
from revenue.likeness import find_doubles
from revenue.models import Double, Purchase, Upload
from revenue.proposing import propose
from revenue.spend import recompute_due_fans
from tests.factories import NOW, FanFactory, IdentityFactory, PurchaseFactory, SourceFactory
from truefans.celery import app as celery

pytestmark = pytest.mark.django_db


@pytest.fixture(params=FILES)
def creator(request, time_machine):
    """One of the two, whose Stripe account is read: ten true fans, one of them in the cast."""
    time_machine.move_to(NOW)
    cast.prepare()
    creator = Creator.objects.get(handle=request.param)
    source = SourceFactory(creator=creator, synced_at=NOW)
    addresses = [cast.FAN, *(f"fan.number{number}@example.com" for number in range(9))]
    for number, address in enumerate(addresses):
        fan = FanFactory(
            creator=creator,
            name=f"Ada Number{number}",
            email=address,
            country="GB",
            recompute_at=NOW,
        )
        IdentityFactory(fan=fan)
        PurchaseFactory(
            source=source,
            fan=fan,
            amount=creator.target_spend,
            currency=creator.currency,
            occurred_at=NOW - timedelta(days=number + 1),
            payer_email=address,
            payer_name=fan.name,
            payer_country="GB",
        )
    recompute_due_fans(creator=creator, now=NOW)
    return creator


@pytest.fixture
def bring(creator, django_capture_on_commit_callbacks):
    """Asks until all is brought, with workers that are quick; how often it was asked."""

    def ask() -> int:
        for times in range(1, 9):
            with django_capture_on_commit_callbacks(execute=True):
                if bring_files(creator=creator, now=NOW):
                    recompute_due_fans(creator=creator, now=NOW)
                    return times
        raise AssertionError("It never came to an end.")

    celery.conf.task_always_eager, before = True, celery.conf.task_always_eager
    yield ask
    celery.conf.task_always_eager = before


def test_one_person_is_seen_across_the_platforms_once_the_files_are_there(creator, bring):
    assert bring() == 3  # kept, then imported, then nothing is left to do

    for upload in creator.uploads.all():
        assert (upload.state, upload.by) == (Upload.State.DONE, creator.owner)
        assert sum(upload.summary["skipped"].values()) in (1, 3)  # a gift; the payouts
    sources = creator.sources.filter(kind="file")
    assert {source.account_id for source in sources} == {
        upload.platform for upload in creator.uploads.all()
    }
    elsewhere = Purchase.objects.filter(source__in=sources)
    assert not elsewhere.filter(occurred_at__gt=NOW).exists()
    assert elsewhere.filter(fan__email=cast.FAN).exists()  # of both the cast and the account
    assert elsewhere.filter(fan__purchase_set__source__kind="stripe").exists()
    assert elsewhere.unattributed().count() == 2
    refunded = elsewhere.filter(returned__gt=0)
    assert refunded.count() == sources.filter(account_id="bandcamp").count()
    assert elsewhere.exclude(pk__in=refunded).filter(state=Purchase.State.PAID).count() >= 30
    assert list(check_fans(creator=creator, now=NOW)) == []
    # The fixture's own payments have no lines in the ledger.
    wrong = [found for found in check_purchases(creator=creator) if " ch_" not in found.what]
    assert wrong == []


def test_some_are_only_proposed_to_be_one_and_one_payment_is_asked_about(creator, bring):
    bring()
    propose(creator=creator, now=NOW)
    find_doubles(creator=creator)

    pairs = Proposal.objects.filter(creator=creator)
    assert sorted(pair.reasons for pair in pairs) == [
        [Reason.TAG, Reason.NAME],
        [Reason.TAG, Reason.NAME],
        [Reason.NAME],
        [Reason.NAME],
    ]
    assert Double.objects.filter(creator=creator).count() == 1


def test_nothing_is_brought_twice(creator, bring):
    bring()
    before = (creator.purchases.count(), Identity.objects.filter(creator=creator).count())

    assert bring() == 1
    assert creator.uploads.count() == len(FILES[creator.handle])
    assert (creator.purchases.count(), Identity.objects.filter(creator=creator).count()) == before
