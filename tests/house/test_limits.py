"""How often something happened lately."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from truefans.limits import counted


@pytest.fixture(autouse=True)
def _nothing_is_counted_yet():
    cache.clear()


def test_everything_is_counted_by_itself():
    hour = timedelta(hours=1)
    assert [counted("a", hour), counted("b", hour), counted("a", hour)] == [1, 1, 2]


def test_what_is_forgotten_at_that_very_moment_is_counted_from_the_beginning():
    assert [counted("a", timedelta(0)) for _ in range(2)] == [1, 1]


def test_it_is_forgotten_so_long_after_the_first_time():
    counted("a", timedelta(hours=1))
    cache.touch("a", 30)
    counted("a", timedelta(hours=1))

    assert cache._cache.get_client().ttl(cache.make_key("a")) <= 30
