"""Every page but the named public ones refuses strangers, whatever is added to the URL list."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import (
    CreatorFactory,
    FanFactory,
    InvitationFactory,
    MemberFactory,
    SourceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

#: Pages that anybody may see; each is a decision. Patterns of allauth begin with "accounts/".
PUBLIC = {
    "",
    "healthz",
    "favicon.ico",
    "robots.txt",
    "definitions",
    "@<slug:handle>",
    "claim/<str:code>",  # for who was given the code; it says what was sold and never to whom
    "webhooks/stripe/<int:source_id>",  # for Stripe, which proves itself by its signature
    "webhooks/<slug:platform>/<str:address>",  # for whoever knows the address, and has the secret
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
    route = re.sub(r"<yyyy:\w+>", "2026", route)
    route = re.sub(r"<path:\w+>", str(pk), route)
    route = re.sub(r"<(\w+:)?\w+>", "x", route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "1", route)
    return "/" + route.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\", "")


def addresses(route: str, pks: list[int]) -> list[str]:
    """Those of a studio's `route` for each of the ids, if it names any."""
    return sorted({address(route, "band", pk) for pk in pks})


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

    for path in addresses(route, [fan.pk, source.pk]):
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


#: What only owners may send, by name; everything else an editor may.
OWNERS = {
    "connect_stripe",
    "disconnect",
    "team",
    "change_role",
    "remove_member",
    "hand_over",
    "resend",
    "withdraw",
    "leaving",
    "live",
    "begin_live",
    "renew_live",
    "forget_live",
    "add_secret",
    "remove_secret",
}
#: What changes nothing though it is sent.
READS = {"export_people"}
#: What the others of the team may not even see.
UNSEEN = {"download"}
#: Pages that are of no use but to change something.
EDITORS = {
    "new_tier",
    "edit_tier",
    "remove_tier",
    "new_perk",
    "edit_perk",
    "remove_perk",
    "sell",
    "sold",
    "change_sale",
}
#: What everybody in a team decides for themselves, and what is there in closed studios only.
UNGUARDED = {"quit_team", "stay"}


def names() -> dict[str, str]:
    """The name of every studio address by its route."""
    studio = next(r for r in get_resolver().url_patterns if str(r.pattern) == "studio/")
    return {f"studio/{entry.pattern}": entry.name for entry in studio.url_patterns}


@pytest.fixture
def band(client):
    """`band("viewer")`: ids of rows in a studio that somebody with that role is signed in to."""

    def enter(role: str) -> list[int]:
        source = SourceFactory(creator=CreatorFactory(handle="band"))
        fan = FanFactory(creator=source.creator)
        other = MemberFactory(creator=source.creator, role="owner")
        invited = InvitationFactory(creator=source.creator)
        client.force_login(MemberFactory(creator=source.creator, role=role).user)
        return [row.pk for row in (source, fan, other, invited)]

    return enter


@pytest.mark.parametrize("route", STUDIO)
def test_who_may_only_look_sees_every_room_and_sends_nothing(client, band, route):
    name = names().get(route)
    for path in addresses(route, band("viewer")):
        assert (client.get(path).status_code == 403) is (name in UNSEEN | EDITORS), path
        if name not in UNGUARDED | READS:
            answer = client.post(path)
            assert answer.status_code in (403, 405), path
            assert answer.status_code == 405 or "You are here as viewer" in answer.text


@pytest.mark.parametrize("route", STUDIO)
def test_an_editor_may_all_but_what_is_the_owners(client, band, route):
    name = names().get(route)
    for path in addresses(route, band("editor")):
        if name in UNGUARDED:
            continue
        assert (client.get(path).status_code == 403) is (name in UNSEEN), path
        assert (client.post(path).status_code == 403) is (name in OWNERS), path


@pytest.mark.parametrize("route", STUDIO)
def test_an_owner_by_role_may_all(client, band, route):
    for path in addresses(route, band("owner")):
        if names().get(route) not in UNGUARDED:
            assert client.post(path).status_code != 403, path


def test_the_names_of_what_is_the_owners_are_those_of_addresses():
    assert set(names().values()) >= OWNERS | UNSEEN | EDITORS | UNGUARDED
