"""Where a fan stands with a creator, in the words of their own page."""

from typing import NamedTuple

from django import template

from fans.models import Fan

register = template.Library()


class NextTier(NamedTuple):
    """The first step above the spend of a fan; `gap` in the creator's minor units."""

    name: str
    gap: int


@register.simple_tag
def next_tier(fan: Fan) -> NextTier | None:
    """`{% next_tier fan as next %}`: what comes next, nothing on the highest step."""
    for tier in fan.creator.tiers.all():  # in the order of their thresholds
        if tier.threshold > fan.spend:
            return NextTier(tier.name, tier.threshold - fan.spend)
    return None
