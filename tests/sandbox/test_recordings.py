"""A recorded history is served from a folder of JSON files, and a generated one from memory."""

import gzip
import json

import pytest

from sandbox import directory, generate

CHARGE = {
    "id": "ch_1",
    "object": "charge",
    "created": 50,
    "customer": "cus_gone",
    "balance_transaction": {"id": "txn_1", "object": "balance_transaction", "created": 50},
}


def movement(number, net, status="available"):
    return {
        "id": f"txn_{number}",
        "object": "balance_transaction",
        "created": 50,
        "currency": "usd",
        "net": net,
        "status": status,
        "source": CHARGE if number == 1 else None,
    }


@pytest.fixture
def folder(tmp_path):
    movements = [movement(3, -20), movement(2, 70, "pending"), movement(1, 100)]
    packed = gzip.compress(json.dumps({"data": movements}).encode())
    (tmp_path / "balance_transactions_expanded.json.gz").write_bytes(packed)
    return tmp_path


def test_missing_files_are_empty_and_expanded_sources_are_found(speak, folder):
    client = speak(directory.load(folder))
    assert client.v1.invoices.list().data == []
    assert client.v1.charges.retrieve("ch_1").balance_transaction == "txn_1"


def test_rows_of_one_second_keep_the_order_of_the_file(speak, folder):
    rows = speak(directory.load(folder)).v1.balance_transactions.list().data
    assert [row.id for row in rows] == ["txn_3", "txn_2", "txn_1"]


def test_a_file_of_its_own_wins_over_a_copy_inside_another_object(speak, folder):
    (folder / "charges.json").write_text(json.dumps([CHARGE | {"description": "the later state"}]))
    charge = speak(directory.load(folder)).v1.charges.retrieve("ch_1")
    assert charge.description == "the later state"


def test_a_customer_that_only_charges_know_was_deleted(speak, folder):
    assert speak(directory.load(folder)).v1.customers.retrieve("cus_gone").deleted


def test_the_balance_is_summed_up_unless_it_was_recorded(speak, folder):
    balance = speak(directory.load(folder)).v1.balance.retrieve()
    assert [(row.currency, row.amount) for row in balance.available] == [("usd", 80)]
    assert [(row.currency, row.amount) for row in balance.pending] == [("usd", 70)]
    given = {"object": "balance", "available": [], "pending": [], "livemode": False}
    (folder / "balance.json").write_text(json.dumps(given))
    assert speak(directory.load(folder)).v1.balance.retrieve().available == []


def test_an_account_is_made_up_to_fit_unless_it_was_recorded(speak, folder):
    account = speak(directory.load(folder)).v1.accounts.retrieve_current()
    assert (account.default_currency, account.created) == ("usd", 50)
    own = {"id": "acct_mine", "object": "account", "default_currency": "eur"}
    (folder / "account.json").write_text(json.dumps(own))
    assert speak(directory.load(folder)).v1.accounts.retrieve_current().id == "acct_mine"


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        directory.load(tmp_path / "nowhere")


def test_the_recorded_slice_hangs_together(speak, recorded):
    client = speak(recorded)
    page = client.v1.balance_transactions.list({"limit": 100, "expand": ["data.source.charge"]})
    rows = list(page.auto_paging_iter())
    assert len(rows) >= 60
    assert {row.source.object for row in rows} >= {"charge", "refund", "dispute"}
    assert all(row.net == row.amount - row.fee for row in rows)


def test_a_generated_history_is_as_long_as_asked_and_always_the_same(speak):
    account = generate.history(charges=1000, people=40, seed=3)
    again = generate.history(charges=1000, people=40, seed=3)
    other = generate.history(charges=1000, people=40, seed=4)
    kinds = ("charge", "refund", "customer", "balance_transaction")
    assert [len(account.books.shelf(kind).rows) for kind in kinds] == [1000, 10, 40, 1010]
    assert account.books.shelf("charge").rows == again.books.shelf("charge").rows
    assert account.books.shelf("charge").rows != other.books.shelf("charge").rows
    client = speak(account)
    rows = client.v1.balance_transactions.list({"limit": 100}).auto_paging_iter()
    net = sum(row.net for row in rows)
    assert [row.amount for row in client.v1.balance.retrieve().available] == [net]
