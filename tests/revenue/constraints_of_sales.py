"""How to break each constraint of sales by hand and of likely doubles, by the constraint's name."""

from tests.factories import (
    NOW,
    ClaimFactory,
    CreatorFactory,
    DoubleFactory,
    SaleEntryFactory,
    SourceFactory,
)
from tests.fans.constraints import twice


def _found_twice() -> None:
    creator = CreatorFactory()
    both = {"source": SourceFactory(creator=creator), "twin_source": SourceFactory(creator=creator)}
    twice(DoubleFactory, **both, external_id="ch_1", twin_id="row-1")


def _of_one_source() -> None:
    source = SourceFactory()
    DoubleFactory(source=source, twin_source=source)


def _of_two_creators() -> None:
    source = SourceFactory()
    DoubleFactory(source=source, twin_source=SourceFactory())


CASES = {
    "sale_entry_is_written_once": lambda: twice(
        SaleEntryFactory, source=SourceFactory(kind="hand"), external_id="sale_1"
    ),
    "sale_entry_is_of_something": lambda: SaleEntryFactory(amount=0),
    "sale_entry_returns_at_most_whole": lambda: SaleEntryFactory(amount=5, returned=6),
    "sale_has_one_claim": lambda: twice(
        ClaimFactory, source=SourceFactory(kind="hand"), external_id="sale_1"
    ),
    "double_is_found_once": _found_twice,
    "double_is_of_two_sources": _of_one_source,
    "double_says_when": lambda: DoubleFactory(verdict="two"),
    "double_source_is_of_the_same_creator": lambda: DoubleFactory(
        creator=CreatorFactory(), verdict="one", said_at=NOW
    ),
    "double_twin_source_is_of_the_same_creator": _of_two_creators,
}
