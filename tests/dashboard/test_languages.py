"""The rooms in other languages: their numbers and dates, and drawings that stay as they are."""

import re
from decimal import Decimal

import pytest

from fans.models import Creator
from fans.templatetags.amounts import percent
from tests.factories import MembershipFactory
from truefans.languages import written_in

pytestmark = pytest.mark.django_db

ROOMS = ["", "people", "income", "sources", "settings"]
#: What a browser reads numbers from.
GEOMETRY = re.compile(r' (?:x|y|r|cx|cy|width|height|viewBox|stroke-width|d|value|max)="([^"]*)"')


@pytest.fixture
def rooms(client, creator, source, buyer, now):
    """`rooms("de")`: every room of a studio with people, by its address."""
    Creator.objects.update(target_spend=1234_50)
    fans = [buyer(amount) for amount in (1500_50, 700_25, 3_00)]
    MembershipFactory(source=source, fan=fans[0])

    def pages(language: str) -> dict[str, str]:
        Creator.objects.update(language=language)
        addresses = [*ROOMS, f"people/{fans[0].pk}"]
        pages = {room: client.get(f"/studio/low-tide/{room}").text for room in addresses}
        return pages | {"page": client.get("/@low-tide").text}

    return pages


def test_money_and_dates_are_written_as_the_creator_chose(rooms):
    german = rooms("de")

    assert "1.500,50\xa0£" in german["people"]
    assert "22. November 2026" in german["sources"]
    assert "1.234,50\xa0£" in german["page"]
    assert '<html lang="en-de">' in german["people"]
    assert "<h1>People</h1>" in german["people"]


@pytest.mark.parametrize("language", ["de", "fr", "ja"])
def test_drawings_and_bars_are_the_same_in_every_language(rooms, language):
    english, other = rooms("en-gb"), rooms(language)

    for room in english:
        drawn = [GEOMETRY.findall(without_tokens(page)) for page in (english[room], other[room])]
        assert drawn[0] == drawn[1], room
        assert drawn[0] or room == "sources"


def without_tokens(page: str) -> str:
    return re.sub(r'<input type="hidden"[^>]*>', "", page)


def test_it_ends_with_the_page(client, creator, rooms):
    rooms("de")
    assert '<html lang="en-gb">' in client.get("/definitions").text


def test_no_template_of_a_room_writes_a_date_in_english_only(settings):
    folders = [settings.BASE_DIR / "templates" / name for name in ("dashboard", "supporters")]
    fixed = {
        path.name: found
        for folder in folders
        for path in folder.rglob("*.html")
        if (found := re.findall(r'\|date:"(?!(?:c|Y|Ym)")[^"]*"', path.read_text()))
    }
    assert fixed == {}, "use |day, |month or |moment of the library “dates”"


@pytest.mark.parametrize(
    ("language", "written"),
    [("en-gb", "12%|86.8%"), ("de", "12\xa0%|86,8\xa0%"), ("fr", "12\xa0%|86,8\xa0%")],
)
def test_a_share_is_written_as_the_language_does(language, written):
    with written_in(language):
        assert f"{percent(12)}|{percent(Decimal('86.8'))}" == written
