"""A creator's studio, with its creator signed in."""

from datetime import timedelta

import pytest
from django.db.models.signals import pre_save

from fans.models import Creator, Fan
from tests.factories import CreatorFactory, FanFactory, PurchaseFactory, SourceFactory


@pytest.fixture
def it_is_now(time_machine, now) -> None:
    """The clock stands at `now`."""
    time_machine.move_to(now, tick=False)


@pytest.fixture
def a_minute_later(time_machine, now) -> None:
    """The clock stands a minute after `now`, at which everything happened."""
    time_machine.move_to(now + timedelta(minutes=1), tick=False)


@pytest.fixture
def creator(client) -> Creator:
    """“Low Tide”, who call a fan a friend; signed in, with three tiers and nobody yet."""
    creator = CreatorFactory(
        handle="low-tide", name="Low Tide", fan_word="friend", fans_word="friends"
    )
    creator.create_default_tiers()
    client.force_login(creator.owner)
    return creator


@pytest.fixture
def source(creator):
    return SourceFactory(creator=creator, name="Low Tide shop")


@pytest.fixture
def ada(creator) -> Fan:
    """Somebody who has not bought anything yet."""
    return FanFactory(creator=creator, name="Ada", email="ada@example.com")


@pytest.fixture
def buyer(creator, source, now):
    """`buyer(120_00, name="Zoë")`: somebody with a purchase of that amount, a moment ago."""

    def make(amount: int, **fields):
        is_true = amount >= creator.target_spend
        fan = FanFactory(
            creator=creator,
            spend=amount,
            window_gross=amount,
            window_net=amount - 50,
            lifetime_gross=amount,
            lifetime_net=amount - 50,
            purchases=1,
            first_purchase_at=now,
            last_purchase_at=now,
            is_true_fan=is_true,
            crossed_at=now if is_true else None,
            **fields,
        )
        PurchaseFactory(source=source, fan=fan, amount=amount, fee=50, occurred_at=now)
        return fan

    return make


@pytest.fixture
def taken_meanwhile():
    """Somebody takes the handle “taken” after it was found free, and before it is stored."""

    def take(instance, **_kwargs):
        if instance.handle == "taken":
            pre_save.disconnect(take, sender=Creator)
            CreatorFactory(handle="taken")

    pre_save.connect(take, sender=Creator, weak=False)
    yield
    pre_save.disconnect(take, sender=Creator)
