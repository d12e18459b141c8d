"""Pages asked for before they are needed: how many, in which order, and what if one fails."""

import threading
import time

import pytest

from revenue.ahead import Ahead

LAST = 9


def follow(key, answer):
    """After the answer to question n comes question n + 1, to the last one."""
    return answer + 1 if answer < LAST else None


def ask(question):
    return question


def wait_until(what, seconds=5):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_what_follows_is_asked_by_itself_and_comes_in_order():
    with Ahead(ask, follow=follow, in_flight=2, most_waiting=100) as ahead:
        ahead.put("a", 0)
        ahead.put("b", 5)
        taken = []
        while arrivals := ahead.take(at_most=3):
            assert len(arrivals) <= 3
            taken += arrivals

    assert [arrival.answer for arrival in taken if arrival.key == "a"] == list(range(LAST + 1))
    assert [arrival.answer for arrival in taken if arrival.key == "b"] == list(range(5, LAST + 1))
    assert [arrival.answer for arrival in taken if not arrival.goes_on] == [LAST, LAST]


def test_no_more_is_asked_while_enough_waits_to_be_taken():
    asked = []

    def ask(question):
        asked.append(question)
        return question

    with Ahead(ask, follow=follow, in_flight=1, most_waiting=3) as ahead:
        ahead.put("a", 0)
        wait_until(lambda: ahead.free == 1)

        assert asked == [0, 1, 2, 3]
        assert [a.goes_on for a in ahead.take()] == [True, True, True, False]
        assert ahead.take() == []


def test_never_more_questions_than_allowed_are_under_way():
    under_way, most = [], []

    def ask(question):
        under_way.append(question)
        most.append(len(under_way))
        time.sleep(0.002)
        under_way.remove(question)
        return question

    with Ahead(ask, in_flight=3) as ahead:
        for number in range(20):
            ahead.put(number, number)
        taken = 0
        while arrivals := ahead.take():
            taken += len(arrivals)

    assert (taken, max(most)) == (20, 3)


def test_what_was_answered_is_given_before_a_problem_is_raised():
    both = threading.Barrier(2)

    def ask(question):
        if question == 3:
            both.wait()
            raise ConnectionError("gone")
        if question == 0:
            both.wait()
        return question

    with Ahead(ask, follow=follow, in_flight=2, most_waiting=100) as ahead:
        ahead.put("good", 0)
        ahead.put("bad", 3)
        wait_until(lambda: ahead.free == 0)
        good = ahead.take()
        with pytest.raises(ConnectionError):
            ahead.take()

    assert {arrival.key for arrival in good} == {"good"}


def test_leaving_waits_for_what_is_under_way_and_asks_nothing_more():
    asked = []

    def ask(question):
        asked.append(question)
        time.sleep(0.05)
        return question

    with Ahead(ask, follow=follow, in_flight=1, most_waiting=100) as ahead:
        ahead.put("a", 0)
        wait_until(lambda: asked)

    assert len(asked) <= 2
    time.sleep(0.1)
    assert len(asked) <= 2
