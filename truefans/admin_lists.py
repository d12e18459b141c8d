"""Lists of the admin over tables that grow without end: never counted, never skipped through.

A page is named by the row it comes after (`?p=<pk>`), so the ten-thousandth page costs what the
first one does. Order, search and filters are only those that an index answers.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from truefans.money import display


class LongChangeList(ChangeList):
    """A page of rows and whether there are more; `older` is the address of what comes after."""

    older: str | None
    newest: str | None

    model_admin: "LongListAdmin"

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        """The admin's order only: `?o=` typed by hand must not sort a million rows."""
        return self.model_admin.get_ordering(request)

    def get_results(self, request: HttpRequest) -> None:
        rows = list(self._rest(request)[: self.list_per_page + 1])
        self.result_list = rows[: self.list_per_page]
        self.multi_page = len(rows) > self.list_per_page
        self.older = (
            self.get_query_string({PAGE_VAR: self.result_list[-1].pk}) if self.multi_page else None
        )
        self.newest = self.get_query_string() if PAGE_VAR in request.GET else None
        # Only what is on the page is counted, and two equal counts are not shown.
        self.result_count = self.full_result_count = len(self.result_list)
        self.show_full_result_count = False
        self.show_admin_actions = bool(self.result_list)
        self.can_show_all = False

    def _rest(self, request: HttpRequest) -> QuerySet:
        """The rows behind the one that the address names; without one, all of them."""
        named = request.GET.get(PAGE_VAR, "")
        last = self.root_queryset.filter(pk=named).first() if named.isdecimal() else None
        if last is None:
            return self.queryset
        field = self.get_ordering(request, self.queryset)[0].removeprefix("-")
        value = getattr(last, field)
        return self.queryset.filter(**{f"{field}__lte": value}).exclude(
            **{field: value, "pk__gte": last.pk}
        )


class ChosenFilter(admin.RelatedFieldListFilter):
    """Names the one row that a link has filtered by, and lets go of it; offers no others."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, Any]]:
        ids = [pk for pk in self.lookup_val or [] if pk.isdecimal()]
        rows_of = model_admin.admin_site.get_model_admin(field.remote_field.model)
        rows = rows_of.get_queryset(request).filter(pk__in=ids) if ids else ()
        return [(str(row.pk), str(row)) for row in rows]

    @property
    def include_empty_choice(self) -> bool:
        return False

    def has_output(self) -> bool:
        return bool(self.lookup_choices)


class LongListAdmin(admin.ModelAdmin):
    """For models with up to millions of rows, newest first.

    `search_fields` are compared in full, each by an index that begins with it. Where the list is
    narrowed by `by_time_within`, an index orders it by `occurred_at`; else the primary key does.
    """

    by_time_within = ""
    time_field = "occurred_at"
    change_list_template = "admin/long_list.html"
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LongChangeList

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        by_time = self.by_time_within and self.by_time_within in request.GET
        return [f"-{self.time_field}", "-pk"] if by_time else ["-pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        return (queryset.filter(self.found_by(term)) if term else queryset), False

    def found_by(self, term: str) -> Q:
        return Q(*((field, term) for field in self.search_fields), _connector=Q.OR)


class Unchanged(admin.ModelAdmin):
    """What others wrote is looked at here, and at most taken away."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnly(Unchanged):
    """What the books say, or what follows from them, is never touched."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def money(amount: str, currency: str) -> Callable[[admin.ModelAdmin, Model], str | None]:
    """A column: the field `amount`, minor units of the field `currency`, as people write it."""

    @admin.display(description=amount.replace("_", " "))
    def column(self: admin.ModelAdmin, row: Model) -> str | None:
        minor = getattr(row, amount)
        return None if minor is None else display(minor, attrgetter(currency)(row))

    return column


def links(*lists: tuple[str, Any, Mapping[str, object]]) -> SafeString:
    """Links to lists: (model as “app_model”, words, parameters that narrow the list) each."""
    addresses = (
        (reverse(f"admin:{model}_changelist"), urlencode(parameters), words)
        for model, words, parameters in lists
    )
    return format_html_join(" · ", '<a href="{}?{}">{}</a>', addresses)
