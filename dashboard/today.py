"""Whose turn it is today, with all that one wants to know before one writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, QuerySet

from dashboard.mailing import opening_of, own_mail
from dashboard.reasons import Case, sentence
from dashboard.touch_forms import TurnForm
from fans.attention import today_of, with_rhythm
from fans.circle import Circle
from fans.field import Field, Person, lay_out
from fans.letters import address_of
from fans.models import Acquaintance, Creator, Fan, Touch, Turn
from revenue.models import Purchase
from revenue.thanks import with_owed

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Card:
    """One person on the page. `mail` is where one's own mail program begins a mail to them, "" if
    they have no address; `form` is what was filled in wrongly, if anything."""

    turn: Turn
    fan: Fan
    why: str
    known: Acquaintance | None
    last_said: Touch | None
    last_bought: Purchase | None
    mail: str
    form: TurnForm | None

    @property
    def may_be_taken_back(self) -> bool:
        """Whether its end can be undone; that of a mail cannot."""
        if self.turn.outcome == Turn.Outcome.DONE:
            return self.last_said is not None and self.last_said.occurred_at == self.turn.ended_at
        return not self.turn.is_open


def cards(
    creator: Creator, turns: Iterable[Turn], *, now: datetime, wrong: TurnForm | None = None
) -> list[Card]:
    """A card for each of `turns`; five queries. `wrong` is the form of one of them."""
    day, now = today_of(creator, now), now.astimezone(creator.zone)
    ids = [turn.fan_id for turn in turns]
    people = with_rhythm(creator.fans.filter(pk__in=ids), creator=creator, today=day)
    fans = with_owed(people, creator=creator).select_related("tier").in_bulk()
    known = {known.fan_id: known for known in creator.acquaintance_set.filter(fan__in=ids)}
    said = _last(creator.touch_set.filter(fan__in=ids))
    paid = creator.purchases.exclude(state__in=Purchase.NOTHING_PAID).defer("raw")
    bought = _last(paid.filter(fan__in=ids))
    soonest_last = creator.memberships.leaving(now).filter(fan__in=ids).defer("raw").reverse()
    leaving = {membership.fan_id: membership for membership in soonest_last}

    def card(turn: Turn) -> Card:
        fan = fans[turn.fan_id]
        fan.creator = creator
        case = Case(fan, known.get(fan.pk), leaving.get(fan.pk), today=day, now=now)
        return Card(
            turn=turn,
            fan=fan,
            why=sentence(turn.reason, case),
            known=case.known,
            last_said=said.get(fan.pk),
            last_bought=bought.get(fan.pk),
            mail=own_mail(address_of(fan), opening_of(fan, turn.reason)),
            form=wrong if wrong and wrong.turn == turn else None,
        )

    return [card(turn) for turn in turns]


def picture_of(circle: Circle) -> Field:
    """A dot for everybody in the circle, full for who had their turn."""
    served = [Person(fraction=1.0)] * circle.served
    return lay_out(target_count=circle.everybody, true_fans=served, on_their_way=[])


def _last(rows: QuerySet[Row]) -> dict[int, Row]:
    """The newest of `rows` of each fan."""
    newest = rows.order_by("fan", "-occurred_at", "-pk").distinct("fan")
    return {row.fan_id: row for row in newest}  # type: ignore[attr-defined]
