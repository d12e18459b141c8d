"""What the demo's creators did beside selling."""

from datetime import timedelta

import pytest

from demo.cast import prepare
from demo.elsewhere import FILES
from demo.life import live
from demo.manners import MANNERS
from demo.tasks import live_along
from fans.models import Acquaintance, Creator, Delivery, Tagging, Touch
from revenue.models import Upload
from revenue.spend import recompute_due_fans
from revenue.thanks import gratitude_lag
from tests.factories import NOW, FanFactory, PurchaseFactory, SourceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(params=MANNERS)
def creator(request, time_machine):
    """One of the two, with forty who bought three things each; all that is read."""
    time_machine.move_to(NOW)
    prepare()
    creator = Creator.objects.get(handle=request.param)
    source = SourceFactory(creator=creator, synced_at=NOW)
    for fan in FanFactory.create_batch(40, creator=creator, recompute_at=NOW):
        for months in (1, 5, 9):
            bought_at = NOW - timedelta(days=30 * months)
            PurchaseFactory(source=source, fan=fan, amount=50_00, occurred_at=bought_at)
    recompute_due_fans(creator=creator, now=NOW)
    return creator


def test_there_were_words_after_what_was_bought_and_none_are_to_come(creator):
    assert live(creator=creator, now=NOW)

    touches = creator.touch_set.all()
    assert touches.count() > 40
    assert not touches.filter(occurred_at__gte=NOW).exists()
    assert not touches.filter(text__contains="{").exists()
    assert {*touches.values_list("kind", flat=True)} >= {Touch.Kind.THANKED, Touch.Kind.THEY_WROTE}
    assert gratitude_lag(creator=creator, now=NOW).median is not None


def test_they_are_known_and_given_something(creator):
    live(creator=creator, now=NOW)

    known = Acquaintance.objects.filter(creator=creator)
    assert known.filter(birth_month=NOW.month, birth_day=NOW.day).count() == 1
    assert known.exclude(household="").count() == 2
    assert known.exclude(how_we_met="").exists()
    assert creator.note_set.exists()
    assert Tagging.objects.filter(creator=creator).exists()
    assert Delivery.objects.filter(perk__tier__creator=creator).exists()


def test_it_is_done_once_and_leaves_what_a_visitor_does_alone(creator):
    assert live(creator=creator, now=NOW)
    before = creator.touch_set.count()

    assert not live(creator=creator, now=NOW)
    assert creator.touch_set.count() == before


def test_it_waits_until_everything_is_read_and_the_files_are_brought(creator, monkeypatch):
    later = []
    monkeypatch.setattr(live_along, "apply_async", lambda args, countdown: later.append(args))
    creator.sources.update(synced_at=None)

    live_along(creator.pk, 1)
    live_along(creator.pk, 0)
    assert later == [(creator.pk, 0)]
    assert not creator.touch_set.exists()

    creator.sources.update(synced_at=NOW)
    live_along(creator.pk, 1)
    assert later == [(creator.pk, 0)] * 2
    assert creator.uploads.count() == len(FILES[creator.handle])
    assert not creator.touch_set.exists()

    creator.uploads.update(state=Upload.State.UNDONE)
    live_along(creator.pk)
    assert creator.touch_set.exists()
