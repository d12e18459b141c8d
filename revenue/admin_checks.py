"""What admins see of the proofs: books against balances, and everything against everything; and
of what creators said of payments."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from revenue.models import (
    Assignment,
    BooksCheck,
    DailyRate,
    Reconciliation,
    SaidRate,
    Source,
    Summary,
)
from truefans.admin_lists import ChosenFilter, LongListAdmin, ReadOnly

#: What is said of a line that differs.
PARTS = ("id", "what", "currency", "ours", "theirs")


@admin.register(Reconciliation)
class ReconciliationAdmin(LongListAdmin, ReadOnly):
    by_time_within = "source__id__exact"
    time_field = "checked_at"
    list_display = ("checked_at", "source", "outcome", "month", "differing")
    list_select_related = ("source",)
    list_filter = ("outcome", ("source", ChosenFilter))
    fields = (
        "source",
        "checked_at",
        "outcome",
        "problem",
        "compared",
        "figures_shown",
        "is_explained",
        "month",
        "differing",
        "lines_shown",
    )
    readonly_fields = ("figures_shown", "lines_shown")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reconciliation]:
        return super().get_queryset(request).defer("figures", "lines", *Source.SECRETS_BESIDE)

    @admin.display(description=gettext_lazy("currency, ours, theirs"))
    def figures_shown(self, check: Reconciliation) -> SafeString:
        return _one_a_line(check.figures)

    @admin.display(description=gettext_lazy("line, what, currency, ours, theirs"))
    def lines_shown(self, check: Reconciliation) -> SafeString:
        return _one_a_line([[line[part] for part in PARTS] for line in check.lines])


class FindingsFilter(admin.SimpleListFilter):
    """Only the checks that found something."""

    title = gettext_lazy("what was found")
    parameter_name = "found"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("something", gettext_lazy("something"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[BooksCheck]
    ) -> QuerySet[BooksCheck]:
        return queryset.filter(found__gt=0) if self.value() == "something" else queryset


@admin.register(BooksCheck)
class BooksCheckAdmin(LongListAdmin, ReadOnly):
    by_time_within = "creator__id__exact"
    time_field = "checked_at"
    list_display = ("checked_at", "creator", "found")
    list_select_related = ("creator",)
    list_filter = (FindingsFilter, ("creator", ChosenFilter))
    fields = ("creator", "checked_at", "found", "findings_shown")
    readonly_fields = ("findings_shown",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BooksCheck]:
        return super().get_queryset(request).defer("findings")

    @admin.display(description=gettext_lazy("the first of them"))
    def findings_shown(self, check: BooksCheck) -> SafeString:
        return format_html_join("", "<p>{}</p>", ((finding,) for finding in check.findings))


@admin.register(Summary)
class SummaryAdmin(LongListAdmin, ReadOnly):
    list_display = ("creator", "made_at", "took_ms", "is_stale", "compared_at", "compare_ms")
    list_select_related = ("creator",)


@admin.register(Assignment)
class AssignmentAdmin(LongListAdmin, ReadOnly):
    """Payments of which the creator said whose they are."""

    list_display = ("external_id", "source", "fan", "creator")
    list_select_related = ("source", "fan", "creator")
    list_filter = (("creator", ChosenFilter), ("fan", ChosenFilter))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        return super().get_queryset(request).defer(*Source.SECRETS_BESIDE)


@admin.register(SaidRate)
class SaidRateAdmin(LongListAdmin, ReadOnly):
    """Payments of which the creator said the rate."""

    list_display = ("external_id", "source", "value", "currency", "creator")
    list_select_related = ("source", "creator")
    list_filter = (("creator", ChosenFilter),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SaidRate]:
        return super().get_queryset(request).defer(*Source.SECRETS_BESIDE)


@admin.register(DailyRate)
class DailyRateAdmin(LongListAdmin, ReadOnly):
    list_display = ("day", "currency", "per_euro")


def _one_a_line(rows: list[Any]) -> SafeString:
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return format_html('<pre class="json" tabindex="0">{}</pre>', text) if rows else SafeString("")
