"""What a file leaves open, decided by the whole of it; where it stays open, a question.

A date such as 13/02/2026 decides the order for its file, “12,50” the decimal mark, a sign or a
header such as “Amount (GBP)” the currency. What a file does not show, its platform may know.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from revenue.files.amounts import (
    NOTHING,
    Mark,
    NotANumber,
    Unclear,
    currency_code,
    currency_in,
    number,
    shown_mark,
)
from revenue.files.columns import ABSENT, Role, plain
from revenue.files.dates import NotADate, Order, Undecided, moment, shown_order
from revenue.files.platform import Match
from revenue.files.reading import Broken, Table
from revenue.files.sheet import Decisions
from truefans.money import THREE_DECIMAL, ZERO_DECIMAL, is_currency

#: A file that shows nothing of a matter in as many rows leaves it to its platform.
ENOUGH_ROWS = 1_000
#: As many rows are kept to look at again, and as many of the file's own texts shown in a question.
KEPT_ROWS = 20
EXAMPLES = 3
#: What a column of whole minor units is called: amount_cents, “Total (pence)”.
CENTS = re.compile(r"\b(cents?|pence|centimes?|céntimos?|centavos?|minor|minor units?)\b")
CODE_IN_HEADER = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Z])")


class About(StrEnum):
    DATE_ORDER = "date_order"
    MARK = "mark"
    CURRENCY = "currency"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer, as `Decisions` takes it, and what texts of the file would then mean."""

    value: str
    readings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What only the creator can say. Without `choices` any ISO currency is an answer.

    `texts` are some of the cells that it is about.
    """

    about: About
    column: str
    texts: tuple[str, ...]
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    decisions: Decisions
    questions: tuple[Question, ...] = ()


def decide(table: Table, match: Match, answers: Decisions | None = None) -> Decided:
    """How the file is meant; `answers` are what the creator said already, and overrule it."""
    answers = answers or Decisions()
    platform = match.platform
    if platform.refusal:
        return Decided(answers)
    survey = _survey(table, match)
    decisions = Decisions(
        date_order=answers.date_order or survey.order or _usual_order(table, match, survey),
        mark=answers.mark or survey.mark or platform.mark,
        currency=answers.currency or platform.currency or _currency(table, match, survey),
        zone=platform.zone or answers.zone,
        unit=answers.unit or _unit(table, match, survey),
    )
    return Decided(decisions, tuple(_questions(table, match, survey, decisions)))


class _Survey:
    """What the cells of a file show."""

    def __init__(self, match: Match) -> None:
        columns = match.platform.columns
        places = [(match.fit.places[field], column.role) for field, column in columns.items()]
        self.dates = [place for place, role in places if role is Role.DATE and place >= 0]
        self.amounts = [place for place, role in places if role is Role.AMOUNT and place >= 0]
        self.currency = match.fit.places.get("currency", ABSENT)
        self.rows: list[list[str]] = []
        self.orders: set[str] = set()
        self.marks: set[str] = set()
        self.likely_marks: set[str] = set()
        self.unclear_dates: list[tuple[int, str]] = []
        self.unclear_amounts: list[tuple[int, str]] = []

    @property
    def order(self) -> str:
        return next(iter(self.orders)) if len(self.orders) == 1 else ""

    @property
    def mark(self) -> str:
        marks = self.marks or self.likely_marks
        return next(iter(marks)) if len(marks) == 1 else ""

    def see(self, cells: list[str]) -> None:
        if len(self.rows) < KEPT_ROWS:
            self.rows.append(cells)
        for place in self.dates:
            if (order := shown_order(cells[place])) is None:
                _keep(self.unclear_dates, place, cells[place])
            elif order:
                self.orders.add(order)
        for place in self.amounts:
            if (mark := shown_mark(cells[place])) is None:
                if self._has_no_cents(cells, place):
                    continue
                _keep(self.unclear_amounts, place, cells[place])
                if likely := _mark_by_elimination(cells, place, self.currency):
                    self.likely_marks.add(likely)
            elif mark:
                self.marks.add(mark)

    def _has_no_cents(self, cells: list[str], place: int) -> bool:
        """Whether the amount at `place` is of a currency that has none, so that it asks nothing."""
        named = currency_code(cells[self.currency]) if self.currency >= 0 else ""
        return (named or currency_in(cells[place])) in ZERO_DECIMAL


def _mark_by_elimination(cells: list[str], place: int, currency: int) -> str:
    """“2,999” is no amount with three decimals: there is none in most currencies."""
    last_digit = next(filter(str.isdigit, reversed(cells[place])))
    if last_digit == "0" or (currency >= 0 and currency_code(cells[currency]) in THREE_DECIMAL):
        return ""
    return Mark.POINT if "," in cells[place] else Mark.COMMA


def _keep(examples: list[tuple[int, str]], place: int, text: str) -> None:
    if len(examples) < EXAMPLES and all(text != known for _, known in examples):
        examples.append((place, text))


def _survey(table: Table, match: Match) -> _Survey:
    """Look at the first rows, and on as long as something is unclear that nobody else knows."""
    survey = _Survey(match)
    order_is_usual = bool(match.platform.date_order) and not callable(match.platform.date_order)
    for count, (_line, cells) in enumerate(table.rows()):
        if count >= ENOUGH_ROWS:
            seeks_order = survey.unclear_dates and not survey.orders and not order_is_usual
            seeks_mark = survey.amounts and not survey.mark and not match.platform.mark
            if not (seeks_order or seeks_mark):
                break
        if not isinstance(cells, Broken):
            survey.see(cells)
    return survey


def _usual_order(table: Table, match: Match, survey: _Survey) -> str:
    usual = match.platform.date_order
    if not callable(usual):
        return usual
    return usual(table.header, [match.cells(row) for row in survey.rows])


def _currency(table: Table, match: Match, survey: _Survey) -> str:
    """The currency of amounts that name none, from the header or from the signs beside them."""
    for place in survey.amounts:
        name = table.header[place]
        codes = [code for code in CODE_IN_HEADER.findall(name) if is_currency(code)]
        if code := next(iter(codes), "") or currency_in("".join(filter(_is_sign, name))):
            return code
    signs = {currency_in(text) for text in _amounts(survey)}
    return next(iter(signs)) if len(signs) == 1 else ""


def _is_sign(character: str) -> bool:
    return unicodedata.category(character) == "Sc"


def _unit(table: Table, match: Match, survey: _Survey) -> str:
    names = [plain(table.header[place]) for place in survey.amounts]
    if any(CENTS.search(name) for name in names) and not survey.marks:
        return "minor"
    if match.platform.is_minor is None:
        return "major" if survey.marks else ""
    return "minor" if match.platform.is_minor else "major"


def _questions(
    table: Table, match: Match, survey: _Survey, decisions: Decisions
) -> Iterator[Question]:
    if survey.unclear_dates and not decisions.date_order:
        yield _question(table, About.DATE_ORDER, survey.unclear_dates, Order, _as_date)
    if survey.unclear_amounts and not decisions.mark:
        yield _question(table, About.MARK, survey.unclear_amounts, Mark, _as_number)
    amounts = [
        (place, row[place])
        for row in survey.rows
        for place in survey.amounts[:1]
        if row[place].strip() not in NOTHING
    ][:EXAMPLES]
    if amounts and not decisions.unit:
        yield _question(table, About.UNIT, amounts, ("major", "minor"), _as_unit)
    if amounts and not decisions.currency and not _names_currencies(match, survey):
        yield _question(table, About.CURRENCY, amounts, (), _as_number)


def _names_currencies(match: Match, survey: _Survey) -> bool:
    """Whether rows say in which currency they are: in a column, or by a sign with each amount."""
    place = match.fit.places.get("currency", ABSENT)
    if place >= 0 and any(row[place].strip() for row in survey.rows):
        return True
    shown = _amounts(survey)
    return bool(shown) and all(map(currency_in, shown))


def _amounts(survey: _Survey) -> list[str]:
    """The amounts in the first rows that are any: nothing is nothing in every currency."""
    return [
        row[place]
        for row in survey.rows
        for place in survey.amounts[:1]
        if row[place].strip(" 0.,") and row[place].strip() not in NOTHING
    ]


def _question(
    table: Table,
    about: About,
    examples: Sequence[tuple[int, str]],
    values: Iterable[str],
    reading: Callable[[str, str], str],
) -> Question:
    texts = tuple(text for _, text in examples)
    choices = tuple(
        Choice(str(value), tuple((text, reading(text, value)) for text in texts))
        for value in values
    )
    return Question(about, table.header[examples[0][0]], texts, choices)


def _as_date(text: str, order: str) -> str:
    try:
        return moment(text, order=order).date().isoformat()
    except (NotADate, Undecided):
        return ""


def _as_number(text: str, mark: str) -> str:
    try:
        return number(text, mark)
    except (NotANumber, Unclear):
        return ""


def _as_unit(text: str, unit: str) -> str:
    try:
        plain = Decimal(number(text, Mark.POINT))
    except NotANumber:
        return ""
    return str(plain if unit == "major" else plain.scaleb(-2))
