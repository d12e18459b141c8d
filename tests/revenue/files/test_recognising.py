"""Whose file it is: by its header, whatever became of the header."""

import pytest

from revenue.files.columns import columns_of
from revenue.files.platforms import PLATFORMS
from tests.revenue.files.opened import SAMPLES, platform, table

EXPECTED = {
    "bandcamp.csv": "bandcamp",
    "bandcamp_no_buyers.csv": "bandcamp",
    "bandcamp_summary.csv": "bandcamp_summary",
    "bigcartel.csv": "bigcartel",
    "buymeacoffee_api.csv": "buymeacoffee",
    "buymeacoffee_members.csv": "buymeacoffee_members",
    "buymeacoffee_supporters.csv": "buymeacoffee_supporters",
    "etsy_items.csv": "etsy_items",
    "etsy_orders.csv": "etsy_orders",
    "etsy_statement.csv": "etsy_statement",
    "eventbrite_attendees.csv": "eventbrite_attendees",
    "eventbrite_orders.csv": "eventbrite_orders",
    "ghost.csv": "ghost",
    "gumroad.csv": "gumroad",
    "indiegogo.csv": "indiegogo",
    "kickstarter_2014.csv": "kickstarter",
    "kickstarter_2025.csv": "kickstarter",
    "kofi.csv": "kofi",
    "kofi_short.csv": "kofi",
    "lemonsqueezy_orders.csv": "lemonsqueezy_orders",
    "memberful.csv": "memberful",
    "patreon_2023.csv": "patreon",
    "patreon_2026.csv": "patreon",
    "paypal_de.csv": "paypal",
    "paypal_es.csv": "paypal",
    "paypal_fr.csv": "paypal",
    "paypal_statement_de.csv": "paypal",
    "paypal_statement_en.csv": "paypal",
    "paypal_uk.csv": "paypal",
    "paypal_us.csv": "paypal",
    "shopify_customers.csv": "shopify_customers",
    "shopify_orders.csv": "shopify_orders",
    "square.csv": "square",
    "square_items.csv": "square_items",
    "steady.csv": "steady",
    "stripe_balance.csv": "stripe_balance",
    "stripe_balance_itemised.csv": "stripe_balance",
    "stripe_customers.csv": "stripe_customers",
    "stripe_payments.csv": "stripe_payments",
    "stripe_payments_all.csv": "stripe_payments",
    "stripe_payments_legacy.csv": "stripe_payments",
    "stripe_payouts.csv": "stripe_payouts",
    "substack_email_list.csv": "substack",
    "substack_subscribers.csv": "substack_subscribers",
    "teachable.csv": "teachable",
    "twitch.csv": "twitch",
    "woocommerce_customers.csv": "woocommerce_customers",
    "woocommerce_orders.csv": "woocommerce_orders",
    "youtube_en.csv": "youtube",
    "youtube_ja.tsv": "youtube",
}


def written(header: list[str]) -> str:
    quoted = ('"' + name.replace('"', '""') + '"' for name in header)
    return ",".join(quoted) + "\n" + ",".join("x" * len(header)) + "\n"


def test_every_sample_is_expected():
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize(("sample", "slug"), EXPECTED.items())
def test_every_sample_is_recognised(sample, slug):
    assert platform(sample) == slug


BY_NAME = [name for name in EXPECTED if name != "youtube_ja.tsv"]


@pytest.mark.parametrize("sample", BY_NAME)
def test_more_columns_in_another_order_and_other_capitals_change_nothing(sample):
    header = [name.upper() for name in reversed(table(sample).header)]

    assert platform(written([*header, "Something else", "colour"])) == EXPECTED[sample]


@pytest.mark.parametrize("sample", BY_NAME)
def test_one_mistyped_column_changes_nothing(sample):
    header = list(table(sample).header)
    needed = [
        name for column in columns_of(_platform(EXPECTED[sample]).cells).values()
        if column.needed
        for name in header
        if name.strip().lower() in (known.lower() for known in column.names) and len(name) > 6
    ]  # fmt: skip
    for name in needed:
        place = header.index(name)
        mistyped = [*header[:place], name[:3] + name[4:], *header[place + 1 :]]
        assert platform(written(mistyped)) == EXPECTED[sample], name


def _platform(slug: str):
    return next(platform for platform in PLATFORMS if platform.slug == slug)


@pytest.mark.parametrize(
    "header",
    [
        "Date,Name,Email,Amount,Currency",
        "id,name,email,created_at",
        "Order ID,Customer,Total,Status,Date",
        "Date,Description,Amount,Balance",
        "Name,Email,Phone,Notes",
        "id,Created (UTC),Amount,Amount Refunded,Currency,User ID,User Email,Application ID",
    ],
)
def test_what_anybody_could_have_written_is_nobodys(header):
    names = header.split(",")
    assert platform(header + "\n" + ",".join("x" * len(names)) + "\n") == ""


def test_slugs_are_unique():
    slugs = [platform.slug for platform in PLATFORMS]
    assert len(set(slugs)) == len(slugs)


def test_every_platform_needs_enough_columns_to_be_told_from_others():
    for each in PLATFORMS:
        needed = [column for column in columns_of(each.cells).values() if column.needed]
        assert len(needed) >= 3, each.slug


def test_the_name_of_a_file_decides_nothing():
    from revenue.files.recognising import open_tables, recognise

    (found,) = open_tables(SAMPLES / "kofi.csv")
    assert found.name == ""
    assert recognise(found).platform.slug == "kofi"
