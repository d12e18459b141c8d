"""Names of places in templates."""

from babel.core import Locale
from django import template

register = template.Library()
NAMES = Locale("en", "GB").territories


@register.filter
def country(code: str) -> str:
    """“France” of "FR"; a code that nobody knows stays as it is."""
    return NAMES.get(code, code)
