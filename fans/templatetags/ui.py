"""The small things that every template writes: an icon, an amount, a person's name."""

from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.choices import flatten_choices
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def chosen(field: BoundField) -> Any:
    """What a field holds, in words: the name of what is chosen; "" of nothing."""
    value = field.value()
    names = dict(flatten_choices(getattr(field.field, "choices", ())))
    return names.get(value, "" if value is None else value)


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """The symbol `name` of static/icons.svg, beside words that say the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), name
    )
