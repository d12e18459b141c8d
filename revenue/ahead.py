"""Asking several questions at once, so that the next pages travel while others are stored."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Condition
from types import TracebackType
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K")
Q = TypeVar("Q")
A = TypeVar("A")


class Arrival(NamedTuple, Generic[K, A]):
    """An answer, under the key of its question; `goes_on`: the next question is under way."""

    key: K
    answer: A
    goes_on: bool


class Ahead(Generic[K, Q, A]):
    """Calls `ask(question)` in at most `in_flight` threads; answers come in any order, those to one
    key in theirs.

    What to ask under the same key next is `follow(key, answer)`, None for nothing. It is asked at
    once, unless `most_waiting` answers wait to be taken. Threads never touch the database: what
    `ask` returns is for the one who takes it.
    """

    def __init__(
        self,
        ask: Callable[[Q], A],
        *,
        in_flight: int,
        follow: Callable[[K, A], Q | None] = lambda key, answer: None,
        most_waiting: int = 0,
    ) -> None:
        self._ask = ask
        self._follow = follow
        self._in_flight = in_flight
        self._most_waiting = most_waiting
        self._pool = ThreadPoolExecutor(in_flight, thread_name_prefix="ahead")
        self._arrivals: deque[Arrival[K, A]] = deque()
        self._under_way = 0
        self._problem: BaseException | None = None
        self._changed = Condition()

    def __enter__(self) -> "Ahead[K, Q, A]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for what is under way; nothing that has not begun is begun any more."""
        with self._changed:
            self._most_waiting = 0
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def free(self) -> int:
        """Under how many more keys there could be a question; 0 once one has failed."""
        with self._changed:
            return 0 if self._problem else self._in_flight - self._under_way

    def put(self, key: K, question: Q) -> None:
        with self._changed:
            self._under_way += 1
        self._pool.submit(self._answer, key, question)

    def take(self, *, at_most: int | None = None, patience: float = 0.0) -> list[Arrival[K, A]]:
        """Whatever has been answered, once something has; [] if nothing is under way.

        For `at_most` answers it waits so many seconds of `patience` more. Raises what `ask` raised,
        as soon as all that was answered is taken.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._arrivals or not self._under_way)
            if at_most and patience:
                self._changed.wait_for(
                    lambda: len(self._arrivals) >= at_most or not self._under_way, patience
                )
            if self._problem and not self._arrivals:
                raise self._problem
            count = min(at_most or len(self._arrivals), len(self._arrivals))
            return [self._arrivals.popleft() for _ in range(count)]

    def _answer(self, key: K, question: Q | None) -> None:
        """Ask, and go on with what follows."""
        try:
            while question is not None:
                answer = self._ask(question)
                with self._changed:
                    has_room = len(self._arrivals) < self._most_waiting and not self._problem
                    question = self._follow(key, answer) if has_room else None
                    self._arrivals.append(Arrival(key, answer, question is not None))
                    self._under_way -= question is None
                    self._changed.notify()
        except BaseException as problem:
            with self._changed:
                self._problem = self._problem or problem
                self._under_way -= 1
                self._changed.notify()
