"""What admins see of how money comes in: creators, their sources, and what is under way.

Actions start the same work that the creators' own buttons start, and say what came of it.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import Model, QuerySet, TextField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

import fans.admin
import revenue.admin_checks
import revenue.admin_ledger
import revenue.admin_live
import revenue.admin_uploads  # noqa: F401
from fans.admin import mark_everybody_due
from fans.models import Creator
from revenue.beginning import begin_measuring
from revenue.books import check_books
from revenue.models import Departure, Nudge, Recount, Removal, Source, Stretch, Sync
from revenue.queueing import queue_on_commit
from revenue.tasks.books import check_books_of
from revenue.tasks.figures import recompute_creator
from revenue.tasks.sources import begin_reading
from truefans.admin_lists import ChosenFilter, LongListAdmin, ReadOnly, links
from truefans.money import currency_name

#: Books of up to so many purchases are checked while the page waits.
CHECKED_AT_ONCE = 10_000
#: So many differences are told on the page; the command tells them all.
FINDINGS_SHOWN = 5


def read(sources: Iterable[Source], *, full: bool) -> tuple[list[Source], list[Source]]:
    """Have `sources` read by the workers; (those that are read from now on, those that were).

    Those that have been disconnected are in neither.
    """
    now = timezone.now()
    started: list[Source] = []
    running: list[Source] = []
    for source in sources:
        if sync := begin_reading(source=source, full=full, now=now):
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

    def get_readonly_fields(self, request: HttpRequest, obj: Creator | None = None) -> Any:
        """Whose a creator is, they say themselves: a studio is handed over on its team's page."""
        fields = super().get_readonly_fields(request, obj)
        return ("owner", *fields) if obj else fields

    def save_model(self, request: HttpRequest, obj: Creator, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        changed = begin_measuring(creator=obj, fields=form.changed_data, now=timezone.now())
        if changed.recount:
            name = currency_name(obj.currency, count=2)
            self.message_user(request, _("Everything is being counted in %s.") % name)
        elif changed.everybody_is_due:
            self.message_user(request, _("Everybody’s standing follows within a minute."))

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
                text = _("%s: too much for a page; it will be among the checks of the books.")
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
    search_help_text = gettext_lazy("An account’s id at the provider, in full.")
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
        "lacks",
        "account_created_at",
        "synced_at",
        "connected_at",
        "delivered_at",
        "refused_at",
        "see_also",
    )
    readonly_fields = tuple(field for field in fields if field != "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        return super().get_queryset(request).defer(*Source.SECRETS)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        is_secret = lookup.startswith(Source.SECRETS)
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
            ("revenue_membership", _("memberships"), of_source),
            ("revenue_invoice", _("invoices"), of_source),
            ("revenue_purchase", _("purchases"), of_source),
            ("revenue_movement", _("movements"), of_source),
            ("revenue_return", _("returns"), of_source),
            ("revenue_setaside", _("set aside"), of_source),
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
    readonly_fields = ("see_also",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sync]:
        return super().get_queryset(request).defer(*Source.SECRETS_BESIDE)

    @admin.display(description=gettext_lazy("see also"))
    def see_also(self, sync: Sync) -> SafeString:
        return links(("revenue_stretch", _("stretches"), {"sync__id__exact": sync.pk}))


@admin.register(Stretch)
class StretchAdmin(LongListAdmin, ReadOnly):
    list_display = (
        "listing",
        "sync",
        "since",
        "until",
        "reached_at",
        "rows",
        "is_done",
        "lacks",
    )
    list_select_related = ("sync__source",)
    list_filter = ("listing", "is_done", ("sync", ChosenFilter))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stretch]:
        secrets = [f"sync__{column}" for column in Source.SECRETS_BESIDE]
        return super().get_queryset(request).defer("ids", *secrets)


@admin.register(Recount)
class RecountAdmin(LongListAdmin, ReadOnly):
    list_display = ("creator", "currency", "done", "total", "started_at", "heard_at", "finished_at")
    list_select_related = ("creator",)
    list_filter = (("finished_at", admin.EmptyFieldListFilter), ("creator", ChosenFilter))


@admin.register(Removal)
class RemovalAdmin(LongListAdmin, ReadOnly):
    list_display = ("source", "done", "total", "started_at", "heard_at")
    list_select_related = ("source",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Removal]:
        return super().get_queryset(request).defer(*Source.SECRETS_BESIDE)


@admin.register(Departure)
class DepartureAdmin(LongListAdmin, ReadOnly):
    list_display = ("creator", "asked_at", "told_at", "begun_at", "heard_at", "done", "total")
    list_select_related = ("creator",)


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
    search_help_text = gettext_lazy("An event’s id at the provider, in full.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Nudge]:
        return super().get_queryset(request).defer(*Source.SECRETS_BESIDE)
