"""Money: where it comes from, every line of it that moved, and what was bought with it.

`ledger` holds what the provider says, `purchases` what follows from it by `revenue.counting`,
`sources` how it is read, `checks` the proof that it is right and `summary` what it comes to. All
amounts are whole minor units of the currency that stands beside them.
"""

from revenue.models.assignments import Assignment
from revenue.models.checks import BooksCheck, Reconciliation, Recount
from revenue.models.departures import Departure
from revenue.models.doubles import Double
from revenue.models.ledger import Customer, Invoice, Membership, Movement, Return, SetAside
from revenue.models.live import Inbox, Message
from revenue.models.purchases import Purchase
from revenue.models.rates import DailyRate, SaidRate
from revenue.models.selling import Claim, SaleEntry
from revenue.models.sources import Nudge, Removal, Source, Stretch, Sync
from revenue.models.summary import Summary
from revenue.models.uploads import PaymentLink, SkippedRow, Statement, Upload, UploadPart

__all__ = [
    "Assignment",
    "BooksCheck",
    "Claim",
    "Customer",
    "DailyRate",
    "Departure",
    "Double",
    "Inbox",
    "Invoice",
    "Membership",
    "Message",
    "Movement",
    "Nudge",
    "PaymentLink",
    "Purchase",
    "Reconciliation",
    "Recount",
    "Removal",
    "Return",
    "SaidRate",
    "SaleEntry",
    "SetAside",
    "SkippedRow",
    "Source",
    "Statement",
    "Stretch",
    "Summary",
    "Sync",
    "Upload",
    "UploadPart",
]
