"""What admins see of the files that creators brought. What is in them stays between creator and
fans; only rows that could not be used are shown."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from revenue.models import SkippedRow, Source, Upload
from truefans.admin_lists import ChosenFilter, LongListAdmin, ReadOnly


@admin.register(Upload)
class UploadAdmin(LongListAdmin, ReadOnly):
    list_display = ("created_at", "creator", "platform", "state", "rows_done", "problem")
    list_select_related = ("creator",)
    list_filter = ("state", ("creator", ChosenFilter))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        return super().get_queryset(request).defer(*Source.SECRETS_BESIDE)


@admin.register(SkippedRow)
class SkippedRowAdmin(LongListAdmin, ReadOnly):
    list_display = ("upload", "line", "why")
    list_select_related = ("upload",)
    list_filter = (("upload", ChosenFilter),)
