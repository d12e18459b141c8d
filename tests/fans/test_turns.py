"""How a turn ends, and how that is taken back."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from fans.models import Acquaintance, Touch
from fans.turns import end_turn_of, in_touch, put_off, skip, take_back
from tests.factories import TouchFactory, TurnFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_a_word_ends_the_turn_and_is_noted_with_who_said_it(now):
    turn = TurnFactory()

    assert in_touch(turn=turn, kind="thanked", now=now, text="The box.", by=turn.creator.owner)

    turn.refresh_from_db()
    touch = Touch.objects.get()
    assert (turn.outcome, turn.ended_at) == ("done", now)
    assert (touch.kind, touch.text, touch.by) == ("thanked", "The box.", turn.creator.owner)
    assert Acquaintance.objects.get(fan=turn.fan).last_thanked_at == now


ENDS = [
    lambda turn, now: in_touch(turn=turn, kind="wrote", now=now),
    lambda turn, now: skip(turn=turn, now=now),
    lambda turn, now: put_off(turn=turn, until=turn.day + DAY, now=now),
]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("again", ENDS)
def test_a_turn_ends_once(now, end, again):
    turn = TurnFactory()
    end(turn, now)
    turn.refresh_from_db()
    before = turn.outcome

    assert not again(turn, now + DAY)

    turn.refresh_from_db()
    assert (turn.outcome, turn.ended_at) == (before, now)
    assert Touch.objects.count() == (before == "done")


@pytest.mark.parametrize("end", ENDS)
def test_the_last_step_can_be_taken_back_and_leaves_nothing(now, end):
    turn = TurnFactory()
    end(turn, now)

    assert take_back(turn)
    assert not take_back(turn)

    turn.refresh_from_db()
    assert (turn.outcome, turn.until, turn.ended_at) == ("open", None, None)
    assert not Touch.objects.exists()
    assert not Acquaintance.objects.exists()


def test_taking_back_leaves_the_words_of_other_days(now):
    turn = TurnFactory()
    earlier = TouchFactory(fan=turn.fan, occurred_at=now - DAY)
    in_touch(turn=turn, kind="wrote", now=now)

    take_back(turn)

    assert Touch.objects.get() == earlier


def test_a_turn_that_ended_with_a_mail_is_not_taken_back(now):
    turn = TurnFactory()
    end_turn_of(turn.fan, now=now)

    assert not take_back(turn)

    turn.refresh_from_db()
    assert turn.outcome == "done"


def test_a_word_elsewhere_ends_the_open_turn_and_no_other(now):
    served = TurnFactory(circle=1, outcome="skipped")
    turn = TurnFactory(fan=served.fan, circle=2)
    other = TurnFactory()

    end_turn_of(turn.fan, now=now)

    for row, outcome in ((served, "skipped"), (turn, "done"), (other, "open")):
        row.refresh_from_db()
        assert row.outcome == outcome


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_the_same_moment_note_one_touch(now):
    turn = TurnFactory()
    barrier, done = threading.Barrier(2), []

    def press(kind):
        barrier.wait(10)
        done.append(in_touch(turn=turn, kind=kind, now=now))
        connection.close()

    team = [threading.Thread(target=press, args=[kind]) for kind in ("wrote", "met")]
    for member in team:
        member.start()
    for member in team:
        member.join(30)

    assert sorted(done) == [False, True]
    assert Touch.objects.count() == 1
