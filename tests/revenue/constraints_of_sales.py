"""How to break each constraint of sales by hand, by the constraint's name."""

from tests.factories import ClaimFactory, SaleEntryFactory, SourceFactory
from tests.fans.constraints import twice

CASES = {
    "sale_entry_is_written_once": lambda: twice(
        SaleEntryFactory, source=SourceFactory(kind="hand"), external_id="sale_1"
    ),
    "sale_entry_is_of_something": lambda: SaleEntryFactory(amount=0),
    "sale_entry_returns_at_most_whole": lambda: SaleEntryFactory(amount=5, returned=6),
    "sale_has_one_claim": lambda: twice(
        ClaimFactory, source=SourceFactory(kind="hand"), external_id="sale_1"
    ),
}
