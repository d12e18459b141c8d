"""What admins see of people: accounts, creators with their tiers, fans and what they are known by.

`revenue.admin` adds to the creators what needs the books.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import Model, Q, QuerySet, TextField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

import fans.admin_attention  # noqa: F401  (its pages are registered by that)
from fans.identity import normalise_email
from fans.models import Creator, Fan, Identity, NamePart, Tier, User
from fans.search import named_as, typed_in
from truefans.admin_lists import ChosenFilter, LongListAdmin, ReadOnly, links, money


def mark_everybody_due(creator: Creator) -> int:
    """Have the standing of all fans of `creator` worked out anew; how many there are."""
    return creator.fans.mark_everybody_due(now=timezone.now())


def known_as(term: str) -> Q:
    """The identities that `term` is: an e-mail address, however it is written, or an id."""
    return Q(value=normalise_email(term) or term)


def ids_of_people(term: str) -> list[int]:
    """The fans known as `term`; 1,000 of them at most.

    Asked for on its own: joined by OR to another condition, no index would be used.
    """
    return list(Identity.objects.filter(known_as(term)).values_list("fan_id", flat=True)[:1000])


class AddUserForm(forms.ModelForm):
    """An address is all it takes: people sign in by a code that is sent there."""

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        return super().save(commit)


@admin.register(User)
class UserAdmin(LongListAdmin):
    """Accounts. An address is changed by its owner only, who proves to read the new one."""

    list_display = ("email", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email",)
    search_help_text = _("The beginning of an e-mail address.")
    filter_horizontal = ("groups",)
    readonly_fields = ("email", "date_joined", "last_login", "see_also")
    fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "is_active", "see_also")}),
        (_("Rights in this admin"), {"fields": ("is_staff", "is_superuser", "groups")}),
        (_("Dates"), {"fields": ("date_joined", "last_login")}),
    )

    def found_by(self, term: str) -> Q:
        return Q(email__startswith=term.lower())

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if not change:
            kwargs["form"] = AddUserForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else ((None, {"fields": ("email",)}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Rights are given by superusers only, or a helper could make one of themselves."""
        if obj is None:
            return ()
        if isinstance(request.user, User) and request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, "is_staff", "is_superuser", "groups")

    @admin.display(description=_("see also"))
    def see_also(self, user: User) -> SafeString:
        return links(("fans_creator", _("creators"), {"owner__id__exact": user.pk}))


@admin.register(Creator)
class CreatorAdmin(admin.ModelAdmin):
    """Creators. They are not deleted here: their whole books would go with one click."""

    list_display = ("name", "handle", "owner", "target", "see_also")
    list_select_related = ("owner",)
    list_filter = ("counts", ("owner", ChosenFilter))
    search_fields = ("handle__exact", "name__istartswith")
    search_help_text = _("A handle, or the beginning of a name.")
    raw_id_fields = ("owner",)
    fields = (
        "owner",
        "handle",
        "name",
        "about",
        "fan_word",
        "fans_word",
        "community",
        "team_size",
        "currency",
        "time_zone",
        "target_count",
        "target_spend",
        "counts",
        "window_months",
        "created_at",
        "leaves_at",
        "see_also",
    )
    readonly_fields = ("created_at", "leaves_at", "see_also")
    ordering = ("handle",)
    target = money("target_spend", "currency")

    def get_fields(self, request: HttpRequest, obj: Creator | None = None) -> Any:
        return self.fields if obj else self.fields[: -len(self.readonly_fields)]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Creator, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            obj.create_default_tiers()

    @admin.display(description=_("see also"))
    def see_also(self, creator: Creator) -> SafeString:
        of_creator = {"creator__id__exact": creator.pk}
        return links(
            ("fans_fan", _("fans"), of_creator),
            ("fans_tier", _("tiers"), of_creator),
            ("revenue_source", _("sources"), of_creator),
            ("revenue_purchase", _("purchases"), of_creator),
            ("revenue_bookscheck", _("checks of the books"), of_creator),
        )


