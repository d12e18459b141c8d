"""A creator pastes a restricted key: is it one, whose account is it, may it read what we need?"""

from typing import Any

import urllib3
from django.db import transaction
from django.utils.translation import gettext as _

from fans.models import Creator
from revenue.gateways.problems import (
    NotConnectable,
    PassingProblem,
    PermissionMissing,
    UnexpectedAnswer,
)
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.reading import understood
from revenue.gateways.stripe.translate import id_of, moment
from revenue.models import Source
from revenue.removing import refuse_while_removing

#: Somebody waits for the answer: seconds for one request, and for all of them.
PROMPTLY = urllib3.Timeout(connect=5, read=15)
PATIENCE = 40.0
TRIES = 4
#: What has to be read, by the name that the permission has in Stripe's dashboard.
PERMISSIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("Balance", "/v1/balance", {}),
    ("Charges", "/v1/charges", {"limit": 1}),
    ("Customers", "/v1/customers", {"limit": 1}),
    ("Disputes", "/v1/disputes", {"limit": 1}),
    # Last, because what its lines are about needs the permissions above.
    (
        "Balance transaction sources",
        "/v1/balance_transactions",
        {"limit": 1, "expand": ["data.source"]},
    ),
]
#: What is read where the key allows it; `lacking.UNKNOWN` says what cannot be told without it.
WISHED: list[tuple[str, str]] = [
    ("Invoices", "/v1/invoices"),
    ("Subscriptions", "/v1/subscriptions"),
    ("Events", "/v1/events"),
    ("Checkout Sessions", "/v1/checkout/sessions"),
]


def connect(*, creator: Creator, key: str) -> Source:
    """Test `key` and store it encrypted; a new key for a connected account replaces the old one.

    Raises NotConnectable for what is no usable key, while Stripe cannot tell, or while what came
    from the account is being removed, KeyRefused for a key that Stripe refuses, and
    PermissionMissing for what a key lacks. Nothing is stored then. No transaction may be open:
    it would wait for Stripe.
    """
    key = key.strip()
    check_form(key)
    livemode = "_live_" in key
    check_mode(creator, livemode=livemode)
    try:
        gateway = StripeGateway(key, timeout=PROMPTLY, patience=PATIENCE)
        account_id, opened = _opened(gateway, creator)
    except PassingProblem as problem:
        advice = _("Nothing was stored; try again in a few minutes.")
        raise NotConnectable(f"{problem.what} {advice}") from problem
    with transaction.atomic(durable=True):
        source, _created = Source.objects.update_or_create(
            creator=creator,
            kind=Source.Kind.STRIPE,
            account_id=account_id,
            livemode=livemode,
            defaults={"key": key, "state": Source.State.OK, "problem": ""} | opened,
        )
        refuse_while_removing(source)
    return source


def check_form(key: str) -> None:
    """Refuse what cannot be a key for reading, before anything is sent anywhere."""
    if key.startswith("pk_"):
        raise NotConnectable(
            _("This is a publishable key. TrueFans needs a restricted one, which begins “rk_”.")
        )
    if key.startswith("sk_live_"):
        raise NotConnectable(
            _(
                "This is your account’s secret key: it can move your money, and nobody but you"
                " should hold it. Make a restricted key that may only read; it begins “rk_live_”."
            )
        )
    if not key.startswith(("rk_", "sk_test_")) or not key.isascii() or len(key.split()) != 1:
        raise NotConnectable(
            _("This is not a Stripe key. A restricted key begins “rk_”; copy all of it.")
        )


def check_mode(creator: Creator, *, livemode: bool) -> None:
    """Refuse to put play money beside real money: a creator’s accounts are all live or all test."""
    connected = creator.sources.filter(kind=Source.Kind.STRIPE)
    if not connected.exclude(livemode=livemode).exists():
        return
    if livemode:
        raise NotConnectable(
            _(
                "This is a live key, and a test account is connected already. Real money and play"
                " money cannot stand in one book: remove the test account first."
            )
        )
    raise NotConnectable(
        _(
            "This is a key of a test account: what was paid there is play money, and would stand"
            " in one book with real money. Paste the live key; it begins “rk_live_”."
        )
    )


def _opened(gateway: StripeGateway, creator: Creator) -> tuple[str, dict[str, Any]]:
    """The id of the account that the key opens, and what columns of its source say of it."""
    account = gateway.get("/v1/account", permission="Account", attempts=TRIES)
    with understood("/v1/account"):
        account_id, created = id_of(account), account.get("created")
        if not account_id:
            raise KeyError("id")
        columns = {
            "name": account_name(account, creator),
            "account_created_at": moment(created) if created else None,
        }
    for permission, path, params in PERMISSIONS:
        _probe(gateway, permission, path, params)
    lacks = [name for name, path in WISHED if not _may_read(gateway, name, path)]
    return account_id, columns | {"lacks": lacks}


def account_name(account: dict[str, Any], creator: Creator) -> str:
    """What tells the account from other sources: its own name says nothing where it is the
    creator's."""
    profile = account.get("business_profile") or {}
    dashboard = (account.get("settings") or {}).get("dashboard") or {}
    name = str(profile.get("name") or dashboard.get("display_name") or account["id"])
    is_creators = name.casefold() == creator.name.casefold()
    return str(Source.Kind.STRIPE.label) if is_creators else name


def _may_read(gateway: StripeGateway, permission: str, path: str) -> bool:
    """Whether a list can be read that an import does without; the import asks once more."""
    try:
        gateway.get(path, permission=permission, attempts=2, limit=1)
    except (PermissionMissing, PassingProblem):
        return False
    return True


def _probe(gateway: StripeGateway, permission: str, path: str, params: dict[str, Any]) -> None:
    try:
        gateway.get(path, permission=permission, attempts=TRIES, **params)
    except UnexpectedAnswer:
        # Not a question of permission (a server may lack a list we could do without): the import
        # itself will tell.
        return
