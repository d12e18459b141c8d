"""Lists as files, sent while they are read."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from itertools import chain

from django.http import StreamingHttpResponse

from revenue.exports import Row, csv_pieces


def csv_download(
    name: str, rows: Iterable[Row], *, columns: Sequence[str]
) -> StreamingHttpResponse:
    """`rows` as the file `name`.csv. By its mark spreadsheets know that names are not in some
    alphabet of their own country."""
    return StreamingHttpResponse(
        chain([BOM_UTF8], csv_pieces(rows, columns=columns)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
