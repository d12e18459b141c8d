"""What a workshop has to show, read without a server."""

from collections import Counter


def lines(shop, thing):
    """The ledger's lines about an object, oldest first."""
    return shop.account.books.shelf("balance_transaction").children("source", thing.id)[::-1]


def told(shop):
    return [event["type"] for event in shop.events]


def balance(shop):
    sums = Counter()
    for parts in (shop.account.books.balance["available"], shop.account.books.balance["pending"]):
        for part in parts:
            sums[part["currency"]] += part["amount"]
    return sums


def net(shop):
    sums = Counter()
    for row in shop.account.books.shelf("balance_transaction").rows:
        assert row["net"] == row["amount"] - row["fee"]
        sums[row["currency"]] += row["net"]
    return sums
