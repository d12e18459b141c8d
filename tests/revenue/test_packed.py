"""Objects as they came: whatever was kept comes back as it was."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.packed import pack, unpack
from tests.revenue.test_translate import LINE

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(ANYTHING)
def test_what_was_packed_comes_back(value):
    assert unpack(pack(orjson.dumps(value))) == value


@pytest.mark.parametrize("length", [1, 299, 300, 301, 5_000])
def test_short_and_long_come_back(length):
    assert unpack(pack(orjson.dumps("x" * (length - 2)))) == "x" * (length - 2)


def test_a_line_of_the_ledger_takes_less_room():
    json = orjson.dumps(LINE)

    assert len(pack(json)) < len(json) / 2
    assert unpack(memoryview(pack(json))) == LINE


def test_nothing_is_nothing():
    assert unpack(b"") is None
