"""The look as far as it can be computed: contrast, icons, and no style in the markup."""

import math
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

TOKENS = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))

AAA, AA, EDGE = 7.0, 4.5, 3.0
PAPERS = ["paper", "paper-raised"]
COLOURS = ["ember", "moss", "amber", "wrong"]
PAIRS = [
    *((ink, paper, AAA) for ink in ("ink", "ink-soft") for paper in PAPERS),
    *(("ink-faint", paper, AA) for paper in PAPERS),
    *((f"{name}-ink", paper, AAA) for name in COLOURS for paper in PAPERS),
    *((f"{name}-ink", f"{name}-wash", AAA) for name in COLOURS),
    *(("ink", f"{name}-wash", AAA) for name in COLOURS),
    ("on-ember", "ember-fill", AAA),
    ("on-ember", "ember-fill-hover", AAA),
    ("ink-soft", "paper-sunk", AAA),
    *(("edge", paper, EDGE) for paper in PAPERS),
    *(("ember", paper, EDGE) for paper in PAPERS),
]


def colours(name):
    """(lightness, chroma, hue) of a token in the light and in the dark."""
    [value] = re.findall(rf"--{name}: light-dark\((.+)\);", TOKENS)
    return [tuple(map(float, c.split())) for c in re.findall(r"oklch\(([\d. ]+)\)", value)]


def luminance(lightness, chroma, hue):
    """The relative luminance of an oklch colour, as WCAG counts it."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(max(channel, 0), 1) for channel in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(*one), luminance(*other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_words_can_be_read_on_their_ground_by_day_and_by_night(ink, ground, least):
    for one, other in zip(colours(ink), colours(ground), strict=True):
        assert contrast(one, other) >= least


def test_black_on_white_is_21_to_1():
    assert contrast((0, 0, 0), (1, 0, 0)) == pytest.approx(21, abs=0.01)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_style_or_a_script_of_its_own(path: Path):
    text = path.read_text()

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", text)
    assert not re.search(r'<script(?![^>]*(\ssrc=|type="application/json"))', text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_icon_of_a_template_is_in_the_sprite(path: Path):
    sprite = (settings.BASE_DIR / "static" / "icons.svg").read_text()
    symbols = set(re.findall(r'<symbol id="([\w-]+)"', sprite))

    assert set(re.findall(r'{% icon "([\w-]+)" %}', path.read_text())) <= symbols


def test_every_stylesheet_is_in_a_layer():
    folder = settings.BASE_DIR / "static" / "css"
    entry = (folder / "truefans.css").read_text()

    imported = re.findall(r'@import url\("([\w.-]+)"\) layer\(\w+\);', entry)
    assert {"truefans.css", *imported} == {path.name for path in folder.glob("*.css")}


def test_a_row_of_a_form_says_what_is_wrong_beside_the_field():
    from dashboard.forms import StripeKeyForm

    html = render_to_string("fans/form_row.html", {"field": StripeKeyForm({"key": ""})["key"]})

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_key_helptext id_key_error"' in html
    assert 'id="id_key_error"' in html
    assert "Please fill this in." in html
