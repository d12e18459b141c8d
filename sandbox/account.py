"""An account and the keys that open it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sandbox.books import Books, Json


@dataclass(frozen=True)
class Key:
    """`missing` names permissions that a restricted key was not given (`rak_customer_read`)."""

    secret: str
    missing: frozenset[str] = frozenset()
    state: Literal["active", "expired", "revoked"] = "active"

    @property
    def masked(self) -> str:
        """As Stripe shows a key in a message: its kind and its last four characters."""
        shown = 8 if self.secret[2:3] == "_" else 0
        hidden = max(len(self.secret) - shown - 4, 0)
        return self.secret[:shown] + "*" * hidden + self.secret[shown + hidden :]


@dataclass
class Account:
    """`profile` is what GET /v1/account answers. `read` gives the books as of now: always the same
    ones for a recording, longer ones each time for a story that goes on.

    `any_key` lets every key in that begins with rk_ or sk_. `endpoints` are the webhook endpoints
    that were registered here, secret included, by id.
    """

    profile: Json
    read: Callable[[], Books]
    keys: tuple[Key, ...] = ()
    any_key: bool = False
    endpoints: dict[str, Json] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.profile["id"])

    @property
    def books(self) -> Books:
        return self.read()
