"""An account whose history a test writes act by act, with a clock of its own.

::

    shop = Workshop(currency="usd")
    ann = shop.customer("ann@example.com", name="Ann")
    sale = shop.charge(2500, customer=ann)
    shop.pass_time(days=3)
    shop.refund(sale, 1000)
    with sandbox.serve([shop.account]) as url:
        ...  # import it with shop.key
    assert shop.truth().people == {("ann@example.com", "usd"): 1500}

Every act says what happened and nothing of how it looks at Stripe: objects, lines of the ledger
and events follow from it. `shop.truth()` follows from the acts too, and from nothing that is
served, so that an importer can be held against it. An act that Stripe would refuse is Impossible.
The clock moves by `pass_time` alone; the same acts give the same ids. An act takes well below a
millisecond, whatever came before it; the books are bound when somebody reads after an act.

`shop.events` are for `sandbox.webhooks.deliver`, in any order and form.
"""

from sandbox.workshop.damage import Malformed
from sandbox.workshop.record import (
    Bill,
    Case,
    Client,
    Impossible,
    Payout,
    Plan,
    Refund,
    Sale,
    Terms,
)
from sandbox.workshop.truth import Purchase, Truth


class Workshop(Malformed):
    """All acts: `people`, `sales`, `refunds`, `disputes`, `memberships`, `treasury`, `damage`."""


__all__ = [
    "Bill",
    "Case",
    "Client",
    "Impossible",
    "Payout",
    "Plan",
    "Purchase",
    "Refund",
    "Sale",
    "Terms",
    "Truth",
    "Workshop",
]
