"""Every page of a studio, whatever its address asks for, and whoever has lost the keys."""

import pytest
from cryptography.fernet import Fernet
from django.http import QueryDict
from django.urls import reverse

from dashboard.urls import urlpatterns
from tests.factories import (
    ClaimFactory,
    DoubleFactory,
    FanFactory,
    InboxFactory,
    LetterFactory,
    MembershipFactory,
    MovementFactory,
    NoteFactory,
    PerkFactory,
    ProposalFactory,
    PurchaseFactory,
    RemovalFactory,
    SaleEntryFactory,
    SegmentFactory,
    SourceFactory,
    SyncFactory,
    TouchFactory,
    TurnFactory,
    UploadFactory,
)

pytestmark = pytest.mark.django_db

#: Pages of a studio that can be looked at, each by what its address names beside the handle.
PAGES = {
    "home": {},
    "people": {},
    "person": {"pk": "fan"},
    "person_edit": {"pk": "fan"},
    "note": {"pk": "fan", "note": "note"},
    "pairs": {},
    "same": {"pk": "fan"},
    "merge": {"pk": "fan", "other": "other"},
    "letter": {"pk": "fan"},
    "plan": {},
    "today": {},
    "sell": {},
    "sold": {"pk": "sale"},
    "change_sale": {"pk": "sale"},
    "purchases": {},
    "export_purchases": {},
    "purchase": {"pk": "purchase"},
    "movements": {},
    "export_movements": {},
    "fees": {},
    "income_sources": {},
    "products": {},
    "members": {},
    "unattributed": {},
    "assigned": {},
    "find_people": {},
    "doubles": {},
    "doubles_said": {},
    "years": {},
    "year": {"year": "year"},
    "export_year": {"year": "year"},
    "tiers": {},
    "new_tier": {},
    "edit_tier": {"pk": "tier"},
    "remove_tier": {"pk": "tier"},
    "new_perk": {"pk": "tier"},
    "perk": {"pk": "perk"},
    "labels": {"pk": "perk"},
    "edit_perk": {"pk": "perk"},
    "remove_perk": {"pk": "perk"},
    "milestones": {},
    "card": {"seat": "seat"},
    "latest_review": {},
    "review": {"year": "year"},
    "sources": {},
    "live": {"platform": "platform"},
    "upload": {"pk": "upload"},
    "skipped_rows": {"pk": "upload"},
    "disconnect": {"pk": "source"},
    "settings": {},
    "words": {},
    "place": {},
    "security": {},
    "team": {},
    "takeout": {},
    "download": {},
    "leaving": {},
}
#: What an address may ask for that no page offers. The third of them is half of a letter.
HOSTILE = [
    "0001-01-01",
    "9999-12-31",
    "%ED%A0%80",
    "%00",
    "",
    "-1",
    "1e400",
    "NaN",
    "9" * 30,
    "%C2%B2",
    "_",
    "0001-01-01T00:00:00%2B14:00_1",
    "9999-12-31T23:59:59%2B00:00_1",
    f"1_{'9' * 30}",
]
#: The page, the way to where it is, the fields that were filled in wrongly.
SHOWN = (200, 302, 422)
MANY = 8
#: Pages that name a secret by its mark, or show one: an address, a code to scan.
KNOWN_BY_SECRETS = ("sources", "live", "sold")
SECRET = "whsec_abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def parts(creator, source, now):
    """What an address may name, in a studio with one of everything and in a zone east of all."""
    creator.time_zone = "Pacific/Auckland"
    creator.save()
    fan = FanFactory(creator=creator, is_true_fan=True, crossed_at=now, seat=1)
    other = FanFactory(creator=creator)
    source.webhook_secrets = SECRET
    source.save()
    hand = SourceFactory(creator=creator, kind="hand", key="")
    sale = PurchaseFactory(source=hand, external_id="sale_1")
    tier = creator.tiers.last()
    SaleEntryFactory(source=hand, external_id="sale_1")
    ClaimFactory(source=hand, external_id="sale_1")
    MovementFactory(source=source)
    InboxFactory(source__creator=creator)
    LetterFactory(fan=fan)
    MembershipFactory(source=source, fan=fan)
    ProposalFactory(creator=creator, first=fan, second=other)
    RemovalFactory(source__creator=creator, source__webhook_secrets=SECRET)
    SegmentFactory(creator=creator)
    SyncFactory(source=source)
    TouchFactory(fan=fan)
    TurnFactory(fan=fan)
    double = DoubleFactory(source=source, external_id="ch_1", twin_id="row-1")
    PurchaseFactory(source=source, fan=other, external_id="ch_1")
    PurchaseFactory(source=double.twin_source, external_id="row-1", state="elsewhere")
    return {
        "fan": fan.pk,
        "other": other.pk,
        "note": NoteFactory(fan=fan).pk,
        "sale": sale.pk,
        "purchase": PurchaseFactory(source=source, fan=fan).pk,
        "year": now.year,
        "seat": 1,
        "tier": tier.pk,
        "perk": PerkFactory(tier=tier).pk,
        "source": source.pk,
        "platform": "kofi",
        "upload": UploadFactory(source=double.twin_source).pk,
    }


@pytest.fixture
def look(client, creator, parts):
    """`look("person", "after=1")`: what a page answers, read to its end."""

    def get(room, query=""):
        named = {name: parts[key] for name, key in PAGES[room].items()}
        address = reverse(f"dashboard:{room}", kwargs={"handle": creator.handle} | named)
        answer = client.get(f"{address}?{query}")
        if answer.streaming:
            b"".join(answer.streaming_content)
        return answer.status_code

    return get


@pytest.fixture
def asked(monkeypatch):
    """The names that pages look for in an address."""
    names = set()

    def listening(method):
        def hear(query, name, *rest):
            names.add(name)
            return method(query, name, *rest)

        return hear

    for method in ("__getitem__", "__contains__", "getlist"):
        monkeypatch.setattr(QueryDict, method, listening(getattr(QueryDict, method)))
    return names


@pytest.mark.parametrize("room", PAGES)
def test_a_page_that_is_asked_for_nonsense_is_shown(look, asked, a_minute_later, room):
    assert look(room) in SHOWN
    names = sorted(asked)
    # One by one, too, but where so many filters are read by one form.
    alone = [[name] for name in names] if len(names) < MANY else []
    for value in HOSTILE if names else ():
        for together in (names, *alone):
            assert look(room, "&".join(f"{name}=x&{name}={value}" for name in together)) in SHOWN


@pytest.mark.parametrize("room", [room for room in PAGES if room not in KNOWN_BY_SECRETS])
def test_no_page_reads_a_key(look, a_minute_later, settings, room):
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert look(room) in SHOWN, "who has lost the keys can open it"


def test_no_page_is_left_out(client, creator):
    everything = {
        pattern.name: pattern for pattern in urlpatterns if "<slug" in str(pattern.pattern)
    }
    for name in everything.keys() - PAGES.keys() - {"stay"}:  # once it is closed
        wanted = everything[name].pattern.converters
        sample = {part: creator.handle if part == "handle" else 1 for part in wanted}
        assert client.get(reverse(f"dashboard:{name}", kwargs=sample)).status_code == 405, name
