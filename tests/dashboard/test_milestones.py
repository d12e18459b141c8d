"""Milestones: which seats are worth a card, and the card itself."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from fans.cards import EMBER, INK, INK_FAINT, INK_SOFT, PAPER, SEAT, SIZE, card_of, draw
from fans.lettering import OTHERS, OWN, font, legible
from fans.milestones import Milestone, steps
from tests.dashboard.test_look import colours, luminance
from tests.factories import CreatorFactory, FanFactory

ROOM = "/studio/low-tide/milestones"
EMPTY: tuple[str, ...] = ()


@pytest.fixture
def seated(creator, now):
    """`seated(12)`: true fans in the seats 1 to 12, a day apart."""

    def take(count, *, last_on=now):
        return [
            FanFactory(
                creator=creator, name=f"Secret {seat}", seat=seat, is_true_fan=True,
                spend=120_00, crossed_at=last_on - timedelta(days=count - seat),
            )
            for seat in range(1, count + 1)
        ]  # fmt: skip

    return take


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (1, [1]),
        (7, [1, 7]),
        (10, [1, 10]),
        (100, [1, 10, 25, 50, 100]),
        (347, [1, 10, 25, 50, 100, 250, 347]),
        (1000, [1, 10, 25, 50, 100, 250, 500, 1000]),
        (1_000_000, [1, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000,
                     10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000]),
    ],
)  # fmt: skip
def test_round_numbers_up_to_the_target_and_the_target(target, expected):
    assert steps(target) == expected


@pytest.mark.django_db
def test_what_is_reached_stands_there_with_its_day_the_newest_first(client, seated):
    seated(12)

    page = client.get(ROOM).text

    assert page.index("No. 10<") < page.index("No. 1<")
    assert "20 November 2026" in page
    assert "No. 25" not in page.split('class="grid')[1]
    assert "13 more to No. 25" in page
    assert f'src="{ROOM}/10.png"' in page
    words = "Low Tide: No. 10 on the way to 1,000 true friends, 20 November 2026."
    assert f'alt="{words}' in page
    assert (
        f"readonly>{words} A field with a dot for each of 1,000 people; those up to No. 10 are"
        in page
    )


@pytest.mark.django_db
def test_nobody_is_named(client, seated):
    seated(12)

    assert "Secret" not in client.get(ROOM, {"seat": "7"}).text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("7", "No. 7 on the way to 1,000 true friends"),
        ("13", "There is no such seat yet: 12 are taken"),
        ("0", "There is no such seat yet"),
        ("-3", "There is no such seat yet"),
        ("seven", "There is no such seat yet"),
        ("9" * 30, "There is no such seat yet"),
        ("<b>", 'value="&lt;b&gt;"'),
    ],
)
def test_any_seat_can_be_picked_by_its_number(client, seated, typed, said):
    seated(12)

    page = client.get(ROOM, {"seat": typed})

    assert page.status_code == 200
    assert said in page.text


@pytest.mark.django_db
def test_without_a_seat_the_room_teaches(client, creator):
    page = client.get(ROOM)

    assert "No seat is taken yet" in page.text
    assert "<img" not in page.text


@pytest.mark.django_db
def test_a_seat_whose_day_is_not_known_any_more_has_a_card_without_one(client, creator, seated):
    seated(10)
    creator.fans.filter(seat=10).update(crossed_at=None)
    creator.fans.filter(seat=1).delete()

    page = client.get(ROOM).text

    assert page.count("day not known any more") == 2
    assert client.get(f"{ROOM}/1.png").status_code == 200


@pytest.mark.django_db
def test_the_day_is_by_the_creators_clock(creator):
    late = Milestone(seat=1, reached_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))

    assert card_of(creator, late).day == "1 July 2026"


@pytest.mark.django_db
def test_the_picture_is_a_png_of_the_right_size_that_fills_the_field(client, creator, seated):
    seated(100)

    answer = client.get(f"{ROOM}/100.png")

    assert answer["Content-Type"] == "image/png"
    assert 'filename="low-tide-100.png"' in answer["Content-Disposition"]
    image = Image.open(BytesIO(answer.content))
    assert (image.size, image.format) == (SIZE, "PNG")
    dots = [image.getpixel((571 + 14 * place, 138)) for place in range(40)]
    assert set(dots) == {rgb(EMBER)}
    third = [image.getpixel((571 + 14 * place, 138 + 28)) for place in range(40)]
    assert third == [rgb(EMBER)] * 20 + [rgb(SEAT)] * 20
    assert image.getpixel((5, 5)) == rgb(PAPER)


@pytest.mark.django_db
def test_a_browser_that_has_the_picture_is_not_sent_it_again(client, creator, seated):
    seated(10)
    answer = client.get(f"{ROOM}/10.png")
    assert answer["Cache-Control"] == "private, no-cache"

    again = client.get(f"{ROOM}/10.png", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == answer["ETag"]
    assert again["Cache-Control"] == "private, no-cache"

    type(creator).objects.update(name="High Tide")
    other = client.get(f"{ROOM}/10.png", headers={"If-None-Match": answer["ETag"]})
    assert other.status_code == 200
    assert other.content != answer.content


@pytest.mark.django_db
def test_pages_are_still_kept_nowhere(client, creator):
    assert "no-store" in client.get(ROOM)["Cache-Control"]


@pytest.mark.django_db
def test_the_picture_is_as_private_as_the_room(client, creator, seated):
    seated(1)
    CreatorFactory(handle="other")

    assert client.get(f"{ROOM}/2.png").status_code == 404
    assert client.get(f"{ROOM}/0.png").status_code == 404
    assert client.get(f"{ROOM}/{'9' * 30}.png").status_code == 404
    assert client.get("/studio/other/milestones/1.png").status_code == 404
    assert Client().get(f"{ROOM}/1.png").status_code == 302


@pytest.mark.django_db
def test_the_room_costs_the_same_queries_however_many_there_are(
    client, creator, seated, django_assert_num_queries
):
    seated(1)
    with django_assert_num_queries(6):
        client.get(ROOM, {"seat": "1"})
    creator.fans.all().delete()
    seated(60)
    with django_assert_num_queries(6):
        client.get(ROOM, {"seat": "1"})


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Low Tide", "Low Tide"),
        ("  Low\n Tide ", "Low Tide"),
        ("Low Tide 🌊", "Low Tide"),
        ("\u202eLow Tide", "Low Tide"),
        ("Zoë & Łucja", "@low-tide"),
        ("Zoë", "Zoe"),
        ("Zoe\u0308", "Zoe"),
        ("東京", "@low-tide"),
        ("🌊", "@low-tide"),
        ("", "@low-tide"),
    ],
)
def test_without_fonts_of_the_machine_a_name_is_plain_or_the_handle(name, drawn):
    assert legible(name, otherwise="@low-tide", faces=EMPTY) == (drawn, OWN)


def test_a_font_of_the_machine_draws_what_the_own_one_cannot():
    there = next((face for face in OTHERS if font(face, 24)), None)
    if there is None:
        pytest.skip("This machine has none of these fonts.")

    assert legible("Zoë", otherwise="@low-tide") == ("Zoë", there)
    assert legible("Zoe", otherwise="@low-tide") == ("Zoe", OWN)


@pytest.mark.parametrize("face", ["", "no-such-font.ttf"])
def test_no_letter_is_ever_a_box(face):
    found = legible("東\U000e0001京\uffff", otherwise="@low-tide", faces=(face,))

    assert found.text == "@low-tide"


@pytest.mark.django_db
@pytest.mark.parametrize("target", [1, 2, 9, 10, 57, 100, 2000, 2001, 30_000, 1_000_000])
@pytest.mark.parametrize("name", ["I", "A very long name that goes on " * 4, "W" * 120])
def test_every_card_keeps_its_words_apart_from_its_dots(creator, target, name):
    creator.target_count, creator.name = target, name[:120]
    creator.fans_word = "supercalifragilistic listeners"
    card = card_of(creator, Milestone(seat=target + 5, reached_at=None))

    image = Image.open(BytesIO(draw(card)))

    between = image.crop((532, 0, 560, SIZE[1] - 100))
    assert between.getcolors() == [(between.width * between.height, rgb(PAPER))]


@pytest.mark.django_db
def test_beyond_the_target_the_card_says_so(creator):
    card = card_of(creator, Milestone(seat=1204, reached_at=None))

    assert (card.number, card.words.text) == ("No. 1,204", "beyond 1,000 true friends")
    assert "those up to No. 1,000 are filled" in card.alt


@pytest.mark.django_db
def test_a_dot_for_several_says_so(creator):
    creator.target_count = 10_000
    card = card_of(creator, Milestone(seat=2500, reached_at=None))

    assert card.note == "each dot is 5"


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


@pytest.mark.parametrize(
    ("colour", "token"),
    [
        (PAPER, "paper"),
        (INK, "ink"),
        (INK_SOFT, "ink-soft"),
        (INK_FAINT, "ink-faint"),
        (EMBER, "ember"),
    ],
)
def test_the_colours_are_those_of_the_pages_by_day(colour, token):
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in rgb(colour))
    ]
    found = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert found == pytest.approx(luminance(*colours(token)[0]), abs=0.004)


def test_empty_seats_are_as_faint_as_in_the_field():
    field = (settings.BASE_DIR / "static" / "css" / "field.css").read_text()
    [seat] = re.findall(r"\.seat \{\s*stroke: light-dark\(oklch\(([\d. ]+)\)", field)
    assert tuple(map(float, seat.split())) == (0.925, 0.02, 78)
    assert SEAT == "#eee5d8"
