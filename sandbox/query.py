"""Reads the parameters of a request, and refuses wrong ones in Stripe's words.

Stripe writes nested parameters with brackets: `created[gte]=1`, `expand[]=data.source`,
`types[0]=charge.refunded`, `payment[payment_intent]=pi_1`.
"""

import re
from collections.abc import Collection
from urllib.parse import parse_qsl

from sandbox.errors import ApiError, bad_request

_NAME = re.compile(r"(\w+)(?:\[(\w*)\])?$")
_LIST_KEY = re.compile(r"\d*$")
_BOUNDS = {"gt", "gte", "lt", "lte"}


class Query:
    def __init__(self, raw: str) -> None:
        self.single: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {}
        self.nested: dict[str, dict[str, str]] = {}
        for name, value in parse_qsl(raw, keep_blank_values=True):
            self._take(name, value)

    def _take(self, name: str, value: str) -> None:
        match = _NAME.match(name)
        if match is None:
            raise unknown(name)
        base, key = match.groups()
        if key is None:
            self.single[base] = value
        elif _LIST_KEY.match(key):
            self.lists.setdefault(base, []).append(value)
        else:
            self.nested.setdefault(base, {})[key] = value

    def refuse_unknown(self, known: Collection[str]) -> None:
        for name in (*self.single, *self.lists, *self.nested):
            if name not in known:
                raise unknown(name)

    def text(self, name: str) -> str | None:
        """A plain parameter, or a nested one by `payment[payment_intent]`."""
        base, _, key = name.rstrip("]").partition("[")
        if key:
            return self.nested.get(base, {}).get(key)
        if base in self.lists or base in self.nested:
            raise bad_request(f"Invalid string: {base}", base)
        return self.single.get(base)

    @property
    def limit(self) -> int:
        limit = _integer(self.single.get("limit", "10"), "limit")
        if limit < 1:
            message = "This value must be greater than or equal to 1."
            raise bad_request(message, "limit", "parameter_invalid_integer")
        if limit > 100:
            message = (
                f"This value must be less than or equal to 100 (limit currently set to `{limit}`)."
            )
            raise bad_request(message, "limit", "parameter_invalid_integer")
        return limit

    @property
    def created(self) -> tuple[int | None, int | None]:
        """The half-open span (start, end) of `created`; None where it is open."""
        exact = self.single.get("created")
        if exact is not None:
            moment = _integer(exact, "created")
            return moment, moment + 1
        bounds = self.nested.get("created", {})
        if not bounds.keys() <= _BOUNDS:
            raise unknown(f"created[{min(bounds.keys() - _BOUNDS)}]")
        value = {key: _integer(text, f"created[{key}]") for key, text in bounds.items()}
        starts = [value[key] + step for key, step in (("gte", 0), ("gt", 1)) if key in value]
        ends = [value[key] + step for key, step in (("lt", 0), ("lte", 1)) if key in value]
        return max(starts, default=None), min(ends, default=None)


def unknown(name: str) -> ApiError:
    return bad_request(f"Received unknown parameter: {name}", name, "parameter_unknown")


def _integer(text: str, param: str) -> int:
    if not re.fullmatch(r"-?\d+", text):
        raise bad_request(f"Invalid integer: {text}", param, "parameter_invalid_integer")
    return int(text)
