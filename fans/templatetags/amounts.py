"""Amounts of money in templates, as the language of the page writes them."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache, partial

from babel.numbers import format_percent
from django import template

from truefans.languages import active_locale
from truefans.money import display

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> str:
    """“£12.50” of minor units: `{{ fan.spend|money:creator.currency }}`; nothing of None."""
    return "" if minor is None else _display(minor, currency, active_locale(), cents=True)


def money_of(currency: str) -> Callable[[int], str]:
    """`money` for a thousand amounts of one currency; the language is asked for once."""
    return partial(_display, currency=currency, locale=active_locale(), cents=True)


@register.filter
def whole_money(minor: int, currency: str) -> str:
    """As `money`, but without a fraction that is zero: “£100”."""
    return _display(minor, currency, active_locale(), cents=False)


@register.filter
def percent(hundredths: Decimal | int | None) -> str:
    """“45%” of 45 as the language of the page writes it, with the decimals it has; "" of None."""
    if hundredths is None:
        return ""
    share = Decimal(hundredths).scaleb(-2)
    return format_percent(share, locale=active_locale(), decimal_quantization=False)


@lru_cache(maxsize=8192)
def _display(minor: int, currency: str, locale: str, *, cents: bool) -> str:
    return display(minor, currency, locale=locale, cents=cents)
