"""Everything to take away: every table, every column explained, and nothing that is secret."""

import csv
import io
import json
import secrets
import threading
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection

from fans.models import Creator
from revenue.leaving import tables
from revenue.models import Purchase, Source
from revenue.takeout.archive import LEFT_OUT, TABLES, archive, counts
from tests.admin.conftest import KEY, SECRET, one_of_everything
from tests.factories import (
    CreatorFactory,
    FanFactory,
    InvitationFactory,
    InvoiceFactory,
    MovementFactory,
    NoteFactory,
    PurchaseFactory,
    SourceFactory,
    TouchFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(now):
    """`taken(creator)`: the files of the ZIP by their name, CSV as lists of rows."""

    def take(creator: Creator) -> dict:
        body = b"".join(archive(creator=creator, now=now))
        with zipfile.ZipFile(io.BytesIO(body)) as zipped:
            assert zipped.testzip() is None
            texts = {name: zipped.read(name).decode() for name in zipped.namelist()}
        return {
            name: list(csv.DictReader(io.StringIO(text, newline="")))
            if name.endswith(".csv")
            else text
            for name, text in texts.items()
        }

    return take


def test_everything_of_a_creator_is_in_it_or_left_out_on_purpose():
    """A table that is added has to be in one or the other."""
    assert {table.model for table in TABLES} | LEFT_OUT == set(tables())
    assert {table.model for table in TABLES} & LEFT_OUT == set()
    assert len({table.name for table in TABLES}) == len(TABLES)


def test_every_table_has_its_row_and_every_column_its_words(taken):
    creator = one_of_everything()[Creator]
    others = one_of_everything()[Creator]

    files = taken(creator)

    readme = files["README.txt"]
    for table in TABLES:
        rows = files[f"{table.name}.csv"]
        assert rows, table.name
        assert list(rows[0]) == [column.name for column in table.columns]
        assert f"{table.name}.csv" in readme
        for column in table.columns:
            assert f"- {column.name}: {column.about}" in readme
    assert dict(counts(creator)) == {t.title: len(files[f"{t.name}.csv"]) for t in TABLES}
    ids = {row["id"] for row in files["people.csv"]}
    assert ids == {str(pk) for pk in creator.fans.values_list("pk", flat=True)}
    assert ids.isdisjoint(str(pk) for pk in others.fans.values_list("pk", flat=True))


def test_nothing_secret_is_in_it(taken):
    creator = one_of_everything()[Creator]
    invited = InvitationFactory(creator=creator)
    source = creator.sources.first()
    stored = [KEY, SECRET, invited.digest, *raw_secrets(source)]

    files = taken(creator)

    everything = json.dumps(files)
    assert KEY not in everything
    for secret in stored:
        assert secret not in everything


def raw_secrets(source: Source) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, webhook_secrets FROM revenue_source WHERE id = %s", [source.pk])
        return [secret for secret in cursor.fetchone() if secret]


@pytest.mark.parametrize(
    ("currency", "amount"), [("GBP", "12.34"), ("JPY", "1234"), ("KWD", "1.234"), ("ISK", "12.34")]
)
def test_money_stands_in_both_units_with_the_decimals_of_its_currency(taken, currency, amount):
    creator = CreatorFactory(currency=currency)
    source = SourceFactory(creator=creator)
    fan = FanFactory(creator=creator, spend=1234)
    PurchaseFactory(source=source, fan=fan, amount=1234, fee=None, net=None)
    MovementFactory(source=source, currency=currency, amount=-1234, fee=0)

    files = taken(creator)

    [purchase], [movement] = files["purchases.csv"], files["movements.csv"]
    assert (purchase["amount"], purchase["amount_minor"]) == (amount, "1234")
    assert (purchase["fee"], purchase["fee_minor"], purchase["shown_amount"]) == ("", "", "")
    assert (movement["amount"], movement["amount_minor"]) == (f"-{amount}", "-1234")
    assert files["people.csv"][0]["spend"] == amount


def test_the_largest_amount_loses_no_cent(taken):
    source = SourceFactory()
    PurchaseFactory(source=source, amount=9_223_372_036_854_775_807)

    [row] = taken(source.creator)["purchases.csv"]

    assert row["amount"] == "92233720368547758.07"


def test_moments_are_iso_in_utc_and_what_is_not_known_is_empty(taken, now):
    source = SourceFactory(synced_at=None)
    source.creator.time_zone = "Asia/Tokyo"
    fan = FanFactory(creator=source.creator, usual_pause=timedelta(days=30, hours=12))
    PurchaseFactory(source=source, occurred_at=now, rate_date=date(2026, 3, 1))

    files = taken(source.creator)

    [row] = files["purchases.csv"]
    assert (row["occurred_at"], row["rate_date"]) == ("2026-11-22T12:00:00+00:00", "2026-03-01")
    assert (row["is_elsewhere"], row["fan_id"]) == ("false", "")
    assert files["sources.csv"][0]["synced_at"] == ""
    [person] = files["people.csv"]
    assert (person["id"], person["usual_pause_days"]) == (str(fan.pk), "30.5")


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("a=1\n=2", "a=1\n=2"),
        ('a"b,c\nd', 'a"b,c\nd'),
        ("Łukasz 美咲 \\x", "Łukasz 美咲 \\x"),
        ("100 % %s", "100 % %s"),
    ],
)
def test_names_survive_as_they_are_and_formulas_do_not_run(taken, typed, written):
    fan = FanFactory(name=typed)
    NoteFactory(fan=fan, text=typed)
    TouchFactory(fan=fan, text=typed)
    source = SourceFactory(creator=fan.creator)
    PurchaseFactory(source=source, fan=fan, description=typed)
    InvoiceFactory(source=source, payment_ids=[typed, "ch_2"])

    files = taken(fan.creator)

    assert files["people.csv"][0]["name"] == written
    assert files["notes.csv"][0]["text"] == written
    assert files["touches.csv"][0]["text"] == written
    assert files["purchases.csv"][0]["description"] == written
    assert files["invoices.csv"][0]["payment_ids"] == f"{written};ch_2"


