"""The yardstick of an import: the same pages, read and parsed one after another, nothing else.

By hand, not by what it measures: a connection that is kept and a fast JSON parser.
"""

from collections.abc import Iterable

import orjson
import urllib3

from sandbox.generate import KEY


def read(url: str, asked: Iterable[str]) -> int:
    """Read what is `asked` of the server at `url`, page by page; returns how many rows came."""
    with urllib3.PoolManager(headers={"Authorization": f"Bearer {KEY}"}) as pool:
        pages = (orjson.loads(pool.request("GET", url + address).data) for address in asked)
        return sum(len(page["data"]) for page in pages)
