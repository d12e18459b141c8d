"""Words and shares of the rooms of income."""

from decimal import Decimal

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard import went_back
from fans.templatetags import places
from fans.templatetags.amounts import percent

register = template.Library()
register.filter("reason", went_back.reason)
register.filter("standing", went_back.status)


@register.filter
def country(code: str) -> str | Promise:
    """“Germany” of “DE”; of "" that nobody told it."""
    return places.country(code) if code else _("not told")


@register.filter
def part_of(part: int, whole: int) -> str:
    """What `part` is of `whole`, in percent to a tenth: “3.2%”; "" where there is no whole."""
    return percent(round(Decimal(part * 100) / whole, 1)) if whole > 0 else ""
