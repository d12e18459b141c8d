"""Talking to Stripe when Stripe is slow, busy, broken or says no."""

import contextlib
import socket
import time
from threading import Thread

import orjson
import pytest

from revenue.gateways.problems import (
    KeyRefused,
    NotGiven,
    PermissionMissing,
    UnexpectedAnswer,
    Unreachable,
)
from revenue.gateways.stripe.client import ATTEMPTS, PAGE, StripeGateway, cursor_of
from sandbox import Account, Fault, Key
from sandbox.directory import load
from tests.revenue.recording import SMALL

PATH = "/v1/balance_transactions"


@pytest.fixture
def waits():
    return []


@pytest.fixture
def gateway(waits):
    return lambda key="rk_test_any": StripeGateway(key, sleep=waits.append)


def read(gateway):
    return [row["id"] for row in gateway.list_all(PATH, permission="Ledger")]


def test_every_row_of_every_page_is_read_once(stripe, gateway):
    stripe(load(SMALL))

    ids = read(gateway())

    assert len(ids) == len(set(ids)) == 109


@pytest.mark.parametrize(
    "fault",
    [
        Fault(PATH, nth=2, status=429),
        Fault(PATH, nth=1, times=3, status=500),
        Fault(PATH, nth=2, status=503),
        Fault(PATH, nth=2, cut=True),
        Fault(PATH, nth=2, body=b'{"data": [], "has_more": true}'),
    ],
    ids=[
        "too many requests",
        "broken three times",
        "unavailable",
        "cut off in the middle",
        "an empty page with more to follow",
    ],
)
def test_passing_trouble_is_waited_out_and_nothing_is_lost(stripe, gateway, waits, fault):
    stripe(load(SMALL), faults=[fault])

    assert len(set(read(gateway()))) == 109
    assert len(waits) == fault.times


def test_we_wait_as_long_as_we_are_asked_to(stripe, gateway, waits):
    stripe(load(SMALL), faults=[Fault(PATH, nth=1, status=429, retry_after=7)])

    read(gateway())

    assert 7 <= waits[0] <= 8


def test_trouble_that_does_not_pass_is_told_after_some_attempts(stripe, gateway, waits):
    stripe(load(SMALL), faults=[Fault(PATH, times=100, status=500)])

    with pytest.raises(NotGiven, match=r"HTTP 500.*kept.*tries again by itself"):
        read(gateway())
    assert len(waits) == ATTEMPTS - 1


def test_an_object_of_the_other_mode_is_asked_for_again(stripe, gateway, waits):
    body = b'{"data": [{"id": "cus_1", "livemode": true}]}'
    stripe(load(SMALL), faults=[Fault("/v1/customers", nth=2, body=body)])
    asked = gateway()
    clean = [*asked.list("/v1/customers", permission="Customers")]

    assert [*asked.list("/v1/customers", permission="Customers")] == clean
    assert len(waits) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"data": [], "has_more": true}', "not after what"),
        (b'{"data": [{"id": "x", "livemode": true}, {"livemode": false}]}', "live and test"),
        (b"<html>", "broken answers"),
    ],
)
def test_answers_that_cannot_be_are_told(stripe, gateway, body, reason):
    stripe(load(SMALL), faults=[Fault(PATH, times=100, body=body)])

    with pytest.raises(NotGiven, match=f"{reason}.*kept.*tries again by itself"):
        read(gateway())


@pytest.mark.parametrize("how", ["list", "lines"])
def test_a_full_page_says_whether_more_follows_or_is_asked_for_again(stripe, gateway, how):
    rows = [{"id": f"txn_{number}"} for number in range(PAGE)]
    silent = Fault(PATH, body=orjson.dumps({"data": rows}))
    stripe(load(SMALL), faults=[silent])
    clean = getattr(gateway(), how)(PATH, permission="Ledger")

    assert clean == getattr(gateway(), how)(PATH, permission="Ledger")

    stripe(load(SMALL), faults=[Fault(PATH, body=orjson.dumps({"data": rows[1:]}))])
    few, more = getattr(gateway(), how)(PATH, permission="Ledger")
    assert (len(few), more) == (PAGE - 1, False)


def test_a_row_that_is_no_object_ends_no_list(stripe, gateway):
    body = b'{"data": [null, {"id": "txn_1"}, {"id": 7}, "x"], "has_more": true}'
    stripe(load(SMALL), faults=[Fault(PATH, body=body)])

    rows, more = gateway().list(PATH, permission="Ledger")

    assert (len(rows), more, cursor_of(rows)) == (4, True, "txn_1")


@pytest.mark.parametrize("drop", [70_000, 1], ids=["by the bucket", "by the byte"])
def test_an_answer_that_comes_drop_by_drop_is_given_up(settings, gateway, monkeypatch, drop):
    monkeypatch.setattr("revenue.gateways.stripe.client.LONGEST_ANSWER", 0.05)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.STRIPE_API_BASE = "http://127.0.0.1:{1}".format(*server.getsockname())
        Thread(target=_drip, args=(server, head, drop), daemon=True).start()

        with pytest.raises(Unreachable, match="no connection"):
            gateway().get("/v1/account", permission="Account")


def _drip(server: socket.socket, head: bytes, drop: int) -> None:
    for _ in range(ATTEMPTS):
        with server.accept()[0] as caller, contextlib.suppress(OSError):
            caller.sendall(head)
            while True:
                caller.sendall(b" " * drop)
                time.sleep(0.02)


def test_a_server_that_is_not_there_is_told(settings, gateway):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    with pytest.raises(Unreachable, match="no connection"):
        read(gateway())


def test_a_revoked_key_is_told_at_once(stripe, gateway, waits):
    account = load(SMALL)
    stripe(Account(account.profile, account.read, keys=(Key("rk_test_old", state="revoked"),)))

    with pytest.raises(KeyRefused, match="mistyped, expired or revoked"):
        read(gateway("rk_test_old"))
    assert waits == []


def test_a_missing_permission_is_named(stripe, gateway):
    account = load(SMALL)
    key = Key("rk_test_narrow", missing=frozenset({"rak_balance_transaction_source_read"}))
    stripe(Account(account.profile, account.read, keys=(key,)))

    with pytest.raises(PermissionMissing, match="Ledger") as caught:
        read(gateway("rk_test_narrow"))
    assert caught.value.permission == "Ledger"


def test_the_permission_for_what_a_line_is_about_is_named(stripe, gateway):
    account = load(SMALL)
    key = Key("rk_test_narrow", missing=frozenset({"rak_charge_read"}))
    stripe(Account(account.profile, account.read, keys=(key,)))

    with pytest.raises(PermissionMissing, match="Charges"):
        gateway("rk_test_narrow").list(PATH, permission="Ledger", expand=["data.source"])


def test_an_answer_that_makes_no_sense_is_told(stripe, gateway):
    stripe(load(SMALL))

    with pytest.raises(UnexpectedAnswer, match="HTTP 404"):
        gateway().get("/v1/nothing", permission="Nothing")


def test_the_demos_keys_go_to_the_demos_sandbox_and_no_others(settings):
    from revenue.gateways.stripe.client import api_base

    settings.STRIPE_API_BASE, settings.SANDBOX_URL = "https://stripe", "http://sandbox"

    assert api_base("rk_test_sandbox_band") == "http://sandbox"
    assert api_base("rk_live_51") == "https://stripe"
    settings.SANDBOX_URL = ""
    assert api_base("rk_test_sandbox_band") == "https://stripe"
