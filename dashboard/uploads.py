"""The forms about a file that a creator brings, and what is said of the rows that are left out."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from dashboard.forms import currencies
from fans.models import Creator
from revenue.exports import Row, harmless
from revenue.files.mapping import LABELS, Mapping, Meaning
from revenue.files.skipping import Why
from revenue.models import Inbox, Source, Statement, Upload

#: What a choice is called, by what it is about and its value.
READINGS = {
    ("date_order", "day"): _("the day first: %(shown)s"),
    ("date_order", "month"): _("the month first: %(shown)s"),
    ("mark", "."): _("a point before the cents: %(shown)s"),
    ("mark", ","): _("a comma before the cents: %(shown)s"),
    ("unit", "major"): _("whole units: %(shown)s"),
    ("unit", "minor"): _("cents: %(shown)s"),
}
ASKED = {
    "date_order": _("How are the dates in “%(column)s” written?"),
    "mark": _("How are the amounts in “%(column)s” written?"),
    "unit": _("What are the amounts in “%(column)s”?"),
    "currency": _("Which currency are the amounts in “%(column)s”?"),
}
#: So many lines are named where something is said of some.
SHOWN_LINES = 20
#: Rows of a report are read from the database so many at a time.
CHUNK = 1000


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("A file"),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file first.")},
    )


class AnswersForm(forms.Form):
    """What a file leaves open, each matter shown on its own cells."""

    def __init__(self, data: Any = None, *, upload: Upload) -> None:
        super().__init__(data)
        self.upload = upload
        for question in upload.summary["questions"]:
            self.fields[question["about"]] = self._field(question)

    def _field(self, question: dict[str, Any]) -> forms.ChoiceField:
        about = question["about"]
        label = ASKED[about] % {"column": question["column"]}
        if not question["choices"]:
            return forms.ChoiceField(
                label=label,
                choices=currencies,
                initial=self.upload.creator.currency,
                help_text=", ".join(question["texts"]),
            )
        choices = [
            (choice["value"], READINGS[about, choice["value"]] % {"shown": _shown(choice)})
            for choice in question["choices"]
        ]
        return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)

    def save(self, *, now: datetime) -> None:
        self.upload.decisions |= self.cleaned_data
        self.upload.state, self.upload.heard_at = Upload.State.RECEIVED, now
        self.upload.save(update_fields=["decisions", "state", "heard_at"])


def _shown(choice: dict[str, Any]) -> str:
    return ", ".join(f"{text} = {meant}" for text, meant in choice["readings"])


class ColumnsForm(forms.Form):
    """What the columns of a table mean that no platform is known to write."""

    name = forms.CharField(
        label=_("Where is it from?"),
        max_length=60,
        help_text=_("A shop, a till, a list of your own. Files of one name belong together."),
    )

    def __init__(self, data: Any = None, *, upload: Upload) -> None:
        super().__init__(data)
        self.upload = upload
        found = upload.summary
        self.fields["name"].initial = found["name"]
        meanings = [("", _("nothing of use")), *((str(m), LABELS[m]) for m in Meaning)]
        for place, column in enumerate(found["header"]):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=column,
                required=False,
                choices=meanings,
                initial=found["guess"].get(column, ""),
                help_text=", ".join(row[place] for row in found["rows"][:3] if row[place]),
            )

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column_")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        meanings = self._meanings(cleaned)
        for place, meaning in enumerate(meanings):
            if meaning and meaning in meanings[:place]:
                self.add_error(f"column_{place}", _("Another column means that already."))
        if missing := Mapping(self._said(meanings)).missing():
            names = ", ".join(str(LABELS[meaning]) for meaning in missing)
            self.add_error(None, _("Still to be said: %(names)s.") % {"names": names})
        return cleaned

    def save(self, *, now: datetime) -> None:
        header = self.upload.summary["header"]
        self.upload.mapping = {
            "name": self.cleaned_data["name"],
            "header": header,
            "columns": self._said(self._meanings(self.cleaned_data)),
        }
        self.upload.state, self.upload.heard_at = Upload.State.RECEIVED, now
        self.upload.save(update_fields=["mapping", "state", "heard_at"])

    def _meanings(self, cleaned: dict[str, Any]) -> list[str]:
        header = self.upload.summary["header"]
        return [cleaned.get(f"column_{place}", "") for place in range(len(header))]

    def _said(self, meanings: list[str]) -> dict[str, str]:
        header = self.upload.summary["header"]
        return {name: meant for name, meant in zip(header, meanings, strict=True) if meant}


def file_sources(creator: Creator) -> QuerySet[Source]:
    """Where files of `creator` came from that count, with how many they are, and whether the
    platform tells at once, too, or told before (`is_told`); the newest first."""
    kept = creator.sources.filter(kind=Source.Kind.FILE).exclude(state=Source.State.REMOVING)
    files = Count("uploads", filter=Q(uploads__state__in=Upload.COUNTED))
    told = Statement.objects.filter(source=OuterRef("pk"), upload=None)
    is_told = Exists(Inbox.objects.filter(source=OuterRef("pk"))) | Exists(told)
    found = kept.without_secrets().annotate(files=files, is_told=is_told)
    found = found.filter(Q(files__gt=0) | Q(is_told=True))
    return found.order_by("-synced_at", "pk")


def waiting_lines(upload: Upload) -> tuple[int, list[int]]:
    """How many returns of the file wait for their payment, and on which lines the first stand."""
    if upload.state not in Upload.COUNTED:
        return 0, []
    waiting = upload.statements.waiting()
    lines = waiting.order_by("line").values_list("line", flat=True)
    return waiting.count(), list(lines[:SHOWN_LINES])


def skipped_reasons(upload: Upload) -> list[tuple[str, int]]:
    """Why rows were, or would be, left out, and how many; the most first."""
    counts = upload.summary.get("skipped", {})
    if upload.state in Upload.COUNTED:
        counted = upload.skipped.values_list("why").annotate(count=Count("pk"))
        counts = dict(counted.order_by())
    reasons = [(str(Why(why).label), count) for why, count in counts.items()]
    return sorted(reasons, key=lambda reason: -reason[1])


def left_out(upload: Upload) -> tuple[list[str], Iterator[Row]]:
    """Every row that was left out, with the reason and its cells: columns, and rows of them."""
    most = upload.skipped.aggregate(most=Max("cells__len"))["most"] or 0
    cells = [_("cell %(number)s") % {"number": number} for number in range(1, most + 1)]
    columns = [str(name) for name in (_("line"), _("why"), _("what could not be read"), *cells)]
    # Not said while they are sent, when the creator's language is over.
    reasons = {str(why): str(why.label) for why in Why}
    found = upload.skipped.order_by("line").iterator(chunk_size=CHUNK)
    rows = ((row.line, reasons[row.why], *map(harmless, (row.detail, *row.cells))) for row in found)
    nothing = dict.fromkeys(columns, "")
    return columns, (nothing | dict(zip(columns, row, strict=False)) for row in rows)


def earlier_than(upload: Upload) -> Upload | None:
    """The upload that counts by which the books have what this one says, where there is one: of one
    that was taken back the same file, else that which said most of its rows."""
    if upload.state == Upload.State.UNDONE:
        return upload.copies().first()
    by = upload.summary.get("again", {}).get("by")
    return Upload.objects.filter(creator=upload.creator_id, pk=by).counting().first()
