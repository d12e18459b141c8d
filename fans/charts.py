"""Bars, drawn as SVG. Pure: numbers in, geometry out; words and the table are the template's.

The picture is stretched to the width there is, so it holds no text: labels stand below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

#: The units of the picture. A bar takes `STEP` across with the space around it.
STEP = 10
WIDTH = 7
HEIGHT = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A bar: its label, and for each series its `amounts` (whole numbers, at least 0) and the same
    as they are `shown`. `is_marked`: its label stands below it."""

    label: str
    amounts: Sequence[int]
    shown: Sequence[str]
    is_marked: bool = True


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a bar, in units of the picture. `series` counts from 0."""

    x: int
    y: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of stacked bars; `series` are the names of the parts, from the bottom up."""

    title: str
    about: str
    series: Sequence[str]
    columns: Sequence[Column]

    @property
    def width(self) -> int:
        return STEP * len(self.columns)

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def is_empty(self) -> bool:
        return not any(any(column.amounts) for column in self.columns)

    @property
    def highest(self) -> Column:
        return max(self.columns, key=lambda column: sum(column.amounts))

    @property
    def blocks(self) -> list[Block]:
        """Every part that is more than nothing; the highest bar fills the picture."""
        most = max((sum(column.amounts) for column in self.columns), default=0) or 1
        found = []
        for place, column in enumerate(self.columns):
            tops = accumulate(column.amounts)
            for series, (amount, top) in enumerate(zip(column.amounts, tops, strict=True)):
                if amount > 0:
                    found.append(
                        Block(
                            x=STEP * place + (STEP - WIDTH) // 2,
                            y=round(HEIGHT * (1 - top / most), 2),
                            height=round(HEIGHT * amount / most, 2),
                            series=series,
                        )
                    )
        return found