@admin.register(Tier)
class TierAdmin(admin.ModelAdmin):
    """Tiers. After any change the fans of the creator are put in their places anew."""

    list_display = ("name", "creator", "threshold_shown")
    list_select_related = ("creator",)
    list_filter = (("creator", ChosenFilter),)
    raw_id_fields = ("creator",)
    ordering = ("creator", "threshold")
    threshold_shown = money("threshold", "creator.currency")

    def get_readonly_fields(self, request: HttpRequest, obj: Tier | None = None) -> Any:
        return ("creator",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Tier, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        mark_everybody_due(obj.creator)

    def delete_model(self, request: HttpRequest, obj: Tier) -> None:
        super().delete_model(request, obj)
        mark_everybody_due(obj.creator)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tier]) -> None:
        creators = list(Creator.objects.filter(tiers__in=queryset).distinct())
        super().delete_queryset(request, queryset)
        for creator in creators:
            mark_everybody_due(creator)


@admin.register(Fan)
class FanAdmin(LongListAdmin):
    """People. They come with their purchases, so none is added here or taken away."""

    list_display = ("__str__", "email", "creator", "spend_shown", "is_true_fan", "tier", "seat")
    list_select_related = ("creator", "tier")
    list_filter = ("is_true_fan", ("creator", ChosenFilter), ("tier", ChosenFilter))
    search_fields = ("identities__value", "name")
    search_help_text = _(
        "An e-mail address or a customer’s id in full, or how words of a name begin."
    )
    formfield_overrides = {TextField: {"widget": AdminTextInputWidget}}
    fieldsets = (
        (None, {"fields": ("creator", "name", "country", "email", "see_also")}),
        (
            _("Standing"),
            {"fields": ("is_true_fan", "tier", "seat", "spend_shown", "crossed_at")},
        ),
        (
            _("Money"),
            {
                "fields": (
                    "window_gross_shown",
                    "window_net_shown",
                    "lifetime_gross_shown",
                    "lifetime_net_shown",
                    "purchases",
                    "first_purchase_at",
                    "last_purchase_at",
                )
            },
        ),
        (_("Upkeep"), {"fields": ("recompute_at", "created_at")}),
    )
    spend_shown = money("spend", "creator.currency")
    window_gross_shown = money("window_gross", "creator.currency")
    window_net_shown = money("window_net", "creator.currency")
    lifetime_gross_shown = money("lifetime_gross", "creator.currency")
    lifetime_net_shown = money("lifetime_net", "creator.currency")

    def get_readonly_fields(self, request: HttpRequest, obj: Fan | None = None) -> list[Any]:
        """All but what people correct by hand; it stays until a newer purchase tells otherwise."""
        shown = flatten_fieldsets(self.fieldsets)
        return [field for field in shown if field not in ("name", "country")]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def found_by(self, term: str) -> Q:
        """One set, so that PostgreSQL asks two indexes and not every person; and of names those of
        one creator after the other, as their index has them."""
        known = Identity.objects.filter(known_as(term)).values("fan")
        parts = NamePart.objects.filter(creator__in=Creator.objects.values("pk"))
        named = named_as(typed_in(term), among=parts)
        return Q(pk__in=known if named is None else named.union(known))

    @admin.display(description=_("see also"))
    def see_also(self, fan: Fan) -> SafeString:
        of_fan = {"fan__id__exact": fan.pk}
        return links(
            ("revenue_purchase", _("purchases"), of_fan),
            ("fans_identity", _("identities"), of_fan),
        )


@admin.register(Identity)
class IdentityAdmin(LongListAdmin, ReadOnly):
    """What people are known by. Whose it is follows from the payments."""

    list_display = ("value", "kind", "fan", "creator", "evidence")
    list_select_related = ("fan", "creator")
    list_filter = ("kind", ("creator", ChosenFilter), ("fan", ChosenFilter))
    search_fields = ("value",)
    search_help_text = _("An e-mail address or a customer’s id, in full.")

    def found_by(self, term: str) -> Q:
        return known_as(term)
