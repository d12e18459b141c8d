"""What admins see of the ledger and what follows from it: only ever read."""

import json

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fans.admin import ids_of_people
from revenue.models import (
    Customer,
    Invoice,
    Membership,
    Movement,
    Purchase,
    Return,
    SetAside,
    Source,
)
from revenue.models.ledger import Sent
from truefans.admin_lists import ChosenFilter, LongListAdmin, ReadOnly, links, money


@admin.register(Customer)
class CustomerAdmin(LongListAdmin, ReadOnly):
    list_display = ("external_id", "email", "name", "country", "is_deleted", "source")
    list_select_related = ("source",)
    list_filter = (("source", ChosenFilter),)
    search_fields = ("external_id",)
    search_help_text = gettext_lazy("A customer’s id at the provider, in full.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).defer(*Source.SECRETS_BESIDE)


class LedgerAdmin(LongListAdmin, ReadOnly):
    """Rows as the provider sent them; the whole answer is shown, but not read for lists."""

    readonly_fields = ["raw_json"]
    list_select_related = ["source"]
    search_fields = ["external_id"]
    search_help_text = gettext_lazy("An id at the provider, in full.")
    amount_shown = money("amount", "currency")

    @admin.display(description=gettext_lazy("as the provider sent it"))
    def raw_json(self, row: Sent | Purchase) -> SafeString:
        text = json.dumps(row.as_sent(), indent=2, ensure_ascii=False)
        return format_html('<pre class="json" tabindex="0">{}</pre>', text)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("raw", *Source.SECRETS_BESIDE)


@admin.register(Movement)
class MovementAdmin(LedgerAdmin):
    by_time_within = "source__id__exact"
    list_display = (
        "occurred_at",
        "kind",
        "amount_shown",
        "fee_shown",
        "net_shown",
        "source",
        "external_id",
        "payment_id",
    )
    list_filter = ("kind", ("source", ChosenFilter))
    fields = (
        "source",
        "external_id",
        "kind",
        "category",
        "occurred_at",
        "currency",
        "amount_shown",
        "fee_shown",
        "net_shown",
        "object_id",
        "payment_id",
        "description",
        "raw_json",
    )
    fee_shown = money("fee", "currency")
    net_shown = money("net", "currency")


@admin.register(Return)
class ReturnAdmin(LedgerAdmin):
    list_display = (
        "occurred_at",
        "kind",
        "amount_shown",
        "status",
        "source",
        "external_id",
        "payment_id",
    )
    list_filter = ("kind", ("source", ChosenFilter))
    fields = (
        "source",
        "external_id",
        "kind",
        "payment_id",
        "occurred_at",
        "currency",
        "amount_shown",
        "status",
        "reason",
        "raw_json",
    )


@admin.register(Invoice)
class InvoiceAdmin(LedgerAdmin):
    list_display = (
        "external_id",
        "amount_paid_shown",
        "paid_elsewhere_shown",
        "paid_at",
        "customer_id",
        "membership_id",
        "source",
    )
    list_filter = (("source", ChosenFilter),)
    fields = (
        "source",
        "external_id",
        "customer_id",
        "membership_id",
        "payment_ids",
        "currency",
        "amount_paid_shown",
        "paid_elsewhere_shown",
        "issued_at",
        "paid_at",
        "email",
        "name",
        "description",
        "raw_json",
    )
    amount_paid_shown = money("amount_paid", "currency")
    paid_elsewhere_shown = money("paid_elsewhere", "currency")


@admin.register(Membership)
class MembershipAdmin(LedgerAdmin):
    list_display = (
        "external_id",
        "fan",
        "state",
        "amount_shown",
        "interval",
        "since",
        "paid_until",
        "ends_at",
        "source",
    )
    list_select_related = ["source", "fan"]
    list_filter = ("state", ("creator", ChosenFilter), ("source", ChosenFilter))
    search_fields = ["external_id", "fan"]
    search_help_text = gettext_lazy("A membership’s id, or its member’s address or id, in full.")
    fields = (
        "creator",
        "source",
        "external_id",
        "fan",
        "customer_id",
        "state",
        "description",
        "currency",
        "amount_shown",
        "interval",
        "since",
        "paid_until",
        "cancelled_at",
        "ends_at",
        "reason",
        "comment",
        "raw_json",
    )

    def found_by(self, term: str) -> Q:
        return Q(external_id=term) | Q(fan__in=ids_of_people(term))


@admin.register(SetAside)
class SetAsideAdmin(LedgerAdmin):
    list_display = ("seen_at", "kind", "external_id", "problem", "source")
    list_filter = (("source", ChosenFilter),)
    fields = ("source", "external_id", "kind", "problem", "seen_at", "raw_json")


@admin.register(Purchase)
class PurchaseAdmin(LedgerAdmin):
    by_time_within = "creator__id__exact"
    list_display = (
        "occurred_at",
        "fan",
        "amount_shown",
        "returned_shown",
        "state",
        "kind",
        "creator",
        "counted_gross_shown",
        "counted_net_shown",
        "external_id",
    )
    list_select_related = ["creator", "fan"]
    list_filter = (
        "kind",
        "state",
        "rate_origin",
        ("creator", ChosenFilter),
        ("source", ChosenFilter),
        ("fan", ChosenFilter),
        ("fan", admin.EmptyFieldListFilter),
    )
    search_fields = ["external_id", "fan"]
    search_help_text = gettext_lazy("A payment’s id, or its payer’s address or id, in full.")
    fieldsets = (
        (None, {"fields": ("creator", "source", "external_id", "see_also")}),
        (
            gettext_lazy("The payment"),
            {
                "fields": (
                    "occurred_at",
                    "kind",
                    "status",
                    "currency",
                    "amount_shown",
                    "description",
                    "payer_name",
                    "payer_email",
                    "payer_country",
                    "customer_id",
                )
            },
        ),
        (
            gettext_lazy("What follows from it"),
            {
                "fields": (
                    "fan",
                    "state",
                    "returned_shown",
                    "settlement_currency",
                    "fee_shown",
                    "net_shown",
                    "counted_currency",
                    "counted_gross_shown",
                    "counted_net_shown",
                    "rate",
                    "rate_date",
                    "rate_origin",
                )
            },
        ),
        (None, {"fields": ("raw_json",)}),
    )
    returned_shown = money("returned", "currency")
    fee_shown = money("fee", "settlement_currency")
    net_shown = money("net", "settlement_currency")
    counted_gross_shown = money("counted_gross", "counted_currency")
    counted_net_shown = money("counted_net", "counted_currency")

    def found_by(self, term: str) -> Q:
        return Q(external_id=term) | Q(fan__in=ids_of_people(term))

    @admin.display(description=gettext_lazy("see also"))
    def see_also(self, purchase: Purchase) -> SafeString:
        reach = {"source__id__exact": purchase.source_id, "payment_id__exact": purchase.external_id}
        return links(
            ("revenue_movement", _("movements"), reach), ("revenue_return", _("returns"), reach)
        )
