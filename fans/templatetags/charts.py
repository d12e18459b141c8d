"""Charts in a template: `{% load charts %}{% bars chart %}`."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from fans.charts import WIDTH, Bars, Block, Column

register = template.Library()


@register.inclusion_tag("fans/bars.html")
def bars(chart: Bars, name: str) -> dict[str, Any]:
    """The picture, a legend where there are several series, and the numbers in a table.

    `name` tells charts of one page apart; it goes into ids. What is repeated a hundred times is
    written here, because a template would need ten times as long.
    """
    return {
        "chart": chart,
        "name": name,
        "blocks": mark_safe("".join(map(_rect, chart.blocks))),  # noqa: S308  (numbers of our own)
        "labels": format_html_join(
            "", "<span>{}</span>", ((c.label if c.is_marked else "",) for c in chart.columns)
        ),
        "rows": format_html_join("\n", "{}", ((_row(column),) for column in chart.columns)),
    }


def _rect(block: Block) -> str:
    place = f'x="{block.x}" y="{block.y:g}" width="{WIDTH}" height="{block.height:g}"'
    return f'<rect class="series-{block.series}" {place}/>'


def _row(column: Column) -> SafeString:
    cells = format_html_join("", '<td class="number">{}</td>', ((s,) for s in column.shown))
    return format_html('<tr><th scope="row">{}</th>{}</tr>', column.label, cells)
