"""Asking several questions at once, so that the next pages travel while others are stored."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Generic, TypeVar

K = TypeVar("K")
Q = TypeVar("Q")
A = TypeVar("A")


class Ahead(Generic[K, Q, A]):
    """Calls `ask(question)` in at most `in_flight` threads; answers come in any order.

    Every question is put under a key that comes back with its answer. Threads never touch the
    database: what `ask` returns is for the one who takes it.
    """

    def __init__(self, ask: Callable[[Q], A], *, in_flight: int) -> None:
        self._ask = ask
        self._in_flight = in_flight
        self._pool = ThreadPoolExecutor(in_flight, thread_name_prefix="ahead")
        self._waiting: dict[Future[A], K] = {}

    def __enter__(self) -> "Ahead[K, Q, A]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for what is under way; nothing that has not begun is begun any more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def free(self) -> int:
        """How many more questions could be under way."""
        return self._in_flight - len(self._waiting)

    def put(self, key: K, question: Q) -> None:
        self._waiting[self._pool.submit(self._ask, question)] = key

    def take(self) -> list[tuple[K, A]]:
        """Whatever has been answered, once something has; [] if nothing is under way.

        Raises what `ask` raised.
        """
        if not self._waiting:
            return []
        done, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
        return [(self._waiting.pop(future), future.result()) for future in done]
