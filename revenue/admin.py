"""What admins see of money: sources and their runs, and the ledger, which is only ever read.

Actions start the same work that the creators' own buttons start, and say what came of it.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import islice

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import Model, Q, QuerySet, TextField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

import fans.admin
from fans.admin import ids_of_people, mark_everybody_due
from fans.models import Creator
from revenue.admin_checks import SECRETS
from revenue.books import check_books
from revenue.models import Customer, Movement, Nudge, Purchase, Return, Source, Sync
from revenue.tasks import begin_reading, check_books_of, queue_on_commit, recompute_creator
from truefans.admin_lists import ChosenFilter, LongListAdmin, ReadOnly, links, money

#: Books of up to so many purchases are checked while the page waits.
CHECKED_AT_ONCE = 10_000
#: So many differences are told on the page; the command tells them all.
FINDINGS_SHOWN = 5


def read(sources: Iterable[Source], *, full: bool) -> tuple[list[Source], list[Source]]:
    """Have `sources` read by the workers; (those that are read from now on, those that were)."""
    now = timezone.now()
    started: list[Source] = []
    running: list[Source] = []
    for source in sources:
        sync = begin_reading(source=source, full=full, now=now)
        (started if sync.heard_at == now else running).append(source)
    return started, running


def tell_reading(request: HttpRequest, sources: QuerySet[Source], *, full: bool) -> None:
    """Have `sources` read and say of which that is so."""
    started, running = read(sources.select_related("creator"), full=full)
    if started:
        text = _("All of the history is read again: %s.") if full else _("New rows are read: %s.")
        messages.success(request, text % _names(started))
    if running:
        messages.warning(request, _("Was being read already: %s.") % _names(running))
    if not started and not running:
        messages.warning(request, _("There is no source to read."))


def _names(sources: Sequence[Source]) -> str:
    return ", ".join(f"{source} (@{source.creator.handle})" for source in sources)


admin.site.unregister(Creator)


@admin.register(Creator)
class CreatorAdmin(fans.admin.CreatorAdmin):
    actions = ("sync_now", "recompute", "check_books")

    @admin.action(description=gettext_lazy("Sync now"), permissions=["change"])
    def sync_now(self, request: HttpRequest, creators: QuerySet[Creator]) -> None:
        sources = Source.objects.filter(creator__in=creators, kind=Source.Kind.STRIPE)
        tell_reading(request, sources, full=False)

    @admin.action(description=gettext_lazy("Recompute everybody"), permissions=["change"])
    def recompute(self, request: HttpRequest, creators: QuerySet[Creator]) -> None:
        for creator in creators:
            due = mark_everybody_due(creator)
            queue_on_commit(recompute_creator.delay, creator.pk)
            text = ngettext(
                "%(count)s fan of %(creator)s is being recomputed.",
                "%(count)s fans of %(creator)s are being recomputed.",
                due,
            )
            messages.success(request, text % {"count": f"{due:,}", "creator": creator})

    @admin.action(description=gettext_lazy("Check these books now"), permissions=["change"])
    def check_books(self, request: HttpRequest, creators: QuerySet[Creator]) -> None:
        for creator in creators:
            if creator.purchases.order_by("pk")[CHECKED_AT_ONCE:].exists():
                queue_on_commit(check_books_of.delay, creator.pk)
                text = _("%s: too much for a page; the result will be among the books checks.")
                messages.warning(request, text % creator)
            else:
                self._check(request, creator)

    def _check(self, request: HttpRequest, creator: Creator) -> None:
        findings = check_books(creator=creator, now=timezone.now())
        told = list(islice(findings, FINDINGS_SHOWN))
        for finding in told:
            messages.error(request, f"{creator}: {finding}")
        more = sum(1 for _finding in findings)
        if more:
            text = ngettext(
                "%(creator)s: %(more)s more difference.",
                "%(creator)s: %(more)s more differences.",
                more,
            )
            messages.error(request, text % {"creator": creator, "more": more})
        if not told:
            messages.success(request, _("%s: the books are right.") % creator)


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    """Connected accounts. Creators connect them; the key is shown to nobody, encrypted or not."""

    list_display = ("__str__", "account_id", "creator", "livemode", "state", "synced_at")
    list_select_related = ("creator",)
    list_filter = ("state", "livemode", ("creator", ChosenFilter))
    search_fields = ("account_id__exact",)
    search_help_text = gettext_lazy("An account's id at the provider, in full.")
    ordering = ("-pk",)
    actions = ("sync_now", "read_all_again")
    formfield_overrides = {TextField: {"widget": AdminTextInputWidget}}
    fields = (
        "creator",
        "kind",
        "account_id",
        "livemode",
        "name",
        "state",
        "problem",
        "account_created_at",
        "synced_at",
        "connected_at",
        "delivered_at",
        "refused_at",
        "see_also",
    )
    readonly_fields = tuple(field for field in fields if field != "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        return super().get_queryset(request).defer("key", "webhook_secrets")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        is_secret = lookup.startswith(("key", "webhook_secrets"))
        return not is_secret and super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Sync now"), permissions=["change"])
    def sync_now(self, request: HttpRequest, sources: QuerySet[Source]) -> None:
        tell_reading(request, sources, full=False)

    @admin.action(description=gettext_lazy("Read everything again"), permissions=["change"])
    def read_all_again(self, request: HttpRequest, sources: QuerySet[Source]) -> None:
        tell_reading(request, sources, full=True)

    @admin.display(description=gettext_lazy("see also"))
    def see_also(self, source: Source) -> SafeString:
        of_source = {"source__id__exact": source.pk}
        return links(
            ("revenue_sync", _("runs"), of_source),
            ("revenue_nudge", _("nudges"), of_source),
            ("revenue_customer", _("customers"), of_source),
            ("revenue_purchase", _("purchases"), of_source),
            ("revenue_movement", _("movements"), of_source),
            ("revenue_return", _("returns"), of_source),
            ("revenue_reconciliation", _("reconciliations"), of_source),
        )


@admin.register(Sync)
class SyncAdmin(LongListAdmin, ReadOnly):
    by_time_within = "source__id__exact"
    time_field = "started_at"
    list_display = (
        "started_at",
        "source",
        "state",
        "movements_read",
        "movements_new",
        "purchases_changed",
        "finished_at",
    )
    list_select_related = ("source",)
    list_filter = ("state", ("source", ChosenFilter))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sync]:
        return super().get_queryset(request).defer(*SECRETS)


@admin.register(Nudge)
class NudgeAdmin(LongListAdmin, ReadOnly):
    by_time_within = "source__id__exact"
    time_field = "arrived_at"
    list_display = (
        "arrived_at",
        "kind",
        "object_id",
        "way",
        "source",
        "done_at",
        "attempts",
        "problem",
    )
    list_select_related = ("source",)
    list_filter = (("done_at", admin.EmptyFieldListFilter), ("source", ChosenFilter))
    search_fields = ("external_id",)
    search_help_text = gettext_lazy("An event's id at the provider, in full.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Nudge]:
        return super().get_queryset(request).defer(*SECRETS)


@admin.register(Customer)
class CustomerAdmin(LongListAdmin, ReadOnly):
    list_display = ("external_id", "email", "name", "country", "is_deleted", "source")
    list_select_related = ("source",)
    list_filter = (("source", ChosenFilter),)
    search_fields = ("external_id",)
    search_help_text = gettext_lazy("A customer's id at the provider, in full.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).defer(*SECRETS)


class LedgerAdmin(LongListAdmin, ReadOnly):
    """Rows as the provider sent them; the whole answer is shown, but not read for lists."""

    readonly_fields = ["raw_json"]
    list_select_related = ["source"]
    search_fields = ["external_id"]
    search_help_text = gettext_lazy("An id at the provider, in full.")
    amount_shown = money("amount", "currency")

    @admin.display(description=gettext_lazy("as the provider sent it"))
    def raw_json(self, row: Movement | Return | Purchase) -> SafeString:
        text = json.dumps(row.as_sent(), indent=2, ensure_ascii=False)
        return format_html('<pre class="json" tabindex="0">{}</pre>', text)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("raw", *SECRETS)


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
    search_help_text = gettext_lazy("A payment's id, or its payer's address or id, in full.")
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
