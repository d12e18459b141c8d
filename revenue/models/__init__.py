"""Money: where it comes from, every line of it that moved, and what was bought with it.

`ledger` holds what the provider says, `purchases` what follows from it by `revenue.counting`,
`sources` how it is read and `checks` the proof that it is right. All amounts are whole minor
units of the currency that stands beside them.
"""

from revenue.models.checks import BooksCheck, Reconciliation, Recount
from revenue.models.ledger import Customer, Invoice, Membership, Movement, Return, SetAside
from revenue.models.purchases import Purchase
from revenue.models.sources import Nudge, Removal, Source, Stretch, Sync

__all__ = [
    "BooksCheck",
    "Customer",
    "Invoice",
    "Membership",
    "Movement",
    "Nudge",
    "Purchase",
    "Reconciliation",
    "Recount",
    "Removal",
    "Return",
    "SetAside",
    "Source",
    "Stretch",
    "Sync",
]
