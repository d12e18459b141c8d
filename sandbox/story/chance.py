"""Chance that falls the same way each time it is asked."""

import random
from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


def dice(*parts: object) -> random.Random:
    """Dice of their own for the parts: the same parts, the same throws."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - a story, not a secret


class Wheel(Generic[T]):
    """Spins to one of the values, as often as its weight says."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._values = list(weights)
        self._sums = list(accumulate(weights.values()))

    @property
    def empty(self) -> bool:
        return not self._sums or not self._sums[-1]

    def spin(self, roll: random.Random) -> T:
        return self._values[bisect(self._sums, roll.random() * self._sums[-1])]
