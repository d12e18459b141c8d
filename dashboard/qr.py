"""A text as a code that a phone can scan: dark squares on a light ground, as one SVG path."""

from itertools import groupby

from django.utils.html import format_html
from django.utils.safestring import SafeString
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

#: Squares of light ground on each side, which scanners need.
QUIET = 4


def qr_picture(text: str, *, label: str) -> SafeString:
    """The picture, as large as the place that it stands in; colours come from the stylesheet."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    rows = code.get_matrix()
    return format_html(
        '<svg class="code-picture" role="img" aria-label="{}" viewBox="0 0 {} {}"'
        ' shape-rendering="crispEdges"><rect class="code-ground" width="100%" height="100%"/>'
        '<path class="code-ink" d="{}"/></svg>',
        label,
        len(rows),
        len(rows),
        "".join(_runs(rows)),
    )


def _runs(rows: list[list[bool]]) -> list[str]:
    """Each run of dark squares of a row as one piece of a path."""
    found = []
    for y, row in enumerate(rows):
        x = 0
        for is_dark, squares in groupby(row):
            width = len(list(squares))
            if is_dark:
                found.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return found
