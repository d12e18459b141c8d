"""Addresses are the same person's when they differ by nothing that means anything."""

import pytest

from fans.identity import normalise_email


@pytest.mark.parametrize(
    ("given", "normalised"),
    [
        ("Zoe@Example.COM", "zoe@example.com"),
        ("  zoe@example.com \n", "zoe@example.com"),
        ("<zoe@example.com>", "zoe@example.com"),
        ("zoe@bücher.example", "zoe@xn--bcher-kva.example"),
        ("ｚｏｅ@example.com", "zoe@example.com"),
        ("zoe+vinyl@example.com", "zoe+vinyl@example.com"),
        ("z.o.e@example.com", "z.o.e@example.com"),
        ("zoe@example.com.", "zoe@example.com"),
    ],
)
def test_what_means_nothing_is_taken_away_and_what_may_mean_something_stays(given, normalised):
    assert normalise_email(given) == normalised


@pytest.mark.parametrize(
    "given",
    [None, "", "   ", "zoe", "@example.com", "zoe@", "zoe smith@example.com", "z\0e@example.com",
     "zoe@" + "a" * 70 + ".com", "zoe@..", "\u202ezoe@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_empty(given):
    assert normalise_email(given) == ""
