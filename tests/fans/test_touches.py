"""Touches, and the acquaintance that follows from them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fans.acquaintance import acquaintance_of, keep
from fans.models import Acquaintance, Fan, Touch
from fans.touches import forget_touch, record_touch
from tests.factories import AcquaintanceFactory, FanFactory, TouchFactory
from tests.revenue.histories import examples

pytestmark = pytest.mark.django_db

KINDS = st.sampled_from(list(Touch.Kind))
#: A touch (its kind and how many days ago), or which of those that there are is taken back.
STEPS = st.lists(st.tuples(KINDS, st.integers(0, 5)) | st.integers(0, 9), max_size=14)


def said_by_touches(fan):
    """The latest of all, of the creator's own words, of the thanks; by going through them."""
    said = list(fan.touch_set.values_list("kind", "occurred_at"))
    every = [at for _kind, at in said]
    words = [at for kind, at in said if kind != "they_wrote"]
    thanks = [at for kind, at in said if kind == "thanked"]
    return tuple(max(some, default=None) for some in (every, words, thanks))


def said_by_acquaintance(fan):
    known = Acquaintance.objects.filter(fan=fan).first()
    if known is None:
        return None, None, None
    return known.last_touch_at, known.last_word_at, known.last_thanked_at


@examples(40)
@given(steps=STEPS, note=st.sampled_from(["", "the harp"]))
def test_an_acquaintance_says_what_the_touches_say_in_whatever_order_they_come_and_go(
    now, steps, note
):
    fan = FanFactory()
    if note:
        AcquaintanceFactory(fan=fan, cares_about=note)
    for step in steps:
        touches = list(fan.touch_set.order_by("pk"))
        if isinstance(step, tuple):
            kind, days = step
            record_touch(fan=fan, kind=kind, occurred_at=now - timedelta(days=days))
        elif touches:
            forget_touch(touches[step % len(touches)])

        assert said_by_acquaintance(fan) == said_by_touches(fan)
        is_known = Acquaintance.objects.filter(fan=fan).exists()
        assert is_known == bool(note or fan.touch_set.exists())


def test_who_has_no_touch_and_no_word_about_them_left_is_unacquainted(now):
    fan = FanFactory()
    touch = record_touch(fan=fan, kind="wrote", occurred_at=now)
    assert not Fan.objects.unacquainted().exists()

    forget_touch(touch)

    assert Fan.objects.unacquainted().get() == fan


def test_what_is_known_of_somebody_outlives_their_last_touch(now):
    fan = FanFactory()
    known = acquaintance_of(fan)
    known.birth_month, known.birth_day = 2, 29
    keep(known)
    touch = record_touch(fan=fan, kind="met", occurred_at=now)

    forget_touch(touch)

    known = Acquaintance.objects.get(fan=fan)
    assert (known.birth_day, known.last_touch_at) == (29, None)


def test_touches_of_others_do_not_count(now):
    fan, other = FanFactory.create_batch(2, creator=FanFactory().creator)
    TouchFactory(fan=other, occurred_at=now)

    record_touch(fan=fan, kind="they_wrote", occurred_at=now - timedelta(days=3))

    assert said_by_acquaintance(fan) == (now - timedelta(days=3), None, None)


@pytest.mark.parametrize(
    ("links", "followed"),
    [
        (
            "https://ada.example\nhttp://old.example/x",
            ["https://ada.example", "http://old.example/x"],
        ),
        ("javascript:alert(1)\ndata:text/html,x\nada.example", []),
        ("", []),
    ],
)
def test_only_addresses_of_the_web_are_links(links, followed):
    assert Acquaintance(links=links).addresses == followed
