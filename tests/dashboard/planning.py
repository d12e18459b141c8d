"""What the room Plan says."""

import re
from html import unescape

from django.utils.html import strip_tags

PLAN = "/studio/low-tide/plan"
PART = {"HX-Request": "true", "HX-Target": "answer"}
MIX = {
    "o0-offer": "Album", "o0-people": "5,000", "o0-price": "10", "o0-times": "1",
    "o1-offer": "Shirt", "o1-people": "500", "o1-price": "20", "o1-times": "1",
    "o2-offer": "Box", "o2-people": "100", "o2-price": "500", "o2-times": "1",
}  # fmt: skip
LABEL = {f"o{number}-middleman": "80" for number in range(3)}
GROWTH = {"ask": "growth", "arrivals": "1", "every": "1", "start": "0", "since": "2026-01-01"}


def words(page) -> str:
    """What the page says, without its markup."""
    text = re.sub(r"<title.*?</title>|<desc.*?</desc>", "", page.text, flags=re.S)
    return re.sub(r"\s+", " ", unescape(strip_tags(text))).replace("\xa0", " ")


def said(page) -> str:
    """The answer in one sentence."""
    [sentence] = re.findall(r'<p class="plan-said">(.*?)</p>', page.text, re.S)
    return " ".join(unescape(strip_tags(sentence)).split()).replace("\xa0", " ")


def value(page, name: str) -> str:
    """What stands in the field `name`."""
    [field] = re.findall(rf'<input [^>]*name="{name}"[^>]*>', page.text)
    found = re.search(r'value="([^"]*)"', field)
    return found[1] if found else ""
