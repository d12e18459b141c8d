"""Pasting a key: what is accepted, what is refused, and in which words."""

import pytest
from django.db import connection, transaction

from revenue.gateways.problems import KeyRefused, NotConnectable, PermissionMissing
from revenue.gateways.stripe import connecting
from revenue.gateways.stripe.connecting import PERMISSIONS, WISHED, connect
from revenue.models import Source
from sandbox import Account, App, Fault, Key
from sandbox.directory import load
from tests.factories import CreatorFactory
from tests.revenue.recording import SMALL

pytestmark = pytest.mark.django_db


def test_a_good_key_connects_the_account_it_belongs_to(stripe):
    stripe(load(SMALL))

    source = connect(creator=CreatorFactory(), key="  rk_test_good\n")

    assert source.account_id.startswith("acct_")
    assert (source.state, source.livemode, source.key) == ("ok", False, "rk_test_good")


def test_the_key_is_encrypted_in_the_database(stripe):
    stripe(load(SMALL))
    source = connect(creator=CreatorFactory(), key="rk_test_good")

    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM revenue_source WHERE id = %s", [source.pk])
        [(stored,)] = cursor.fetchall()

    assert "rk_test_good" not in stored
    assert Source.objects.get(pk=source.pk).key == "rk_test_good"


def test_a_key_encrypted_with_an_older_secret_still_opens(stripe, settings):
    from cryptography.fernet import Fernet

    stripe(load(SMALL))
    source = connect(creator=CreatorFactory(), key="rk_test_good")
    settings.FIELD_ENCRYPTION_KEYS = [
        Fernet.generate_key().decode(),
        *settings.FIELD_ENCRYPTION_KEYS,
    ]

    assert Source.objects.get(pk=source.pk).key == "rk_test_good"


def test_a_new_key_for_the_same_account_replaces_the_old_one(stripe):
    stripe(load(SMALL))
    creator = CreatorFactory()
    first = connect(creator=creator, key="rk_test_one")
    Source.objects.filter(pk=first.pk).update(state="key_refused", problem="…")

    second = connect(creator=creator, key="rk_test_two")

    assert second.pk == first.pk
    assert (second.key, second.state, second.problem) == ("rk_test_two", "ok", "")


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("pk_test_123", "publishable"),
        ("sk_live_123", "it can move your money"),
        ("hello", "not a Stripe key"),
        ("", "not a Stripe key"),
        ("rk_test_1 rk_test_2", "not a Stripe key"),
        ("rk_test_ключ", "not a Stripe key"),
    ],
)
def test_what_is_no_restricted_key_is_refused_before_anything_is_sent(key, says, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    with pytest.raises(NotConnectable, match=says):
        connect(creator=CreatorFactory(), key=key)


def test_a_revoked_key_is_refused_and_nothing_is_stored(stripe):
    account = load(SMALL)
    stripe(Account(account.profile, account.read, keys=(Key("rk_test_old", state="revoked"),)))

    with pytest.raises(KeyRefused):
        connect(creator=CreatorFactory(), key="rk_test_old")
    assert not Source.objects.exists()


RIGHTS = {
    "Balance": "rak_balance_read",
    "Balance transaction sources": "rak_balance_transaction_source_read",
    "Charges": "rak_charge_read",
    "Customers": "rak_customer_read",
    "Disputes": "rak_dispute_read",
}


@pytest.mark.parametrize("permission", [name for name, *_ in PERMISSIONS])
def test_each_permission_that_is_missing_is_named_at_once(stripe, permission):
    account = load(SMALL)
    key = Key("rk_test_narrow", missing=frozenset({RIGHTS[permission]}))
    stripe(Account(account.profile, account.read, keys=(key,)))

    with pytest.raises(PermissionMissing) as caught:
        connect(creator=CreatorFactory(), key="rk_test_narrow")
    assert caught.value.permission == permission
    assert not Source.objects.exists()


ACCOUNT = "/v1/account"
NO_ACCOUNT = [
    b'{"object": "account"}',
    b'{"id": 5}',
    b'{"id": "acct_1", "settings": 5}',
    b'{"id": "acct_1", "business_profile": ["x"]}',
    b'{"id": "acct_1", "created": "yesterday"}',
]


@pytest.mark.parametrize("body", NO_ACCOUNT)
def test_an_account_that_makes_no_sense_is_not_connected(stripe, body):
    stripe(load(SMALL), faults=[Fault(ACCOUNT, body=body)])

    with pytest.raises(
        NotConnectable, match=r"does not understand \(\w+ at /v1/account\)\. Nothing was stored"
    ):
        connect(creator=CreatorFactory(), key="rk_test_any")
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    "fault",
    [Fault(ACCOUNT, times=99, status=503), Fault("/v1/charges", times=99, body=b"<!doctype html>")],
)
def test_while_stripe_is_away_connecting_promises_nothing(stripe, fault):
    stripe(load(SMALL), faults=[fault])

    with pytest.raises(NotConnectable) as caught:
        connect(creator=CreatorFactory(), key="rk_test_any")

    said = str(caught.value)
    assert said.startswith("Stripe cannot be reached right now (")
    assert said.endswith("). Nothing was stored; try again in a few minutes.")
    assert not Source.objects.exists()


def test_no_transaction_waits_for_stripe(stripe):
    stripe(load(SMALL))

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        connect(creator=CreatorFactory(), key="rk_test_any")


def test_who_connects_does_not_wait_for_a_stripe_that_dawdles(stripe, monkeypatch):
    """Each of a dozen questions may take a quarter of a minute, and somebody waits."""
    monkeypatch.setattr(connecting, "PATIENCE", 0.4)
    app = App([load(SMALL)], faults=[Fault("/v1/charges", delay=0.5)])
    stripe(app)

    with pytest.raises(NotConnectable, match=r"takes too long\)\. Nothing was stored"):
        connect(creator=CreatorFactory(), key="rk_test_any")
    assert not app.hits["/v1/customers"]
    assert not Source.objects.exists()


def test_what_could_not_be_asked_in_time_is_asked_again_by_the_import(stripe, monkeypatch):
    monkeypatch.setattr(connecting, "PATIENCE", 0.4)
    stripe(load(SMALL), faults=[Fault("/v1/balance_transactions", delay=0.5)])

    source = connect(creator=CreatorFactory(), key="rk_test_any")

    assert source.lacks == [name for name, _path in WISHED]
