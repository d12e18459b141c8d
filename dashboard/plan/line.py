"""The picture of a circle that grows: a line over the years, in the units of an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from dashboard.plan.growth import Forecast
from fans.growth import YEAR

WIDTH, HEIGHT = 440, 230
LEFT, RIGHT, TOP, BOTTOM = 8, 12, 16, 26
#: More years than this are not all numbered.
NUMBERED = 10


@dataclass(frozen=True, slots=True)
class Line:
    """`path` goes through the number of people at the end of every year; `target` and `ceiling` are
    heights, `reached` is the point where the line meets the target, `years` are places with numbers
    below the axis."""

    path: str
    target: int
    ceiling: int | None
    reached: tuple[int, int] | None
    years: Sequence[tuple[int, int]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def draw(forecast: Forecast, years: int) -> Line:
    """`years` of `forecast`, at least one."""
    people = list(islice(forecast.growth.years(), years + 1))
    top = max(*people, Decimal(forecast.target)) * Decimal("1.12")

    def across(year: Decimal | int) -> int:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * Decimal(year) / years)

    def up(number: Decimal | int) -> int:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * Decimal(number) / top)

    days, ceiling = forecast.days, forecast.growth.ceiling
    points = [f"{across(year)} {up(number)}" for year, number in enumerate(people)]
    return Line(
        path="M" + "L".join(points),
        target=up(forecast.target),
        ceiling=up(ceiling) if ceiling is not None and ceiling < top else None,
        reached=(across(Decimal(days) / YEAR), up(forecast.target)) if days else None,
        years=[(across(year), year) for year in range(0, years + 1, -(-years // NUMBERED))],
    )
