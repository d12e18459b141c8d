"""What admins see of what platforms tell at once: that it came and what became of it, not what it
says."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from revenue.models import Inbox, Message, Source
from truefans.admin_lists import ChosenFilter, LongListAdmin, ReadOnly


@admin.register(Inbox)
class InboxAdmin(LongListAdmin, ReadOnly):
    list_display = ("source", "since", "heard_at", "tested_at", "refused_at", "refusal")
    list_select_related = ("source",)
    list_filter = (("source__creator", ChosenFilter),)
    exclude = ("address", "digest", "secret")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Inbox]:
        return super().get_queryset(request).defer("address", "secret", *Source.SECRETS_BESIDE)


@admin.register(Message)
class MessageAdmin(LongListAdmin, ReadOnly):
    by_time_within = "source__id__exact"
    time_field = "arrived_at"
    list_display = ("arrived_at", "topic", "source", "done_at", "attempts", "problem")
    list_select_related = ("source",)
    list_filter = (("done_at", admin.EmptyFieldListFilter), ("source", ChosenFilter))
    exclude = ("raw",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).defer("raw", *Source.SECRETS_BESIDE)
