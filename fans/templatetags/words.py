"""The creator's own word for a fan."""

from django import template

from fans.models import Creator

register = template.Library()


@register.filter
def fans(creator: Creator, count: int) -> str:
    """“friend” for one, “friends” for any other number: `{{ creator|fans:count }}`."""
    return creator.fan_word if count == 1 else creator.fans_word
