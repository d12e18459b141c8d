"""The command that imports a file: what it says, asks, keeps and ends with."""

import io

import pytest
from django.core.management import CommandError, call_command

from revenue.models import Upload
from tests.factories import CreatorFactory
from tests.revenue.bringing import stripe_file
from tests.revenue.test_uploading import FAILED, JOSE, REFUND, SOLD, ZOE, activity

pytestmark = pytest.mark.django_db
TABLE = "Kunde;Tag;Bezahlt\nzoe@example.org;13.02.2026;12,50\njose@example.com;01.03.2026;7,00\n"
COLUMNS = ("--column=Kunde=email", "--column=Tag=date", "--column=Bezahlt=amount")


@pytest.fixture
def creator():
    return CreatorFactory(handle="band", currency="GBP")


@pytest.fixture
def run(creator, tmp_path):
    def run(content: str | bytes, *options: str) -> str:
        path, out = tmp_path / "export.csv", io.StringIO()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("import_csv", "band", str(path), *options, stdout=out)
        return out.getvalue()

    return run


@pytest.fixture
def refused(run, creator):
    """What is said, and how it ends, where a file is not imported: nothing is kept."""

    def refused(content: str | bytes, *options: str) -> tuple[str, int]:
        with pytest.raises(CommandError) as caught:
            run(content, *options)
        assert not Upload.objects.exists()
        return str(caught.value), caught.value.returncode

    return refused


def test_a_file_is_recognised_imported_and_reported(run, creator):
    said = run(stripe_file(ZOE, JOSE, FAILED))

    assert "Stripe payments: 3 rows; 2 people, 0 of them known; 0 payments of nobody." in said
    assert "£149.00 in 2 payments, £25.00 returned" in said
    assert "1 rows left out: The payment failed" in said
    assert "Imported: 3 rows." in said
    assert creator.fans.get(email="zoe@example.org").lifetime_gross == 49_00


def test_what_a_spreadsheet_spoiled_and_what_came_twice_is_said(run):
    header = "Name,Email,Financial Status,Created at,Total,Currency,Lineitem name,Id\n"
    order = ",a@x.org,paid,2026-05-14 11:23:45 +0100,20,GBP,Mug,7.2E+12\n"

    said = run(f"{header}#1{order}#2{order}")
    assert "£40.00 in 2 payments" in said
    assert "A spreadsheet has shortened the ids in “Id” (7.2E+12)." in said
    assert "1 rows came twice: each counts once" in run(stripe_file(ZOE, ZOE))


@pytest.mark.parametrize("said", ["stripe_payments", "stripe-payments", "Stripe", "stripe"])
def test_a_format_may_be_said_as_one_says_it(run, said):
    assert "Nothing was stored." in run(stripe_file(ZOE), "--dry-run", f"--format={said}")


def test_a_dry_run_says_the_same_and_stores_nothing(run, creator):
    said = run(stripe_file(ZOE, JOSE), "--dry-run")

    assert "£149.00 in 2 payments" in said
    assert "Nothing was stored." in said
    assert not Upload.objects.exists()
    assert not creator.purchases.exists()


def test_what_waits_for_its_payment_is_told(run):
    assert "1 refunds or disputes wait for their payments." in run(activity(REFUND))


def test_each_question_names_the_option_that_answers_it(refused, run, creator):
    unclear = activity(SOLD.replace("13/02/2026", "03/04/2026"))
    said, code = refused(unclear)
    assert code == 2
    assert "“Date” has 03/04/2026" in said
    assert "--date-order day: 2026-04-03" in said
    assert "--date-order month: 2026-03-04" in said

    run(unclear, "--date-order=day")
    assert creator.purchases.get().occurred_at.month == 4


def test_a_table_of_nobody_known_is_read_as_the_options_say(refused, run, creator):
    said, code = refused(TABLE)
    assert code == 2
    assert '--column "Kunde=email" --column "Tag=date" --column "Bezahlt=amount"' in said

    said, code = refused(TABLE, *COLUMNS, "--name=Till")
    assert (code, "--currency CODE: “Bezahlt” has 12,50, 7,00" in said) == (2, True)

    run(TABLE, *COLUMNS, "--name=Till", "--currency=eur")
    assert sorted(creator.purchases.values_list("amount", "currency", "source__name")) == [
        (7_00, "EUR", "Till"),
        (12_50, "EUR", "Till"),
    ]


@pytest.mark.parametrize(
    ("options", "sentence", "code"),
    [
        (["--column=Wer=email"], "There is no column “Wer”. Known: Kunde, Tag, Bezahlt.", 1),
        (["--column=Tag=day"], "say each of these once: ", 1),
        (["--column=Tag=date", "--column=Kunde=date"], "say each of these once: ", 1),
        (["--column=Tag=date"], "--column NAME=email and --column NAME=amount", 2),
        (COLUMNS, "--name NAME", 2),
    ],
)
def test_what_is_wrong_with_the_options_is_said(refused, options, sentence, code):
    said, ended = refused(TABLE, *options)
    assert sentence in said
    assert ended == code


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        (b"", [], "This file is empty."),
        (b"%PDF-1.7 \x00", [], "This is a PDF document."),
        (stripe_file(ZOE), ["--format=strip"], "This is a file of stripe_payments."),
        (stripe_file(ZOE), ["--format=gumroad"], "This is a file of stripe_payments."),
    ],
)
def test_what_cannot_be_imported_says_why(refused, content, options, sentence):
    said, code = refused(content, *options)
    assert (sentence in said, code) == (True, 1)


def test_a_table_of_names_alone_asks_whether_they_are_people(refused):
    said, code = refused("Who,When,Sum\nAda,2026-01-31,£5\n")

    assert code == 2
    assert "where no two people share one, say =customer of it" in said


def test_what_is_too_large_is_not_even_read(creator, tmp_path):
    path = tmp_path / "export.csv"
    with path.open("wb") as file:
        file.truncate(2 * 2**30)  # which takes no room on the disk
    with pytest.raises(CommandError, match="larger than 512 MB"):
        call_command("import_csv", "band", str(path))


def test_a_file_that_is_not_there_is_said(creator, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_csv", "band", str(tmp_path / "nowhere.csv"))
