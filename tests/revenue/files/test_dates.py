"""Dates, times and zones as exports write them."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from revenue.files.dates import NotADate, Undecided, moment, shown_order
from revenue.files.sheet import Decisions, Sheet
from revenue.files.zones import zone_named


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-01-31T10:11:12Z", "2026-01-31T10:11:12"),
        ("2026-01-31 10:11:12 UTC", "2026-01-31T10:11:12"),
        ("2026-01-31 10:11:12", "2026-01-31T10:11:12"),
        ("2023-04-08 17:45:28.731953", "2023-04-08T17:45:28.731953"),
        ("2026-09-12T17:49:49.951-07:00", "2026-09-13T00:49:49.951000"),
        ("2026-05-14 11:23:45 +0100", "2026-05-14T10:23:45"),
        ("2015-10-05 01:02:55 -0700", "2015-10-05T08:02:55"),
        ("2025-01-03 10:00", "2025-01-03T10:00:00"),
        ("2026-01-31", "2026-01-31T00:00:00"),
        ("2026/01/31", "2026-01-31T00:00:00"),
        ("2014/09/23, 01:57", "2014-09-23T01:57:00"),
        ("31.12.2025", "2025-12-31T00:00:00"),
        ("31.12.2025 14:50:41", "2025-12-31T14:50:41"),
        ("1.2.26", "2026-02-01T00:00:00"),
        ("12/31/2025 14:50", "2025-12-31T14:50:00"),
        ("31/12/2025", "2025-12-31T00:00:00"),
        ("12/15/25 11:59pm", "2025-12-15T23:59:00"),
        ("12/15/25 12:00 AM", "2025-12-15T00:00:00"),
        ("Sep 26, 2026 7:05 PM", "2026-09-26T19:05:00"),
        ("September 3, 2026", "2026-09-03T00:00:00"),
        ("04 Jan 2021 23:22:11 GMT", "2021-01-04T23:22:11"),
        ("Thu, 01 Oct 2026 10:00:00 +0200", "2026-10-01T08:00:00"),
        ("10-Dez-25", "2025-12-10T00:00:00"),
        ("3. März 2026", "2026-03-03T00:00:00"),
        ("3 de enero de 2026", "2026-01-03T00:00:00"),
        ("1 févr. 2026", "2026-02-01T00:00:00"),
        ("1790683800", "2026-09-29T12:10:00"),
        ("1790683800123", "2026-09-29T12:10:00"),
        ("1790683800.5", "2026-09-29T12:10:00"),
        ("20260131", "2026-01-31T00:00:00"),
        ("2026年1月31日", "2026-01-31T00:00:00"),
        ("Jan 31st, 2026 at 2:05pm", "2026-01-31T14:05:00"),
        ("1/31/2026, 2:05:11\u202fPM", "2026-01-31T14:05:11"),
        ("31 janv. 2026 à 14:05", "2026-01-31T14:05:00"),
        ("31 gennaio 2026 alle ore 14:05", "2026-01-31T14:05:00"),
        ("31.01.2026 um 14.30 Uhr", "2026-01-31T14:30:00"),
        ("31/01/2026 14h30", "2026-01-31T14:30:00"),
        ("Jan-31-2026", "2026-01-31T00:00:00"),
        ("31 stycznia 2026", "2026-01-31T00:00:00"),
        ("31 января 2026", "2026-01-31T00:00:00"),
        ("2026-01-31 14:05:00 (UTC)", "2026-01-31T14:05:00"),
        (
            "Sat Jan 31 2026 14:05:00 GMT+0100 (Central European Standard Time)",
            "2026-01-31T13:05:00",
        ),
    ],
)
def test_every_way_to_write_a_date(text, iso):
    found = moment(text)

    assert found.tzinfo is UTC
    assert found.replace(tzinfo=None).isoformat() == iso


@pytest.mark.parametrize(
    "text",
    ["", "-", "soon", "2026-13-45", "99/99/2026", "2026-01-31 25:00", "31.13.2026", "12345678",
     "1026-01-31", "9999-12-31 10:00:00", "31/01/0026"],
)  # fmt: skip
def test_what_is_no_date(text):
    with pytest.raises(NotADate):
        moment(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("13/02/2026", "day"), ("02/13/2026", "month"), ("03/03/2026", ""), ("03/04/2026", None)],
)
def test_what_a_date_says_of_the_order_in_its_file(text, shown):
    assert shown_order(text) == shown


def test_a_date_that_could_be_either_needs_the_order():
    with pytest.raises(Undecided):
        moment("03/04/2026")
    assert moment("03/04/2026", order="day").month == 4
    assert moment("03/04/2026", order="month").month == 3


def test_a_date_that_does_not_exist_in_the_order_is_none():
    with pytest.raises(NotADate):
        moment("02/13/2026", order="day")


def test_clocks_without_a_zone_hang_where_the_creator_says():
    sheet = Sheet(Decisions(zone="Europe/Berlin"))

    assert sheet.moment("2026-07-01 00:30").isoformat() == "2026-06-30T22:30:00+00:00"
    assert sheet.moment("2026-07-01").isoformat() == "2026-06-30T22:00:00+00:00"
    assert sheet.moment("2026-07-01 00:30", "PST").isoformat() == "2026-07-01T08:30:00+00:00"


def test_a_day_alone_is_its_midnight_whichever_way_it_is_read():
    for text in ("2026-07-01", "01.07.2026"):
        assert Sheet(Decisions()).moment(text).isoformat() == "2026-07-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("PST", -8),
        ("PDT", -7),
        ("CEST", 2),
        ("MEZ", 1),
        ("UTC", 0),
        ("GMT+02:00", 2),
        ("UTC-5", -5),
        ("+0530", 5.5),
    ],
)
def test_zones_by_abbreviation_and_offset(name, hours):
    assert zone_named(name).utcoffset(None).total_seconds() == hours * 3600


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Pacific Time (US & Canada)", "America/Los_Angeles"),
    ],
)
def test_zones_by_name(name, zone):
    assert zone_named(name) == ZoneInfo(zone)


@pytest.mark.parametrize("name", ["", "nowhere", "../../etc/passwd", "Europe/Atlantis", "/"])
def test_what_is_no_zone(name):
    assert zone_named(name) is None
