"""Memberships: who joins, what they are billed, and how it ends."""

import calendar
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.books import Json
from sandbox.shapes import billing
from sandbox.story.acts import Attempt, Ending, Invoice, Membership, Payment, Plan
from sandbox.story.chance import dice
from sandbox.story.people import FOREVER, Person
from sandbox.story.shop import DAY, day_of
from sandbox.story.till import Till

_HOUR = 3_600
_RETRIES = (0, 3 * DAY, 8 * DAY, 15 * DAY)  # after the first attempt, as Stripe spaces them
_RECOVERED = 0.012  # share of renewals that are declined once and paid three days later


@dataclass(frozen=True)
class Tier:
    """`amount` in minor units of the shop's currency, each `interval` (`month` or `year`)."""

    name: str
    amount: int
    interval: str

    @property
    def months(self) -> int:
        return 12 if self.interval == "year" else 1


def months_later(at: int, months: int) -> int:
    """The same time of day, `months` later, on the last day of a shorter month."""
    moment = datetime.fromtimestamp(at, UTC)
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())


class Club:
    def __init__(
        self, till: Till, plan: Plan, seed: str, name: str, symbol: str, tiers: Sequence[Tier]
    ) -> None:
        self._till = till
        self._plan = plan
        self._seed = seed
        self._mint = till.shop.mint
        self._words = {
            tier: f"1 × {name} (at {symbol}{tier.amount / 100:.2f} / {tier.interval})"
            for tier in tiers
        }
        self._prices = self._publish(name, tiers)
        self._tier_of: dict[str, Tier] = {}

    def join(self, person: Person, at: int, tier: Tier, *, stays: bool = False) -> Membership:
        """`stays` for somebody who will never leave."""
        key = f"member/{len(self._plan.memberships)}"
        letters = self._mint.letters(key)
        client = person.clients[-1] if person.clients else self._till.client(person, at)
        membership = Membership(
            id=self._mint.timed("sub_1", at, letters),
            item=f"si_{letters[8:22]}",
            client=client,
            price=self._prices[tier],
            words=self._words[tier],
            start=at,
        )
        if not stays:
            self._end(membership, person, tier, dice(self._seed, key, "end"))
        person.guest = False
        person.member_until = membership.ended_at or months_later(at, 1200)
        self._plan.memberships.append(membership)
        self._tier_of[membership.id] = tier
        return membership

    def bill(self, until: int) -> None:
        """Adds to each membership the invoices of the periods that begin before `until`."""
        for number, membership in enumerate(self._plan.memberships):
            self._bill(membership, f"member/{number}", until)

    def _publish(self, name: str, tiers: Sequence[Tier]) -> dict[Tier, Json]:
        opened = self._till.shop.opened
        letters = self._mint.letters(f"product/{name}")
        product = f"prod_{letters[:14]}"
        prices = {
            tier: billing.price(
                self._mint.timed("price_1", opened, letters[14 + 8 * place :]),
                created=opened,
                product=product,
                amount=tier.amount,
                currency=self._till.shop.currency,
                interval=tier.interval,
            )
            for place, tier in enumerate(tiers)
        }
        self._plan.prices.extend(prices.values())
        self._plan.products.append(
            billing.product(
                product,
                created=opened,
                name=name,
                description=name,
                price=next(iter(prices.values()))["id"],
            )
        )
        return prices

    def _end(self, membership: Membership, person: Person, tier: Tier, roll: random.Random) -> None:
        """Some leave by choice after a while, some by a card that fails, most stay on."""
        luck = roll.random()
        ending: Ending | None = "choice" if luck < 0.30 else "card" if luck < 0.43 else None
        periods = 1 + roll.randrange(20) // tier.months
        if (
            person.leaves < FOREVER
        ):  # interest fades; the membership is not always cancelled at once
            fading = (person.leaves - day_of(membership.start).toordinal()) // (30 * tier.months)
            ending, periods = ending or "choice", max(1, min(periods, fading + 1))
        if ending is None:
            return
        renewal = months_later(membership.start, periods * tier.months)
        membership.ending = ending
        if ending == "choice":
            membership.asked_at = renewal - roll.randint(2, 25) * DAY
            membership.ended_at = renewal
        else:
            membership.asked_at = membership.ended_at = renewal + _HOUR + _RETRIES[-1] + 60

    def _bill(self, membership: Membership, key: str, until: int) -> None:
        months = self._tier_of[membership.id].months
        end = membership.ended_at or until
        roll = dice(self._seed, key, "bills")
        count = 0
        start = membership.start
        while start < min(end, until):
            following = months_later(membership.start, (count + 1) * months)
            last = membership.ending == "card" and following > end
            recovered = roll.random() < _RECOVERED and bool(membership.client.person.kind)
            membership.invoices.append(
                self._invoice(membership, f"{key}/{count}", (start, following), last, recovered)
            )
            count, start = count + 1, following

    def _invoice(
        self,
        membership: Membership,
        key: str,
        period: tuple[int, int],
        fails: bool,
        recovered: bool,
    ) -> Invoice:
        letters = self._mint.letters(key)
        first = period[0] == membership.start
        finalized_at = period[0] + (0 if first else _HOUR)
        tries = _RETRIES if fails else _RETRIES[:2] if recovered and not first else (0,)
        attempts = [
            Attempt(self._mint.timed("ch_3", finalized_at, letters[32 + 8 * place :]), at)
            for place, at in enumerate(finalized_at + 2 + wait for wait in tries)
        ]
        return Invoice(
            id=self._mint.timed("in_1", period[0], letters[8:]),
            line=self._mint.timed("il_1", period[0], letters[16:]),
            link=self._mint.timed("inpay_1", period[0], letters[24:]),
            number=f"{membership.client.id[-8:].upper()}-{key.rpartition('/')[2]:0>4}",
            created=period[0],
            finalized_at=finalized_at,
            period=period,
            payment=self._payment(membership, letters, attempts, first=first, fails=fails),
            uncollectible_at=attempts[-1].at if fails else None,
        )

    def _payment(
        self,
        membership: Membership,
        letters: str,
        attempts: list[Attempt],
        *,
        first: bool,
        fails: bool,
    ) -> Payment:
        at = attempts[0].at
        return Payment(
            intent=self._mint.timed("pi_3", at, letters),
            person=membership.client.person,
            client=membership.client,
            email=None,
            words="Subscription creation" if first else "Subscription update",
            metadata={},
            amount=membership.price["unit_amount"],
            currency=membership.price["currency"],
            declined=tuple(attempts if fails else attempts[:-1]),
            paid=None if fails else attempts[-1],
            movement=self._mint.timed("txn_3", at, letters[8:]),
            recurring=True,
        )
