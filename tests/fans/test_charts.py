"""Bars: numbers in, geometry out."""

from django.template import Context, Template

from fans.charts import HEIGHT, Bars, Block, Column


def chart(*columns: Column) -> Bars:
    return Bars(title="Income", about="By month", series=["Shop", "Club"], columns=columns)


def column(label: str, *amounts: int) -> Column:
    return Column(label, amounts, [f"£{amount}" for amount in amounts])


def test_the_highest_bar_fills_the_picture_and_parts_stand_on_each_other():
    blocks = chart(column("May", 1, 3), column("June", 2, 0)).blocks

    assert blocks == [
        Block(x=1, y=75.0, height=25.0, series=0),
        Block(x=1, y=0.0, height=75.0, series=1),
        Block(x=11, y=50.0, height=50.0, series=0),
    ]
    assert blocks[0].height + blocks[1].height == HEIGHT


def test_bars_of_nothing_are_none():
    assert chart(column("May", 0, 0)).is_empty
    assert chart(column("May", 0, 0)).blocks == []


def test_the_numbers_stand_in_a_table_behind_the_picture():
    page = Template("{% load charts %}{% bars chart 'income' %}").render(
        Context({"chart": chart(column("May", 1, 3))})
    )
    assert page.count("<rect") == 2 + 2  # and the legend's
    assert '<title id="income-title">Income</title>' in page
    assert "<td" in page
    assert "£3" in page
    assert 'style="' not in page
