"""Charts in a template: `{% load charts %}{% bars chart %}`."""

from django import template

from fans.charts import WIDTH, Bars

register = template.Library()


@register.inclusion_tag("fans/bars.html")
def bars(chart: Bars, name: str) -> dict[str, object]:
    """The picture, a legend where there are several series, and the numbers in a table.

    `name` tells charts of one page apart; it goes into ids.
    """
    return {"chart": chart, "name": name, "width": WIDTH, "blocks": chart.blocks}
