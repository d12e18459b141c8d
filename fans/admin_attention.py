"""What admins see of the rooms: teams, perks, and what creators noted about people, read only."""

from typing import ClassVar

from django.contrib import admin

from fans.models import (
    Acquaintance,
    Delivery,
    Invitation,
    Letter,
    Member,
    Merge,
    Note,
    Perk,
    Proposal,
    Refusal,
    Segment,
    Tag,
    Tagging,
    Touch,
    Turn,
)
from truefans.admin_lists import ChosenFilter, LongListAdmin, ReadOnly, Unchanged


class OfFanAdmin(LongListAdmin, ReadOnly):
    """Rows of a creator's fans. What was said stays between the creator and them: lists do not
    show it."""

    list_select_related: ClassVar[tuple[str, ...]] = ("creator", "fan")
    list_filter = (("creator", ChosenFilter), ("fan", ChosenFilter))


@admin.register(Touch)
class TouchAdmin(OfFanAdmin):
    by_time_within = "creator__id__exact"
    list_display = ("occurred_at", "kind", "fan", "creator")


@admin.register(Note)
class NoteAdmin(OfFanAdmin):
    list_display = ("created_at", "fan", "creator")


@admin.register(Acquaintance)
class AcquaintanceAdmin(OfFanAdmin):
    list_display = ("fan", "creator", "last_touch_at")


@admin.register(Tagging)
class TaggingAdmin(OfFanAdmin):
    list_display = ("tag", "fan", "creator")
    list_select_related = ("creator", "fan", "tag")


@admin.register(Turn)
class TurnAdmin(OfFanAdmin):
    list_display = ("day", "fan", "creator", "circle", "reason", "outcome")


@admin.register(Letter)
class LetterAdmin(OfFanAdmin):
    list_display = ("created_at", "fan", "creator", "tries", "due_at", "failed_at")


@admin.register(Merge)
class MergeAdmin(OfFanAdmin):
    list_display = ("merged_at", "fan", "gone", "creator")
    exclude = ("before",)


class OfCreatorAdmin(LongListAdmin, ReadOnly):
    list_select_related: ClassVar[tuple[str, ...]] = ("creator",)
    list_filter = (("creator", ChosenFilter),)


@admin.register(Tag)
class TagAdmin(OfCreatorAdmin):
    list_display = ("name", "creator")


@admin.register(Proposal)
class ProposalAdmin(OfCreatorAdmin):
    list_display = ("found_at", "first", "second", "creator", "refused_at")
    list_select_related = ("creator", "first", "second")


@admin.register(Refusal)
class RefusalAdmin(OfCreatorAdmin):
    list_display = ("refused_at", "by", "creator")
    list_select_related = ("creator", "by")


@admin.register(Segment)
class SegmentAdmin(OfCreatorAdmin):
    list_display = ("name", "creator", "created_at")


@admin.register(Member)
class MemberAdmin(LongListAdmin, Unchanged):
    """A team is its owner's to choose; an admin may end a membership when asked to."""

    list_display = ("user", "creator", "role", "joined_at")
    list_select_related = ("creator", "user")
    list_filter = (("creator", ChosenFilter),)


@admin.register(Invitation)
class InvitationAdmin(OfCreatorAdmin):
    list_display = ("email", "creator", "role", "expires_at", "tries", "due_at", "failed_at")
    exclude = ("digest",)


@admin.register(Perk)
class PerkAdmin(LongListAdmin, Unchanged):
    """Perks go with their tier, and with them the record of who had them."""

    list_display = ("name", "tier", "every")
    list_select_related = ("tier",)
    list_filter = (("tier", ChosenFilter),)


@admin.register(Delivery)
class DeliveryAdmin(LongListAdmin, Unchanged):
    by_time_within = "fan__id__exact"
    time_field = "delivered_at"
    list_display = ("delivered_at", "perk", "fan")
    list_select_related = ("perk", "fan")
    list_filter = (("perk", ChosenFilter), ("fan", ChosenFilter))
