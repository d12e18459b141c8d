"""A platform as far as its files are concerned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise

from revenue.files.columns import Column, Fit, columns_of
from revenue.files.outcomes import Outcome
from revenue.files.reading import Table
from revenue.files.sheet import Sheet

C = TypeVar("C", bound=tuple[str, ...])
Words = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform(Generic[C]):
    """One kind of file of one platform, which is told from all others by its header.

    `cells` says which columns it has (see `columns`); `read` makes an outcome of one row's cells,
    or raises Skip. Where several rows are one order, `order_of` gives the id of the order that a
    row belongs to ("" for none), and `read_order` makes one outcome of neighbouring rows.

    `currency` is that of every amount, "" where rows name theirs or nobody does. `date_order` and
    `mark` are how the platform writes dates and amounts where a file leaves it open; `date_order`
    may depend on the file: (header, some rows) → order. `zone` is where its clocks hang, "" for
    the creator's. `is_minor` says that amounts are in cents, None that it differs.

    A file with a `refusal` is recognised so that it can be said why it is of no use. `advice` is
    shown before an import. `shape` recognises a header in any language by the cells below it:
    (header, some rows) → the places of the fields, or None. `look` sees the whole table before any
    row is read, where a row alone does not tell what it is.
    """

    slug: str
    name: str
    cells: type[C]
    read: Callable[[C, Sheet, int], Outcome] | None = None
    order_of: Callable[[C], str] | None = None
    read_order: Callable[[Sequence[C], Sheet, Sequence[int]], Outcome] | None = None
    currency: str = ""
    date_order: str | Callable[[Sequence[str], Sequence[C]], str] = ""
    mark: str = "."
    zone: str = "UTC"
    is_minor: bool | None = False
    refusal: Words = ""
    advice: Words = ""
    shape: Callable[[Sequence[str], Sequence[Sequence[str]]], Fit | None] | None = None
    look: Callable[[Table, "Match", Sheet], None] | None = None
    columns: Mapping[str, Column] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", columns_of(self.cells))


@dataclass(frozen=True, slots=True)
class Match:
    """A table that was recognised; `fit` says where its columns are."""

    platform: Platform[Any]
    fit: Fit

    def cells(self, row: Sequence[str]) -> Any:
        """The cells of `row` under the names that the platform's module gives them."""
        places = self.fit.places.values()
        return self.platform.cells._make(row[place] if place >= 0 else "" for place in places)
