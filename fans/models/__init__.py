"""People: who signs in, who creates, who the fans are, and what the creator shares with each.

Nothing here knows of revenue.
"""

from fans.models.attention import (
    Acquaintance,
    Letter,
    Note,
    Segment,
    Tag,
    Tagging,
    Touch,
    Turn,
)
from fans.models.creators import Creator
from fans.models.fans import Fan, Identity
from fans.models.merges import Merge, Proposal, Reason, Refusal
from fans.models.names import NamePart
from fans.models.team import Invitation, Member, Role
from fans.models.tiers import Delivery, Perk, Tier
from fans.models.users import User

__all__ = [
    "Acquaintance",
    "Creator",
    "Delivery",
    "Fan",
    "Identity",
    "Invitation",
    "Letter",
    "Member",
    "Merge",
    "NamePart",
    "Note",
    "Perk",
    "Proposal",
    "Reason",
    "Refusal",
    "Role",
    "Segment",
    "Tag",
    "Tagging",
    "Tier",
    "Touch",
    "Turn",
    "User",
]
