"""The card of a milestone: a picture to share, in the look of TrueFans. Nobody's name is on it."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from math import ceil, sqrt

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw
from PIL import __version__ as pillow

from fans.field import people_a_dot, shape
from fans.lettering import OWN, Lettering, font, legible
from fans.milestones import Milestone
from fans.models import Creator
from fans.templatetags.words import fans

#: To be raised when cards are drawn otherwise, so that no browser shows an old one.
EDITION = 1
SIZE = (1200, 630)
MARGIN = 76
#: The words stand at the left, at most so wide; the field in this box at the right.
WORDS = 450
FIELD = (564, 96, SIZE[0] - MARGIN, SIZE[1] - 112)
#: The largest distance of two dots.
WIDEST = 88

# The colours of tokens.css and field.css by day.
PAPER = "#fbf5eb"
INK = "#2a1f18"
INK_SOFT = "#4f423a"
INK_FAINT = "#6c6158"
SEAT = "#eee5d8"
EMBER = "#d05320"
EMBER_DEEP = "#903210"


@dataclass(frozen=True, slots=True)
class Card:
    """What is on a card: the seat `seat` of `target`, whose circle it is, the words below the
    number, the day, and a note where a dot stands for several people. `alt` says it all again for
    whoever cannot see the picture."""

    seat: int
    target: int
    name: Lettering
    number: str
    words: Lettering
    day: str
    note: str
    alt: str

    @property
    def fingerprint(self) -> str:
        """The same for two cards that look the same."""
        return sha256(repr((EDITION, pillow, astuple(self))).encode()).hexdigest()[:32]


def card_of(creator: Creator, milestone: Milestone) -> Card:
    """The card of `milestone`, by the creator's words and clock."""
    seat, target, when = milestone.seat, creator.target_count, milestone.reached_at
    words = _("of %(target)s true %(fans)s")
    if seat < target:  # who came before may be true no more
        words = _("on the way to %(target)s true %(fans)s")
    elif seat > target:
        words = _("beyond %(target)s true %(fans)s")
    filled = {"target": intcomma(target), "fans": fans(creator, target)}
    plain = words % (filled | {"fans": _("fan") if target == 1 else _("fans")})
    number = _("No. %(seat)s") % {"seat": intcomma(seat)}
    day = date_format(when.astimezone(creator.zone), "j F Y") if when else ""
    per_dot = people_a_dot(target)
    return Card(
        seat=seat,
        target=target,
        name=legible(creator.name, otherwise=f"@{creator.handle}"),
        number=number,
        words=legible(words % filled, otherwise=plain),
        day=day,
        note=_("each dot is %(count)s") % {"count": intcomma(per_dot)} if per_dot > 1 else "",
        alt=_alt(creator, f"{number} {words % filled}", day, min(seat, target)),
    )


def _alt(creator: Creator, what: str, day: str, taken: int) -> str:
    """The picture in words."""
    said = f"{creator.name}: {what}, {day}." if day else f"{creator.name}: {what}."
    field = _(
        "A field with a dot for each of %(target)s people; those up to No. %(taken)s are filled."
    )
    return f"{said} {field % {'target': intcomma(creator.target_count), 'taken': intcomma(taken)}}"


def draw(card: Card) -> bytes:
    """The card as a PNG of 1,200 × 630 pixels."""
    image = Image.new("RGB", SIZE, PAPER)
    for middle, diameter, colour in _discs(card):
        stamp = _disc(round(4 * diameter))
        image.paste(colour, (middle[0] - stamp.width // 2, middle[1] - stamp.height // 2), stamp)
    _write(ImageDraw.Draw(image), card)
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _write(pen: ImageDraw.ImageDraw, card: Card) -> None:
    """From the top: whose circle it is, the number, what of, and when."""
    y = MARGIN
    for line in _lines(card.name, 46):
        pen.text((MARGIN, y), line, INK, font(card.name.face, 46))
        y += 56
    size = next(s for s in range(140, 0, -4) if _width(card.number, OWN, s) <= WORDS)
    # A little thicker than the font, which has no bold.
    pen.text((MARGIN, 360), card.number, EMBER_DEEP, font(OWN, size), "ls", stroke_width=1)
    y = 390
    for line in _lines(card.words, 36):
        pen.text((MARGIN, y), line, INK_SOFT, font(card.words.face, 36))
        y += 46
    foot = SIZE[1] - MARGIN
    pen.text((MARGIN, foot), card.day, INK_FAINT, font(OWN, 26), "ls")
    pen.text((SIZE[0] - MARGIN, foot), card.note, INK_FAINT, font(OWN, 22), "rs")


def _discs(card: Card) -> Iterator[tuple[tuple[int, int], float, str]]:
    """(middle, diameter, colour) of the dots: taken up to the card's own seat, which wears a
    ring."""
    per_dot = people_a_dot(card.target)
    dots = ceil(card.target / per_dot)
    columns, rows = shape(dots)
    left, top, right, bottom = FIELD
    # Even, so that every disc has its middle where four pixels meet.
    cell = min((right - left) // columns, (bottom - top) // rows, WIDEST) // 2 * 2
    left, top = right - cell * columns, (top + bottom - cell * rows) // 2
    own = min(ceil(card.seat / per_dot), dots) - 1
    for place in range(dots):
        row, column = divmod(place, columns)
        middle = (left + cell * column + cell // 2, top + cell * row + cell // 2)
        taken = min(max(card.seat / per_dot - place, 0), 1)
        if place == own:
            yield middle, 0.98 * cell, INK
            yield middle, 0.82 * cell, PAPER
            yield middle, 0.66 * cell * sqrt(taken), EMBER
        else:
            yield middle, 0.8 * cell, EMBER if taken else SEAT


@lru_cache(maxsize=64)
def _disc(quarters: int) -> Image.Image:
    """A disc with smooth edges, as a mask; its diameter in quarters of a pixel."""
    fine = 8
    side = quarters // 8 * 2 + 4
    mask = Image.new("L", (side * fine, side * fine))
    around, radius = side * fine / 2, quarters * fine / 8
    ends = (around - radius, around + radius)
    ImageDraw.Draw(mask).ellipse((ends[0], ends[0], ends[1] - 1, ends[1] - 1), fill=255)
    return mask.resize((side, side), Image.Resampling.BOX)


def _lines(lettering: Lettering, size: int, most: int = 2) -> list[str]:
    """The text in at most `most` lines; what finds no room is left out, which "…" tells."""
    text, face = lettering
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most:
        count = len(words)
        while count > 1 and _width(" ".join(words[:count]), face, size) > WORDS:
            count -= 1
        lines.append(" ".join(words[:count]))
        words = words[count:]
    if words:
        lines[-1] += " …"
    return [_cut(line, face, size) for line in lines]


def _cut(line: str, face: str, size: int) -> str:
    if _width(line, face, size) <= WORDS:
        return line
    while _width(line + "…", face, size) > WORDS:
        line = line[:-1]
    return line + "…"


def _width(text: str, face: str, size: int) -> float:
    found = font(face, size)
    return found.getlength(text) if found else 0
