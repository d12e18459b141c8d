"""Python's collector of cyclic garbage, told when there is little for it to find."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: New objects after which it looks; by default 700, less than a page of a provider's answers.
SELDOM = 100_000


def settle_down() -> None:
    """For a process that serves pages, once it is loaded: what it is made of is never looked at
    again, and what a page of a thousand dots leaves is looked through with that of many others."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM // 2)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """For work with many objects that go when they are done with, without cycles: the collector
    would walk them all again and again, for a third of the time that the work takes."""
    before = gc.get_threshold()
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
