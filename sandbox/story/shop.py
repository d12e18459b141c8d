"""What a payment costs and what it is worth: Stripe's fees and the exchange rates of a day.

Everything is whole numbers: amounts in minor units, fees in basis points, rates in millionths.
"""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sandbox.ids import Mint

DAY = 86_400

_EURO = frozenset({"AT", "BE", "DE", "ES", "FI", "FR", "GR", "IE", "IT", "NL", "PT"})
_EEA = _EURO | frozenset({"CZ", "DK", "NO", "PL", "SE"})

# currency -> pounds for one unit, how far it swings (millionths), and in how many days.
_RATES = {
    "gbp": (1_000_000, 0, 1),
    "eur": (851_000, 17_000, 247),
    "usd": (768_000, 29_000, 311),
    "jpy": (5_180, 260, 181),
}
_ZERO_DECIMAL = {"jpy"}


def unix(day: date, seconds: int = 0) -> int:
    """Seconds after midnight UTC of the day, as a Unix time."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY + seconds


def day_of(at: int) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def _pounds(currency: str, at: int) -> int:
    mean, swing, period = _RATES[currency]
    return mean + round(swing * math.sin(2 * math.pi * (at // DAY) / period))


def rate(currency: str, into: str, at: int) -> int:
    """Millionths of one unit of `into` that one unit of `currency` gives on the day of `at`."""
    return round(_pounds(currency, at) * 1_000_000 / _pounds(into, at))


def local_price(amount: int, currency: str, into: str) -> int:
    """A round price in another currency for a price in minor units of the shop's."""
    if currency == into:
        return amount
    percent = {"gbp": 100, "eur": 120, "usd": 130, "jpy": 19_000}
    worth = amount * percent[into] // percent[currency]
    return worth // 100 if into in _ZERO_DECIMAL else worth // 10 * 10


@dataclass(frozen=True)
class Shop:
    """A creator's account: where it is, since when (Unix time), and what Stripe takes there."""

    mint: Mint
    currency: str
    opened: int
    fixed_fee: int
    dispute_fee: int
    home: frozenset[str]
    near: frozenset[str]

    def settle(self, amount: int, currency: str, at: int) -> tuple[int, float | None]:
        """The amount in the shop's currency, and the exchange rate where one was used.

        The rate is the market's, between whole units of the two currencies.
        """
        if currency == self.currency:
            return amount, None
        millionths = rate(currency, self.currency, at)
        scale = 100 if currency in _ZERO_DECIMAL else 1
        return (amount * millionths * scale + 500_000) // 1_000_000, millionths / 1_000_000

    def fees(self, settled: int, country: str, *, converted: bool) -> list[tuple[str, int]]:
        """(description, amount) of what is kept of a charge, by the country of the card."""
        points = 150 if country in self.home else 250 if country in self.near else 325
        rows = [("Stripe processing fees", _share(settled, points) + self.fixed_fee)]
        if converted:
            rows.append(("Stripe currency conversion fee", _share(settled, 200)))
        return rows


def _share(amount: int, points: int) -> int:
    return (amount * points + 5_000) // 10_000


def british(mint: Mint, opened: int) -> Shop:
    """1.5 % + 20p at home, 2.5 % in Europe, 3.25 % elsewhere, 2 % for a conversion; pounds."""
    return Shop(mint, "gbp", opened, 20, 2000, frozenset({"GB"}), _EEA)


def european(mint: Mint, opened: int) -> Shop:
    """1.5 % + 25c in Europe, 2.5 % for British cards, 3.25 % elsewhere; euros."""
    return Shop(mint, "eur", opened, 25, 2000, _EEA, frozenset({"GB"}))


def currency_of(country: str) -> str:
    """What people there pay in, where the shop takes it; else they pay in the shop's own."""
    if country in _EURO:
        return "eur"
    return {"GB": "gbp", "US": "usd"}.get(country, "")
