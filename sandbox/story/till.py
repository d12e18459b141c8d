"""Takes the money of a story: who pays as which customer, what is declined, what comes back."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sandbox.story.acts import Attempt, Client, Dispute, Item, Payment, Plan, Refund
from sandbox.story.chance import dice
from sandbox.story.people import Person
from sandbox.story.shop import DAY, Shop, local_price, unix

_FULL_REFUNDS, _PART_REFUNDS = 0.016, 0.010
_DECLINED_FIRST = 0.015


@dataclass(frozen=True)
class Fate:
    """What becomes of the first ordinary payment on or after a day: a name in `Till.fates`."""

    day: date
    name: str


class Till:
    def __init__(self, shop: Shop, seed: str, plan: Plan, fates: list[Fate]) -> None:
        self.shop = shop
        self._seed = seed
        self._plan = plan
        self._waiting = sorted(fates, key=lambda fate: fate.day)
        self._fates: dict[str, Callable[[Payment, str, int], None]] = {
            "refund pending": self._pending_refund,
            "refund failed": self._failed_refund,
            "dispute lost": self._lost,
            "dispute won": self._won,
            "dispute open": self._open,
            "inquiry": self._inquiry,
            "moved": self._moved,
        }

    def sell(
        self,
        roll: random.Random,
        person: Person,
        at: int,
        item: Item,
        *,
        email: str | None = None,
    ) -> Payment:
        """A payment for the item, in the person's currency. `email` pays with another address."""
        key = f"sale/{len(self._plan.payments)}"
        letters = self.shop.mint.letters(key)
        client = self._client(roll, person, at, email)
        payment = self._payment(person, item, letters, self._attempt(at, letters), client)
        if roll.random() < _DECLINED_FIRST:
            earlier = at - roll.randint(40, 400)
            payment.declined = (self._attempt(earlier, letters[24:]),)
        elif person.kind and not self._strike(payment, key, at):  # a written part is left alone
            self._chance(roll, payment, key, at)
        return payment

    def decline(self, roll: random.Random, person: Person, at: int, item: Item) -> None:
        """An attempt that never becomes a payment."""
        letters = self.shop.mint.letters(f"sale/{len(self._plan.payments)}")
        attempt = self._attempt(at, letters)
        client = self._client(roll, person, at, None)
        payment = self._payment(person, item, letters, attempt, client)
        payment.declined, payment.paid = (attempt,), None

    def client(self, person: Person, at: int, *, email: str | None = None) -> Client:
        """A new customer for the person, from now on the one they pay as."""
        key = f"client/{len(self._plan.clients)}"
        address = email or person.email or f"guest{person.number}@example.com"
        letters = self.shop.mint.letters(key)
        client = Client(f"cus_{letters[:14]}", person, at - 400, address)
        if person.forgotten:
            client.deleted_at = at + dice(self._seed, key).randint(20, 200) * DAY
        person.clients.append(client)
        self._plan.clients.append(client)
        return client

    def _client(
        self, roll: random.Random, person: Person, at: int, email: str | None
    ) -> Client | None:
        if email:
            known = next((c for c in person.clients if c.email == email), None)
            return known or self.client(person, at, email=email)
        if person.guest:
            return None
        if not person.clients:
            return self.client(person, at)
        if person.several and person.email and roll.random() < 0.4 and len(person.clients) < 4:
            return self.client(person, at, email=_other_capitals(person.email, roll))
        client = person.clients[-1]
        if client.deleted_at and client.deleted_at <= at:
            return self.client(person, at)
        return client

    def _attempt(self, at: int, letters: str) -> Attempt:
        return Attempt(self.shop.mint.timed("ch_3", at, letters), at)

    def _payment(
        self, person: Person, item: Item, letters: str, paid: Attempt, client: Client | None
    ) -> Payment:
        mint = self.shop.mint
        payment = Payment(
            intent=mint.timed("pi_3", paid.at, letters[8:]),
            person=person,
            client=client,
            email=client.email if client else person.email,
            words=item.words,
            metadata=item.metadata,
            amount=local_price(item.price, self.shop.currency, person.currency),
            currency=person.currency,
            declined=(),
            paid=paid,
            movement=mint.timed("txn_3", paid.at, letters[16:]),
        )
        self._plan.payments.append(payment)
        return payment

    def _chance(self, roll: random.Random, payment: Payment, key: str, at: int) -> None:
        luck = roll.random()
        later = at + roll.randint(DAY, 25 * DAY)
        if luck < _FULL_REFUNDS:
            reason = roll.choice(("requested_by_customer", "duplicate", None))
            payment.refunds.append(self._refund(key, later, payment.amount, reason))
        elif luck < _FULL_REFUNDS + _PART_REFUNDS:
            part = payment.amount * roll.choice((20, 30, 50)) // 100
            payment.refunds.append(self._refund(key, later, part, "requested_by_customer"))

    def _strike(self, payment: Payment, key: str, at: int) -> bool:
        """Lets the fate that waits longest befall the payment, if it is an ordinary one."""
        if not payment.client or not self._waiting or at < unix(self._waiting[0].day):
            return False
        self._fates[self._waiting.pop(0).name](payment, key, at)
        return True

    def _refund(self, key: str, at: int, amount: int, reason: str | None = None) -> Refund:
        letters = self.shop.mint.letters(f"{key}/refund")
        mint = self.shop.mint
        return Refund(
            id=mint.timed("re_3", at, letters),
            movement=mint.timed("txn_3", at, letters[8:]),
            at=at,
            amount=amount,
            reason=reason,
            failure_movement=mint.timed("txn_1", at, letters[16:]),
        )

    def _pending_refund(self, payment: Payment, key: str, at: int) -> None:
        refund = self._refund(key, at + DAY, payment.amount, "requested_by_customer")
        refund.pending_until = refund.at + 6 * DAY
        payment.refunds.append(refund)

    def _failed_refund(self, payment: Payment, key: str, at: int) -> None:
        refund = self._refund(key, at + 3 * DAY, payment.amount, "requested_by_customer")
        refund.failed_at = refund.at + 8 * DAY
        payment.refunds.append(refund)

    def _dispute(self, key: str, at: int, closes_at: int, *, won: bool, reason: str) -> Dispute:
        letters = self.shop.mint.letters(f"{key}/dispute")
        return Dispute(
            id=self.shop.mint.timed("du_1", at, letters),
            movement=self.shop.mint.timed("txn_1", at, letters[8:]),
            reversal=self.shop.mint.timed("txn_1", closes_at, letters[16:]),
            at=at,
            closes_at=closes_at,
            won=won,
            reason=reason,
        )

    def _lost(self, payment: Payment, key: str, at: int) -> None:
        opened = at + 12 * DAY
        payment.dispute = self._dispute(
            key, opened, opened + 48 * DAY, won=False, reason="fraudulent"
        )

    def _won(self, payment: Payment, key: str, at: int) -> None:
        opened = at + 19 * DAY
        payment.dispute = self._dispute(
            key, opened, opened + 61 * DAY, won=True, reason="product_not_received"
        )

    def _open(self, payment: Payment, key: str, at: int) -> None:
        opened = at + 8 * DAY
        payment.dispute = self._dispute(
            key, opened, opened + 75 * DAY, won=False, reason="subscription_canceled"
        )

    def _inquiry(self, payment: Payment, key: str, at: int) -> None:
        opened = at + 10 * DAY
        payment.dispute = self._dispute(
            key, opened, opened + 90 * DAY, won=False, reason="unrecognized"
        )
        payment.dispute.inquiry = True

    def _moved(self, payment: Payment, key: str, at: int) -> None:
        """The customer's e-mail changes two days later; old charges keep the old one."""
        client = payment.client
        if client and client.moved is None:
            client.moved = (at + 2 * DAY, f"new.{client.email.lower()}")


def _other_capitals(email: str, roll: random.Random) -> str:
    """The same address as somebody else's keyboard writes it."""
    local, _, host = email.partition("@")
    return roll.choice((email, f"{local.title()}@{host}", f"{local}@{host.title()}", email.upper()))
