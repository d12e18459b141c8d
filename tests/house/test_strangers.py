"""Every page but the named public ones refuses strangers, whatever is added to the URL list."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import CreatorFactory, FanFactory, SourceFactory, UserFactory

pytestmark = pytest.mark.django_db

#: Pages that anybody may see; each is a decision. Patterns of allauth begin with "accounts/".
PUBLIC = {
    "",
    "healthz",
    "definitions",
    "@<slug:handle>",
    "webhooks/stripe/<int:source_id>",  # for Stripe, which proves itself by its signature
    "demo/mail",
    "demo/enter/<slug:who>",
}
#: Of allauth's pages only those that one needs in order to sign in.
PUBLIC_ACCOUNT = re.compile(r"^accounts/(login|signup|logout|confirm-email|2fa|inactive)")
ADMIN_OPEN = {"admin/login/", "admin/logout/", "admin/jsi18n/"}


def patterns(resolver=None, prefix="") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


def address(route: str, handle: str, pk: int) -> str:
    """A path that `route` matches."""
    route = re.sub(r"<slug:handle>|<str:handle>|<handle>", handle, route)
    route = re.sub(r"<int:\w+>", str(pk), route)
    route = re.sub(r"<path:\w+>", str(pk), route)
    route = re.sub(r"<(\w+:)?\w+>", "x", route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "1", route)
    return "/" + route.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\", "")


PRIVATE = [
    route
    for route in patterns()
    if route not in PUBLIC | ADMIN_OPEN and not PUBLIC_ACCOUNT.match(route)
]


def test_the_sweep_sees_the_pages_there_are():
    assert len(PRIVATE) > 40
    assert set(patterns()) >= PUBLIC
    assert any("people" in route for route in PRIVATE)
    assert any(route.startswith("admin/") for route in PRIVATE)


@pytest.mark.parametrize("route", PRIVATE)
def test_a_stranger_is_sent_away(client, route):
    fan = FanFactory(creator=CreatorFactory(handle="band"))
    path = address(route, "band", fan.pk)

    for answer in (client.get(path), client.post(path)):
        assert answer.status_code in (302, 401, 403, 404, 405), path
        if answer.status_code == 302:
            assert re.match(r"/(accounts|admin)/login", answer["Location"]), answer["Location"]


STUDIO = [route for route in PRIVATE if "handle>" in route]


@pytest.mark.parametrize("route", STUDIO)
def test_another_creators_rooms_are_not_there(route):
    source = SourceFactory(creator=CreatorFactory(handle="band"))
    fan = FanFactory(creator=source.creator, name="Zoë Unseen")
    someone = Client()
    someone.force_login(CreatorFactory(owner=UserFactory()).owner)

    for pk in (fan.pk, source.pk):
        path = address(route, "band", pk)
        for answer in (someone.get(path), someone.post(path)):
            assert answer.status_code in (404, 405), path
            assert "Unseen" not in answer.content.decode()


@pytest.mark.parametrize("route", [r for r in PRIVATE if "handle>" in r and "int:" in r])
def test_rows_of_another_creator_are_not_in_ones_own_rooms(route):
    source = SourceFactory()
    theirs = FanFactory(creator=source.creator)
    mine = CreatorFactory(handle="mine")
    me = Client()
    me.force_login(mine.owner)

    for pk in (theirs.pk, source.pk):
        answer = me.get(address(route, "mine", pk))
        assert answer.status_code in (404, 405)
