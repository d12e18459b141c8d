"""Words and shares of the rooms of income."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard import went_back
from fans.templatetags import places

register = template.Library()
register.filter("reason", went_back.reason)
register.filter("standing", went_back.status)


@register.filter
def country(code: str) -> str | Promise:
    """“Germany” of “DE”; of "" that nobody told it."""
    return places.country(code) if code else _("not told")


@register.filter
def part_of(part: int, whole: int) -> str:
    """What `part` is of `whole`, in percent to a tenth: “3.2%”; nothing where there is no whole."""
    return f"{part * 100 / whole:.1f}%" if whole > 0 else ""
