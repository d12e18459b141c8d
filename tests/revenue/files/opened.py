"""Files for tests: samples of our own making, or texts, and what becomes of their rows in words."""

import io
from pathlib import Path

from revenue.files.deciding import Question, decide
from revenue.files.outcomes import Line, Outcome, Person, Return, Skipped, Total
from revenue.files.reading import Table
from revenue.files.recognising import open_tables, recognise
from revenue.files.sheet import Decisions
from revenue.files.translating import translate
from truefans.money import to_major

SAMPLES = Path(__file__).parents[2] / "data" / "files"


def table(source: str | bytes) -> Table:
    """The table in a sample (by its name), a text or bytes."""
    if isinstance(source, str) and "\n" not in source:
        (found,) = open_tables(SAMPLES / source)
    else:
        content = source.encode() if isinstance(source, str) else source
        (found,) = open_tables(io.BytesIO(content))
    return found


def outcomes(source: str | bytes, **answers: str) -> list[Outcome]:
    """What the rows of a platform's file are."""
    opened = table(source)
    match = recognise(opened)
    assert match is not None
    decided = decide(opened, match, Decisions(**answers))
    return list(translate(opened, match, decided.decisions))


def questions(source: str | bytes, **answers: str) -> tuple[Question, ...]:
    opened = table(source)
    match = recognise(opened)
    assert match is not None
    return decide(opened, match, Decisions(**answers)).questions


def platform(source: str | bytes) -> str:
    """The slug of the platform that is recognised, "" for none."""
    match = recognise(table(source))
    return match.platform.slug if match else ""


def told(source: str | bytes, **answers: str) -> list[str]:
    """Every outcome in a few words: “2 paid EUR 62.50 ada@example.org, back 5.00”."""
    return [in_words(outcome) for outcome in outcomes(source, **answers)]


def in_words(outcome: Outcome) -> str:
    if isinstance(outcome, Skipped):
        return f"{outcome.line} skipped {outcome.why}"
    who = outcome.payer.identity or outcome.payer.name or "?"
    if isinstance(outcome, Person):
        return f"{outcome.line} person {who}"
    money = f"{outcome.currency} {to_major(outcome.amount, outcome.currency)}"
    if isinstance(outcome, Total):
        return f"{outcome.line} total {money} {who}"
    if isinstance(outcome, Return):
        return f"{outcome.line} {outcome.kind} {money} {who} of {outcome.of or '?'}"
    assert isinstance(outcome, Line)
    words = f"{outcome.line} paid {money} {who}"
    if outcome.returned:
        words += f", back {to_major(outcome.returned, outcome.currency)}"
    return words
