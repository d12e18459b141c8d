"""The field of dots in a template: `{% load field %}{% field seating %}`."""

from typing import Any

from django import template

from fans.field import links, picture
from fans.seating import Seating

register = template.Library()


@register.inclusion_tag("fans/field.html")
def field(seating: Seating, list_url: str = "") -> dict[str, Any]:
    """The picture, the layer of links if people are named, and the legend.

    `list_url` is where the same people stand as a list.
    """
    return {
        "seating": seating,
        "creator": seating.creator,
        "field": seating.field,
        "picture": picture(seating.field),
        "links": links(seating.field),
        "list_url": list_url,
    }
