"""How often something happened lately, counted in the cache."""

from datetime import timedelta

from django.core.cache import cache


def counted(key: str, within: timedelta) -> int:
    """Count `key` once more; how often it was, this time included, since the first of the times
    that are counted, which are forgotten `within` that time."""
    cache.add(key, 0, timeout=within.total_seconds())
    try:
        return cache.incr(key)
    except ValueError:  # it ran out between the two
        return 1
