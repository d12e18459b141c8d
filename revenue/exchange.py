"""Purchases in the creator's currency: at the provider's own settlement, else as the creator said
by hand, else at the ECB's rate.

The rates of the European Central Bank come with the CurrencyConverter library and reach as far as
its release; later ones are fetched day by day (`revenue.central_bank`). A day without one (a
weekend, a holiday, tomorrow) has that of the last day before. Currencies that the ECB does not know
have no rate: nothing is guessed.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache

from currency_converter import CurrencyConverter, RateNotFoundError
from msgspec import Struct

from revenue.counting import Outcome
from revenue.models import DailyRate, Purchase
from truefans.money import convert, exponent, share

Origin = Purchase.RateOrigin

#: The longest the ECB has been silent about a currency that it still follows is some days.
LONGEST_PAUSE = timedelta(days=14)


class Rate(Struct, frozen=True):
    """`value` units of the target for one of the source, both major; as of `on`."""

    value: Decimal
    on: date


class Counted(Struct, frozen=True):
    """A purchase in the creator's currency; amounts None where there is no rate."""

    gross: int | None
    net: int | None
    rate: Decimal | None
    rate_date: date | None
    rate_origin: Purchase.RateOrigin


@lru_cache(maxsize=1)
def _converter() -> CurrencyConverter:
    return CurrencyConverter(decimal=True)


@lru_cache(maxsize=1)
def library_end() -> date:
    """The last day of which the library knows rates."""
    return max(bounds.last_date for bounds in _converter().bounds.values())


class Rates:
    """The ECB's rates as they are known at one moment, the same in every process.

    The later ones are asked of the database when the first of them is needed, and never again.
    """

    @cached_property
    def _later(self) -> dict[tuple[str, date], Decimal]:
        later = DailyRate.objects.filter(day__gt=library_end())
        rows = later.values_list("currency", "day", "per_euro")
        return {(currency, day): value for currency, day, value in rows}

    def between(self, source: str, target: str, day: date) -> Rate | None:
        """The rate of `day`, or of the last day before it that has one; None: not known."""
        on = day
        while on > max(library_end(), day - LONGEST_PAUSE):
            one, other = self._per_euro(source, on), self._per_euro(target, on)
            if one and other:
                return Rate(round(other / one, 12), on)
            on -= timedelta(days=1)
        return _rate_of_library(source, target, day)

    def _per_euro(self, currency: str, day: date) -> Decimal | None:
        return Decimal(1) if currency == "EUR" else self._later.get((currency, day))


def ecb_rate(source: str, target: str, day: date) -> Rate | None:
    """The ECB's rate of `day`, or of the last day before it that has one; None: not known."""
    return Rates().between(source, target, day)


@lru_cache(maxsize=100_000)
def _rate_of_library(source: str, target: str, day: date) -> Rate | None:
    converter = _converter()
    bounds = [converter.bounds[c] for c in (source, target) if c != "EUR" and c in converter.bounds]
    if not {source, target} <= converter.currencies or not bounds:
        return None
    first = max(b.first_date for b in bounds)
    latest = min(day, *(b.last_date for b in bounds))
    found = latest
    while found >= max(first, latest - LONGEST_PAUSE):
        try:
            value = converter.convert(Decimal(1), source, target, date=found)
        except RateNotFoundError:  # a weekend, a holiday
            found -= timedelta(days=1)
        else:
            return Rate(round(value, 12), found)
    return None


def count_in(
    currency: str,
    *,
    paid: str,
    kept: int,
    amount: int,
    outcome: Outcome,
    occurred_at: datetime,
    said: Decimal | None = None,
    rates: Rates | None = None,
) -> Counted:
    """What a purchase counts in `currency`.

    `kept` of `amount` is what the fan (who paid in `paid`) did not get back. The rate is the one
    of the gross amount; net has its own where it settled in a third currency. `said` is the rate
    that the creator said by hand.
    """
    day = occurred_at.date()
    rates = rates or Rates()
    said_of_net = said if outcome.settlement_currency == paid else None
    net = _net_in(currency, outcome, day, rates, said_of_net)
    if paid == currency:
        return Counted(kept, net, Decimal(1), day, Origin.SAME)
    if outcome.settlement_currency == currency and outcome.settled is not None and amount:
        rate = Decimal(outcome.settled).scaleb(exponent(paid) - exponent(currency)) / amount
        gross = max(share(outcome.settled, kept, amount), 0)
        return Counted(gross, net, round(rate, 12), day, Origin.SETTLEMENT)
    if said is not None:
        return Counted(convert(kept, said, paid, currency), net, said, day, Origin.SAID)
    found = rates.between(paid, currency, day)
    if found is None:
        return Counted(None, None, None, None, Origin.MISSING)
    gross = convert(kept, found.value, paid, currency)
    return Counted(gross, net, found.value, found.on, Origin.ECB)


def _net_in(
    currency: str, outcome: Outcome, day: date, rates: Rates, said: Decimal | None
) -> int | None:
    if outcome.net is None or outcome.settlement_currency == currency:
        return outcome.net
    if said is not None:
        return convert(outcome.net, said, outcome.settlement_currency, currency)
    rate = rates.between(outcome.settlement_currency, currency, day)
    if rate is None:
        return None
    return convert(outcome.net, rate.value, outcome.settlement_currency, currency)
