"""Whose turn it is today, and how a turn ends: in touch, skipped, put off, or taken back."""

from datetime import date, datetime

from django.db import connection, transaction

from fans.models import Creator, Fan, Touch, Turn, User
from fans.touches import forget_touch, record_touch

#: The first half of the key of the lock under which turns are given; the other is the creator's.
LOCK = 7001


def lock_turns(creator: Creator) -> None:
    """Let nobody else give turns of `creator` until the transaction ends.

    Not a lock on the creator's row, which imports hold for the length of a page.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, creator.pk % 2**31])


def bring_back(*, creator: Creator, day: date, circle: int) -> None:
    """Have the open turns of the days before, and those put off until now, on `day`.

    Who was put off comes back in the `circle` that it is by then. The caller holds the lock.
    """
    turns = creator.turn_set.all()
    turns.open().filter(day__lt=day).update(day=day)
    turns.put_off().filter(until__lte=day).update(
        outcome=Turn.Outcome.OPEN, circle=circle, day=day, until=None, ended_at=None
    )


def in_touch(
    *, turn: Turn, kind: Touch.Kind, now: datetime, text: str = "", by: User | None = None
) -> bool:
    """End `turn` with a touch; whether it was open still, so that no touch is noted twice."""
    with transaction.atomic():
        if not _end(turn, Turn.Outcome.DONE, now=now):
            return False
        record_touch(fan=turn.fan, kind=kind, occurred_at=now, text=text, by=by)
    return True


def skip(*, turn: Turn, now: datetime) -> bool:
    """End `turn` for this circle; whether it was open still."""
    return _end(turn, Turn.Outcome.SKIPPED, now=now)


def put_off(*, turn: Turn, until: date, now: datetime) -> bool:
    """Have `turn` again on the day `until`, which is later than its own; whether it was open."""
    return _end(turn, Turn.Outcome.SNOOZED, now=now, until=until)


def take_back(turn: Turn) -> bool:
    """Open `turn` again, and forget the touch that ended it; whether that could be done.

    It cannot where no touch was noted at that very moment: a mail that is on its way, or a touch
    that was taken back itself.
    """
    with transaction.atomic():
        turn = Turn.objects.select_for_update(no_key=True).get(pk=turn.pk)
        if turn.ended_at is None:
            return False
        if turn.outcome == Turn.Outcome.DONE:
            touch = _touch_at(turn, turn.ended_at)
            if touch is None:
                return False
            forget_touch(touch)
        turn.outcome, turn.until, turn.ended_at = Turn.Outcome.OPEN, None, None
        turn.save(update_fields=["outcome", "until", "ended_at"])
    return True


def end_turn_of(fan: Fan, *, now: datetime) -> None:
    """End the open turn of `fan`, if there is one: the creator was in touch with them elsewhere."""
    turns = Turn.objects.filter(creator_id=fan.creator_id, fan=fan).open()
    turns.update(outcome=Turn.Outcome.DONE, ended_at=now)


def _end(turn: Turn, outcome: Turn.Outcome, *, now: datetime, until: date | None = None) -> bool:
    still_open = Turn.objects.filter(pk=turn.pk).open()
    ended = still_open.update(outcome=outcome, ended_at=now, until=until)
    return bool(ended)


def _touch_at(turn: Turn, moment: datetime) -> Touch | None:
    touches = Touch.objects.filter(creator_id=turn.creator_id, fan_id=turn.fan_id)
    return touches.filter(occurred_at=moment).order_by("-pk").first()
