"""The rules of the field: who gets which dot, how full it is, and what it weighs."""

import gzip
import re
import time
from math import pi
from xml.etree import ElementTree

import pytest

from fans.field import ALMOST_FULL, FULL, Person, filled, lay_out, links, people_a_dot, picture

TRUE = Person(fraction=1.2)


def on_the_way(count):
    return [Person(fraction=1 - (place + 1) / (count + 1)) for place in range(count)]


def looks(field):
    """How many dots each path of the picture has, by its class."""
    root = ElementTree.fromstring(f"<g>{picture(field)}</g>")
    found = {}
    for path in root.iter("path"):
        found[path.get("class")] = found.get(path.get("class"), 0) + path.get("d").count("h0")
    return found


def test_a_thousand_seats_stand_in_25_rows_of_40():
    field = lay_out(target_count=1000, true_fans=[], on_their_way=[])

    assert (field.columns, field.rows, len(field.dots)) == (40, 25, 1000)
    assert (field.width, field.height) == (400, 250)


@pytest.mark.parametrize("count", [*range(1, 60), 100, 347, 500, 750, 1094, 1500, 1999, 2000])
def test_every_seat_has_a_place_of_its_own_inside_the_picture(count):
    field = lay_out(target_count=count, true_fans=[], on_their_way=[])

    places = {(dot.x, dot.y) for dot in field.dots}
    assert len(places) == count
    assert all(0 < x < field.width and 0 < y < field.height for x, y in places)
    assert (field.rows - 1) * field.columns < count <= field.rows * field.columns


@pytest.mark.parametrize("count", [100, 347, 500, 750, 1500, 2000])
def test_other_counts_stand_near_8_to_5(count):
    field = lay_out(target_count=count, true_fans=[], on_their_way=[])

    assert 1.3 < field.columns / field.rows < 2


@pytest.mark.parametrize("count", [700, 1000, 1999])
def test_a_wide_field_is_8_to_5_to_the_unit_so_that_it_can_stand(count):
    field = lay_out(target_count=count, true_fans=[], on_their_way=[])

    assert field.may_stand
    assert abs(field.width * 5 - field.height * 8) < 8


def test_true_fans_come_first_then_the_nearest_then_empty_seats():
    field = lay_out(target_count=10, true_fans=[TRUE] * 3, on_their_way=on_the_way(2))

    fractions = [dot.fraction for dot in field.dots]
    assert fractions == pytest.approx([1, 1, 1, 2 / 3, 1 / 3, 0, 0, 0, 0, 0])


def test_who_is_on_their_way_and_finds_no_seat_has_no_dot():
    field = lay_out(target_count=4, true_fans=[TRUE] * 3, on_their_way=on_the_way(50))

    assert len(field.dots) == len(field.people) == 4


def test_more_true_fans_than_the_target_all_have_a_seat():
    field = lay_out(target_count=1000, true_fans=[TRUE] * 1094, on_their_way=on_the_way(50))

    assert field.seats == len(field.dots) == 1094
    assert all(dot.fraction == 1 for dot in field.dots)


@pytest.mark.parametrize(
    ("seats", "people"), [(1, 1), (2000, 1), (2001, 2), (5000, 5), (10_001, 10), (1_000_000, 500)]
)
def test_above_2000_seats_a_dot_stands_for_several(seats, people):
    assert people_a_dot(seats) == people


def test_a_dot_of_several_is_as_full_as_they_are_together():
    people = [TRUE] * 7 + [Person(fraction=0.5)]

    field = lay_out(target_count=5000, true_fans=people[:7], on_their_way=people[7:])

    assert field.per_dot == 5
    assert [dot.fraction for dot in field.dots[:3]] == [1, 0.5, 0]
    assert len(field.dots) == 1000


def test_a_dot_of_several_is_marked_only_as_all_of_them_deserve():
    high = Person(fraction=6, step=1, is_slipping=True)

    field = lay_out(target_count=5000, true_fans=[high] * 9 + [TRUE], on_their_way=[])

    assert [(dot.step, dot.is_slipping) for dot in field.dots[:2]] == [(1, True), (0, True)]


def test_the_last_dot_of_several_is_full_when_its_fewer_people_are_true():
    field = lay_out(target_count=2001, true_fans=[TRUE] * 2001, on_their_way=[])

    assert field.dots[-1].fraction == 1


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.75, 0.9])
def test_the_filled_area_is_the_part_of_the_target_reached(fraction):
    area = pi * (filled(fraction) / 2) ** 2
    whole = pi * (ALMOST_FULL / 2) ** 2

    assert area / whole == pytest.approx(fraction, abs=0.06)


def test_who_lacks_a_penny_does_not_look_like_a_true_fan():
    assert filled(0.9999) <= ALMOST_FULL < FULL == filled(1)


def test_the_picture_has_as_many_dots_of_each_look_as_there_are_people():
    true_fans = [
        TRUE,
        TRUE._replace(is_slipping=True),
        TRUE._replace(step=1),
        TRUE._replace(step=2),
    ]

    field = lay_out(target_count=10, true_fans=true_fans, on_their_way=on_the_way(2))

    assert looks(field) == {
        "true": 1, "rim": 1, "core": 1, "high": 2, "eye": 1, "ring": 1, "ring-eye": 1,
        "way": 2, "seat": 6,
    }  # fmt: skip


def test_a_picture_of_nobody_is_only_seats():
    assert looks(lay_out(target_count=1000, true_fans=[], on_their_way=[])) == {"seat": 1000}


def test_ones_own_dot_is_marked_where_it_is():
    field = lay_out(target_count=10, true_fans=[TRUE] * 5, on_their_way=[], own=3)

    assert field.own == field.dots[3]
    assert 'class="own" cx="35" cy="5"' in picture(field)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", 'O"Neil & Sons', "</text></a>", "\u202egnp.exe"]
)
def test_a_name_is_only_ever_text(name):
    people = [TRUE._replace(label=name, href="/people/1")]

    markup = links(lay_out(target_count=5, true_fans=people, on_their_way=[]))

    [link] = ElementTree.fromstring(f"<g>{markup}</g>")
    assert link.get("href") == "/people/1"
    assert [part.tag for part in link] == ["circle", "text"]
    assert link.find("text").text == name


def test_a_link_lies_where_its_dot_is():
    people = [TRUE._replace(label=str(n), href=f"/{n}") for n in range(12)]

    field = lay_out(target_count=20, true_fans=people, on_their_way=[])

    circles = re.findall(r'href="/(\d+)"><circle cx="(\d+)" cy="(\d+)"', links(field))
    assert circles == [(str(n), str(d.x), str(d.y)) for n, d in enumerate(field.dots[:12])]


def test_people_without_names_have_no_links():
    assert links(lay_out(target_count=5, true_fans=[TRUE], on_their_way=[])) == ""


def test_a_thousand_named_people_weigh_little_and_are_drawn_at_once():
    people = [
        Person(
            fraction=1.5 - place / 1000,
            step=place % 9 == 0,
            is_slipping=place % 7 == 0,
            label=f"{place * 7919 % 1000:x} {place * 104729 % 9973:x} · £{place * 37 % 400}.50",
            href=f"/studio/some-band/people/{place * 7 + 12345}",
        )
        for place in range(1000)
    ]
    started = time.process_time()

    field = lay_out(target_count=1000, true_fans=people[:500], on_their_way=people[500:])
    markup = picture(field) + links(field)

    assert time.process_time() - started < 0.1  # some 10 ms; the rest is for slow machines
    assert len(gzip.compress(markup.encode())) < 20_000
