"""`__among`: whatever the values are, exactly those rows."""

import pytest

from fans.models import Fan, Identity
from tests.factories import CreatorFactory, FanFactory, IdentityFactory

pytestmark = pytest.mark.django_db

HOSTILE = [
    'a "quoted" name',
    "back\\slash",
    'both \\" of them',
    "{comma,brace}",
    "NULL",
    " space ",
    "naïve ☂ {}",
    "x' OR true --",
]


def test_texts_of_any_kind_are_found_and_no_others():
    creator = CreatorFactory()
    for value in [*HOSTILE, "somebody else"]:
        IdentityFactory(fan=FanFactory(creator=creator), kind="stripe_customer", value=value)

    found = Identity.objects.filter(value__among=[*HOSTILE, "nobody"])

    assert set(found.values_list("value", flat=True)) == set(HOSTILE)
    assert not Identity.objects.filter(value__among=[]).exists()
    assert not Identity.objects.filter(value__among=iter([""])).exists()


def test_what_is_empty_is_found_where_it_is_looked_for():
    nameless, zoe = FanFactory(name=""), FanFactory(name="Zoe")

    assert set(Fan.objects.filter(name__among=["", "Zoe"])) == {nameless, zoe}
    assert set(Fan.objects.filter(name__among=["Zoe", "Ada"])) == {zoe}


def test_numbers_are_found_and_no_others():
    fans = [FanFactory() for _ in range(4)]

    found = Fan.objects.filter(pk__among={fan.pk for fan in fans[1:3]})

    assert set(found) == set(fans[1:3])
    assert not Fan.objects.filter(pk__among=()).exists()