def test_the_settings_are_in_it(taken, now):
    creator = CreatorFactory(name="Łukasz", language="de", living=2_400_050, team_size=2)

    settings = json.loads(taken(creator)["creator.json"])

    fields = {field.name for field in Creator._meta.concrete_fields} - {"id", "leaves_at"}
    assert set(settings) == fields | {"target_spend_minor", "living_minor", "exported_at"}
    assert (settings["name"], settings["owner"]) == ("Łukasz", creator.owner.email)
    assert (settings["target_spend"], settings["target_spend_minor"]) == ("100.00", 10000)
    assert (settings["living"], settings["team_size"]) == ("24000.50", 2)
    assert settings["exported_at"] == "2026-11-22T12:00:00+00:00"


def test_a_creator_of_nothing_takes_empty_tables(taken):
    files = taken(CreatorFactory())
    assert {len(rows) for name, rows in files.items() if name.endswith(".csv")} == {0}


def test_it_takes_a_query_a_table_however_much_there_is(now, django_assert_num_queries):
    source = SourceFactory()
    queries = len(TABLES) + 4  # the creator, their owner, a savepoint and its release
    for _ in range(2):
        PurchaseFactory.create_batch(20, source=source, fan=FanFactory(creator=source.creator))
        with django_assert_num_queries(queries):
            list(archive(creator=Creator.objects.get(), now=now))


@pytest.mark.django_db(transaction=True)
class TestOutsideOfATransaction:
    def test_all_tables_are_as_of_one_moment(self, now):
        source = SourceFactory()
        fan = FanFactory(creator=source.creator)
        NoteFactory.create_batch(4, fan=fan, text=incompressible())
        blocks = archive(creator=source.creator, now=now)
        body = next(blocks)

        elsewhere(lambda: PurchaseFactory(source=source))
        body += b"".join(blocks)

        assert Purchase.objects.exists()
        with zipfile.ZipFile(io.BytesIO(body)) as zipped:
            assert zipped.read("purchases.csv").decode().count("\n") == 1
            assert zipped.read("notes.csv").decode().count("\n") == 5

    def test_who_turns_away_leaves_the_database_as_it_was(self, now):
        fan = FanFactory()
        NoteFactory.create_batch(9, fan=fan, text=incompressible())
        blocks = archive(creator=fan.creator, now=now)
        next(blocks)

        blocks.close()

        assert fan.note_set.count() == 9
        fan.creator.fans.create(name="Zoë")


def incompressible() -> str:
    return secrets.token_hex(100_000)


def elsewhere(act: Callable[[], object]) -> None:
    """Do it on a connection of its own."""

    def run() -> None:
        act()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
