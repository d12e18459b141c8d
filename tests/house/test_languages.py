"""Numbers, money and dates in other languages, beside words that stay English."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import format_decimal
from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template import Context, Template
from django.utils import timezone, translation

from fans.templatetags.amounts import money, whole_money
from fans.templatetags.dates import day, moment, month
from truefans.languages import LANGUAGES, active_locale, written_in

DAY = date(2026, 3, 3)
NIGHT = datetime(2026, 3, 2, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize("code", LANGUAGES)
def test_django_and_babel_write_numbers_alike(code):
    locale = LANGUAGES[code].locale
    with written_in(code):
        assert active_locale() == locale
        assert intcomma(1234567) == format_decimal(1234567, locale=locale)
        shown = Template("{{ share|floatformat:1 }}").render(Context({"share": 0.5}))
        assert shown == format_decimal(0.5, locale=locale)


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_stay_english_until_somebody_translates_them(code):
    with written_in(code):
        # Django and allauth know these in every language.
        assert [translation.gettext(word) for word in ("Home", "Save", "Sign In", "yes")] == [
            "Home", "Save", "Sign In", "yes",
        ]  # fmt: skip
        assert forms.CharField().error_messages["required"] == "Please fill this in."
        assert translation.get_language().startswith("en-")


def test_an_unknown_language_is_written_as_british_english():
    with written_in("tlh"):
        assert (active_locale(), intcomma(1234)) == ("en_GB", "1,234")


@pytest.mark.parametrize(
    ("code", "pounds", "euros"),
    [
        ("en-gb", "£1,234.50", "€100"),
        ("en-us", "£1,234.50", "€100"),
        ("de", "1.234,50 £", "100 €"),
        ("fr", "1 234,50 £GB", "100 €"),
        ("nl", "£ 1.234,50", "€ 100"),
        ("sv", "1 234,50 GBP", "100 €"),
        ("da", "1.234,50 £", "100 €"),
        ("ja", "£1,234.50", "€100"),
    ],
)
def test_money_follows_the_language_and_is_not_remembered_in_another(code, pounds, euros):
    for _ in range(2):
        with written_in("es"):
            assert plain(money(1234_50, "GBP")) == "1.234,50 GBP"
        with written_in(code):
            assert plain(money(1234_50, "GBP")) == pounds
            assert plain(whole_money(100_00, "EUR")) == euros


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("code", "long", "short", "of_month", "at"),
    [
        ("en-gb", "3 March 2026", "3 Mar 2026", "March 2026", "3 March 2026, 14:05"),
        ("en-us", "March 3, 2026", "Mar 3, 2026", "March 2026", "March 3, 2026, 2:05 PM"),
        ("de", "3. März 2026", "03.03.2026", "März 2026", "3. März 2026, 14:05"),
        ("fr", "3 mars 2026", "3 mars 2026", "mars 2026", "3 mars 2026, 14:05"),
        ("pl", "3 marca 2026", "3 mar 2026", "marzec 2026", "3 marca 2026, 14:05"),
        ("ja", "2026年3月3日", "2026/03/03", "2026年3月", "2026年3月3日 14:05"),
    ],
)
def test_dates_follow_the_language(code, long, short, of_month, at):
    with written_in(code):
        assert (day(DAY), day(DAY, "short"), month(DAY)) == (long, short, of_month)
        assert plain(moment(datetime(2026, 3, 3, 14, 5, tzinfo=UTC))) == at


def test_a_moment_may_go_without_its_year():
    assert moment(NIGHT, "yearless") == "2 March, 23:05"
    assert moment(NIGHT, "short yearless") == "2 Mar, 23:05"


def test_a_moment_is_told_by_the_clock_of_whose_page_it_is():
    shown = Template("{% load dates %}{{ at|moment }} {{ at|day }} {{ none|day }}{{ none|moment }}")
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert (
            shown.render(Context({"at": NIGHT, "none": None})).strip()
            == "3 March 2026, 00:05 3 March 2026"
        )


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_style_of_a_date_is_known_in_every_language(code):
    with written_in(code):
        for style in ("", "short", "yearless", "short yearless", "weekday"):
            assert "3" in day(DAY, style)
            assert "05" in moment(NIGHT, style)
        for style in ("", "short", "yearless"):
            assert month(DAY, style)
