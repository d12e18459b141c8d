"""An admin who is signed in, a row of every model, and the real queue looked into."""

from collections.abc import Callable, Iterator
from queue import Empty

import pytest
from celery import current_app
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client

from fans.models import Creator, Fan, Identity, Tier, User
from revenue.models import Customer, Movement, Nudge, Purchase, Return, Source, Sync
from revenue.packed import pack
from tests.factories import (
    NOW,
    FanFactory,
    IdentityFactory,
    MovementFactory,
    NudgeFactory,
    PurchaseFactory,
    SourceFactory,
    SyncFactory,
    UserFactory,
)

KEY = "rk_test_a_key_that_nobody_may_see"
SMALL = (Creator, Tier, Source)
LONG = (User, Fan, Identity, Sync, Nudge, Customer, Movement, Return, Purchase)
LEDGER = (Sync, Customer, Movement, Return, Purchase)

NESTED = '{"balance": {"nested": "ärger"}}'.encode()


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss@example.org")


@pytest.fixture
def admin(boss) -> Client:
    client = Client()
    client.force_login(boss, "django.contrib.auth.backends.ModelBackend")
    return client


def staff(*permissions: str) -> Client:
    """One who may enter the admin and has `permissions`, as “app.codename”."""
    user = UserFactory(is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def customer(source: Source, number: int = 0) -> Customer:
    return Customer.objects.create(source=source, external_id=f"cus_{number}")


def given_back(source: Source, number: int = 0) -> Return:
    return Return.objects.create(
        source=source,
        external_id=f"re_{number}",
        kind="refund",
        payment_id="ch_0",
        occurred_at=NOW,
        currency="GBP",
        amount=5_00,
        raw=pack(f'{{"id": "re_{number}"}}'.encode()),
    )


@pytest.fixture
def rows(db) -> dict[type[Model], Model]:
    """One row of every model, all of one creator."""
    source = SourceFactory(key=KEY)
    fan = FanFactory(creator=source.creator, name="Ada Reader", email="ada@example.com")
    return {
        User: source.creator.owner,
        Creator: source.creator,
        Tier: Tier.objects.create(creator=source.creator, name="True", threshold=100_00),
        Fan: fan,
        Identity: IdentityFactory(fan=fan),
        Source: source,
        Sync: SyncFactory(source=source),
        Nudge: NudgeFactory(source=source),
        Customer: customer(source),
        Movement: MovementFactory(source=source, raw=pack(b'{"net": [965]}')),
        Return: given_back(source),
        Purchase: PurchaseFactory(source=source, fan=fan, raw=pack(NESTED)),
    }


@pytest.fixture
def queued() -> Iterator[Callable[[], list[tuple[str, list]]]]:
    """(task, arguments) of what has been put into the queue; asking takes it out."""
    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue(settings.CELERY_TASK_DEFAULT_QUEUE)
        queue.clear()

        def take() -> list[tuple[str, list]]:
            found = []
            while True:
                try:
                    message = queue.get(block=False)
                except Empty:
                    return found
                message.ack()
                found.append((message.headers["task"], message.payload[0]))

        yield take
        queue.close()
