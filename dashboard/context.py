"""What every page of a creator's studio needs to know: whose it is, and the way to its rooms."""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Room(NamedTuple):
    """A link of the navigation."""

    name: str | Promise
    icon: str
    url: str
    is_current: bool
    is_near: bool


INCOME = (
    "purchases",
    "purchase",
    "movements",
    "fees",
    "income_sources",
    "products",
    "members",
    "unattributed",
    "assigned",
    "doubles",
    "doubles_said",
    "sell",
    "sold",
    "change_sale",
    "years",
    "year",
)
#: The rooms, the address of each, and the addresses that are inside it.
ROOMS = (
    (_("Home"), "field", "home", ("home", "milestones", "review")),
    (_("Today"), "today", "today", ("today", "turn_word", "turn_later")),
    (
        _("People"),
        "people",
        "people",
        (
            "people",
            "several",
            "save_segment",
            "change_segment",
            "person",
            "person_edit",
            "person_add",
            "person_tag",
            "note",
            "letter",
            "pairs",
            "same",
            "merge",
        ),
    ),
    (_("Plan"), "plan", "plan", ("plan",)),
    (_("Income"), "income", "purchases", INCOME),
    (
        _("Tiers"),
        "tiers",
        "tiers",
        (
            "tiers",
            "new_tier",
            "edit_tier",
            "remove_tier",
            "perk",
            "new_perk",
            "edit_perk",
            "remove_perk",
        ),
    ),
    (
        _("Sources"),
        "source",
        "sources",
        (
            "sources",
            "connect_stripe",
            "add_secret",
            "disconnect",
            "upload",
            "answer_upload",
            "live",
        ),
    ),
    (
        _("Settings"),
        "settings",
        "settings",
        ("settings", "words", "place", "team", "security", "takeout", "leaving"),
    ),
)
#: Rooms that stay in sight on a phone; the others are behind “More” there.
NEAR = ("home", "today", "people", "purchases")


def room(request: HttpRequest) -> dict[str, object]:
    """`creator`, one's `role` there and `rooms` inside a studio, nothing elsewhere."""
    creator = getattr(request, "creator", None)
    if creator is None:
        return {}
    here = request.resolver_match.url_name if request.resolver_match else ""
    return {
        "creator": creator,
        "role": getattr(request, "role", None),
        "rooms": [
            Room(
                name,
                icon,
                reverse(f"dashboard:{url}", args=[creator.handle]),
                is_current=here in inside,
                is_near=url in NEAR,
            )
            for name, icon, url, inside in ROOMS
        ],
    }
