"""The worked examples of docs/definitions.md, as data: what is given and what follows from it."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from truefans.money import display

LONDON = ZoneInfo("Europe/London")
DOCUMENT = (settings.BASE_DIR / "docs" / "definitions.md").read_text()


@dataclass(frozen=True)
class Example:
    """One fenced block: what is `given`, line by line, and what `follows` from it."""

    section: str
    kind: str
    given: list[tuple[str, str]]
    follows: dict[str, str]

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.given if name == key]

    def get(self, key: str, default: str = "") -> str:
        return next(iter(self.all(key)), default)


def sections() -> dict[str, str]:
    """The text under each definition's heading."""
    parts = re.split(r"^### (.+)\n", DOCUMENT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def examples() -> list[Example]:
    found = []
    for section, text in sections().items():
        for kind, body in re.findall(r"^```example (\w+)\n(.*?)^```", text, re.M | re.S):
            lines = [line.partition(": ") for line in body.splitlines()]
            given = [(key, value) for key, _, value in lines if not key.startswith("→")]
            follows = {key[2:]: value for key, _, value in lines if key.startswith("→")}
            found.append(Example(section, kind, given, follows))
    return found


def moment(text: str) -> datetime:
    """“2026-11-22 15:30” by the clock of London; a day alone means noon, a time alone today."""
    day, _, time = text.rpartition(" ") if ":" in text else (text, "", "12:00")
    return datetime.fromisoformat(f"{day or '2026-11-22'} {time}").replace(tzinfo=LONDON)


def money(minor: int | None, currency: str) -> str:
    return "unknown" if minor is None else display(minor, currency).replace("\xa0", " ")
