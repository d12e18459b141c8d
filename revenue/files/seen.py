"""Which of very many texts came before, in a few bytes each."""

from array import array
from collections.abc import Hashable

#: A slot holds 64 bits of what came; nothing in it means that it is free.
FREE = 0
SMALLEST = 1 << 10
BITS = (1 << 64) - 1


class Seen:
    """A set that only grows, in 11 to 22 bytes for each of its things; one of Python's own takes a
    hundred. It goes by 64 bits of each, so that among a million no two are ever taken for one."""

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * SMALLEST))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, thing: Hashable) -> bool:
        """Whether `thing` came for the first time."""
        if not self._put(hash(thing) & BITS or 1):
            return False
        self._count += 1
        if self._count * 4 > len(self._slots) * 3:
            self._grow()
        return True

    def _put(self, mark: int) -> bool:
        slots, last = self._slots, len(self._slots) - 1
        place = mark & last
        while (found := slots[place]) != FREE:
            if found == mark:
                return False
            place = (place + 1) & last
        slots[place] = mark
        return True

    def _grow(self) -> None:
        marks, self._slots = self._slots, array("Q", bytes(16 * len(self._slots)))
        for mark in marks:
            if mark != FREE:
                self._put(mark)
