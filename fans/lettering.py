"""Letters for pictures: names in any script, with the fonts that there are, and never a box.

The font that comes with Pillow draws what English needs and no more. For other letters the fonts
of the machine are asked; where none has them, accents are left out; and where even that does not
help, something else is written instead.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from PIL import ImageFont, features
from PIL.ImageFont import FreeTypeFont

#: Pillow's own.
OWN = ""
#: Fonts of many machines, those that look most like it first.
OTHERS = ("LiberationSans-Regular.ttf", "Arial.ttf", "NotoSans-Regular.ttf", "DejaVuSans.ttf")
#: Emoji, signs of order and unassigned places: a name is the same without them.
NO_LETTERS = {"Cc", "Cf", "Cn", "Co", "Cs", "Sk", "So"}


class Lettering(NamedTuple):
    """A text and the name of a font that has all its letters."""

    text: str
    face: str


def legible(text: str, *, otherwise: str, faces: tuple[str, ...] = OTHERS) -> Lettering:
    """`text` as it can be drawn, or `otherwise`, which is plain ASCII.

    `faces` are the files of fonts to try, whether they are there or not.
    """
    text = _letters_only(unicodedata.normalize("NFC", text))
    for face in (OWN, *faces):
        if text and _has(face, text):
            return Lettering(text, face)
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return Lettering(plain if plain and _has(OWN, plain) else otherwise, OWN)


@lru_cache(maxsize=64)
def font(face: str, size: int) -> FreeTypeFont | None:
    """The font in the file `face`, `size` pixels high; None if it is not there."""
    try:
        found = ImageFont.truetype(face, size) if face else ImageFont.load_default(size)
    except OSError:
        return None
    return found if isinstance(found, FreeTypeFont) else None


def _letters_only(text: str) -> str:
    kept = (
        " " if c.isspace() else c
        for c in text
        if c.isspace() or not _is_ornament(c) or _has(OWN, c)
    )
    return " ".join("".join(kept).split())


def _is_ornament(char: str) -> bool:
    return unicodedata.category(char) in NO_LETTERS or "\ufe00" <= char <= "\ufe0f"


def _has(face: str, text: str) -> bool:
    """Whether the font draws every letter of `text`, each in its place."""
    turns = any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in text)
    if turns and not features.check("fribidi"):
        return False
    return all(char == " " or _has_letter(face, char) for char in text)


@lru_cache(maxsize=4096)
def _has_letter(face: str, char: str) -> bool:
    """A font draws all letters that it does not have alike."""
    found = font(face, 24)
    return found is not None and bytes(found.getmask(char)) != bytes(found.getmask("\uffff"))
