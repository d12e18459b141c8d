"""What was said, read again: of several statements about one thing the greatest."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db.models import Q

from revenue.files.outcomes import Line, OutsideId, Payer, Person, Return, Skipped, Total
from revenue.files.skipping import Why
from revenue.models import Source, Statement, Upload
from revenue.packed import unpack
from revenue.told import Outcome

NOTHING: Mapping[str, Outcome] = MappingProxyType({})
READ = {kind.__name__: kind for kind in (Line, Return, Total, Person, Skipped)}
MOMENTS = {"occurred_at", "returned_at", "as_of", "since", "until", "last_paid_at"}


def said(packed: bytes) -> Outcome:
    """The outcome that a statement keeps."""
    name, *parts = unpack(packed)
    kind = READ[name]
    # One that was kept before a field was added does not have it.
    cells: dict[str, Any] = dict(zip(kind._fields, parts, strict=False))
    for key in MOMENTS & cells.keys():
        cells[key] = datetime.fromisoformat(cells[key]) if cells[key] else None
    if "payer" in cells:
        email, person, country, ids = cells["payer"]
        cells["payer"] = Payer(email, person, country, tuple(OutsideId(*i) for i in ids))
    if "links" in cells:
        cells["links"] = tuple(OutsideId(*link) for link in cells["links"])
    if "why" in cells:
        cells["why"] = Why(cells["why"])
    return kind(**cells)


def greatest(
    source: Source, subjects: Iterable[str], heard: Mapping[str, Outcome] = NOTHING
) -> list[tuple[str, Outcome]]:
    """Of all statements about `subjects` that count: of several about one thing the greatest, each
    with its subject."""
    counted = Q(upload__state__in=Upload.COUNTED) | Q(upload=None)
    rows = source.statements.filter(counted, subject__among=subjects)
    best: dict[tuple[str, str], tuple[str, str, int]] = {}
    columns = rows.values_list("kind", "external_id", "rank", "subject", "pk")
    for kind, name, rank, subject, pk in columns:
        # Compared here, because the database would go by the rules of some language.
        known = best.get((kind, name), ("", "", 0))
        best[kind, name] = max(known, (rank, subject, pk))
    unheard = [pk for rank, _subject, pk in best.values() if rank not in heard]
    packed = Statement.objects.filter(pk__among=unheard).values_list("pk", "said")
    read = {pk: said(bytes(content)) for pk, content in packed} if unheard else {}
    return [
        (subject, heard[rank] if rank in heard else read[pk])
        for _thing, (rank, subject, pk) in sorted(best.items())
    ]
