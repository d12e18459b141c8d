"""Objects as they should never be, for an importer that has to set them aside and go on."""

from collections.abc import Collection
from typing import Any, Literal

from sandbox.workshop.desk import Damage, act
from sandbox.workshop.disputes import Disputes
from sandbox.workshop.people import People
from sandbox.workshop.record import Thing, insist
from sandbox.workshop.refunds import Refunds
from sandbox.workshop.treasury import Treasury

Kind = Literal[
    "balance_transaction",
    "charge",
    "customer",
    "dispute",
    "invoice",
    "payment_intent",
    "payout",
    "refund",
    "subscription",
]


class Malformed(People, Refunds, Disputes, Treasury):
    @act
    def malformed(
        self, thing: Thing | Kind | str, /, *, without: Collection[str] = (), **wrong: Any
    ) -> str:
        """Lacks the fields `without`, and has `wrong` in others, from now on; returns its id.

        `thing` is a record, an id (of a line, for one), or a kind, of which a new one is then made
        with everything that belongs to it, for a person of its own. The money on the ledger is as
        it ought to be, so the balance is too.
        """
        insist(not {"id", "object"} & {*without, *wrong}, "An object must remain one")
        identifier = self._made(thing) if isinstance(thing, str) else thing.id
        insist(identifier in self._objects, "There is no such object")
        self._damage[identifier] = Damage(frozenset(without), wrong)
        return identifier

    def _made(self, kind: str) -> str:
        """The id of a new object of the kind, or what was given if that is no kind."""
        address = f"malformed{self._minted}@example.com"
        match kind:
            case "balance_transaction":
                return str(self.charge(1000, email=address).line)
            case "charge":
                return self.charge(1000, email=address).id
            case "payment_intent":
                return str(self.charge(1000, email=address).intent)
            case "refund":
                return self.refund(self.charge(1000, email=address)).id
            case "dispute":
                return self.dispute(self.charge(1000, email=address)).id
            case "customer":
                client = self.customer(address)
                self.charge(1000, customer=client)
                return client.id
            case "invoice":
                return self.invoice(self.customer(address), 1000, paid="unpaid").id
            case "subscription":
                return self.membership(self.customer(address), 1000, trial_days=7).id
            case "payout":
                return self.payout(1000).id
        return kind
