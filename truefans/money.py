"""Money: whole minor units (pence, cents, yen) beside an ISO 4217 code.

Amounts are converted at two places only: `to_minor` where a number comes in from people,
`to_major` where one goes out to them. No float anywhere, and two currencies are never added.
The exponents are those of Stripe's API (docs.stripe.com/currencies), which differ from the
CLDR's: ISK and UGX, for example, have two decimals in every amount that Stripe sends.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel.core import Locale, get_global
from babel.numbers import (
    NumberPattern,
    format_currency,
    get_currency_name,
    get_currency_symbol,
    list_currencies,
    parse_pattern,
)

MINUS = "\N{MINUS SIGN}"
ZERO_DECIMAL = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


class NotMoney(ValueError):
    """What was typed is not an amount of that currency; the message says why."""


def exponent(currency: str) -> int:
    """How many decimals an amount of `currency` (ISO code, upper case) has."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def to_minor(amount: str | Decimal, currency: str) -> int:
    """Minor units of a decimal amount in major units; more decimals than exist are refused."""
    try:
        minor = Decimal(amount).scaleb(exponent(currency))
    except InvalidOperation:
        raise NotMoney(f"“{amount}” is not an amount of money.") from None
    if not minor.is_finite() or minor != minor.to_integral_value():
        raise NotMoney(f"“{amount}” is not an amount of {currency}.")
    return int(minor)


def to_major(minor: int, currency: str) -> Decimal:
    """The decimal amount, with exactly the decimals of its currency."""
    return Decimal(minor).scaleb(-exponent(currency))


def convert(minor: int, rate: Decimal, source: str, target: str) -> int:
    """Minor units of `target` for minor units of `source`, at `rate` target a source; half up."""
    shift = exponent(target) - exponent(source)
    return int((minor * rate).scaleb(shift).to_integral_value(ROUND_HALF_UP))


def share(total: int, part: int, whole: int) -> int:
    """`total × part ÷ whole` in whole minor units, half up."""
    return int((Decimal(total) * part / whole).to_integral_value(ROUND_HALF_UP))


def display(minor: int, currency: str, *, locale: str = "en_GB", cents: bool = True) -> str:
    """“£1,234.50” as the reader's language writes it; `cents=False` drops a fraction of zero.

    What is less than nothing has a real minus, which nobody takes for a dash.
    """
    major = to_major(minor, currency)
    decimals = exponent(currency)
    if not cents and major == major.to_integral_value():
        decimals = 0
    text = format_currency(
        major,
        currency,
        format=_pattern(currency, locale, decimals),
        locale=locale,
        currency_digits=False,
    )
    return text.replace("-", MINUS) if minor < 0 else text


@lru_cache(maxsize=500)
def _pattern(currency: str, locale: str, decimals: int) -> NumberPattern:
    """The language's own pattern with our decimals, which are not always the CLDR's."""
    pattern: str = Locale.parse(locale).currency_formats["standard"].pattern.split(";")[0]
    if get_currency_symbol(currency, locale=locale)[-1].isalpha():
        pattern = pattern.replace("¤#", "¤\u00a0#")
    return parse_pattern(pattern.replace(".00", f".{'0' * decimals}" if decimals else ""))


def is_currency(code: str) -> bool:
    return code in list_currencies()


@lru_cache(maxsize=1)
def legal_tender() -> frozenset[str]:
    """The codes of every currency that one can pay with somewhere today: what one may live in."""
    return frozenset(
        code
        for uses in get_global("territory_currencies").values()
        for code, _since, until, is_tender in uses
        if is_tender and until is None
    )


def currency_name(code: str, locale: str = "en_GB", count: int | None = None) -> str:
    """“Euro”, or with `count` as it stands behind a number: “euros”."""
    return get_currency_name(code, count=count, locale=locale)
