"""Lists over tables without end: nothing is counted, skipped or sorted that an index does not."""

import re
from datetime import timedelta
from itertools import chain

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fans.models import (
    Acquaintance,
    Delivery,
    Fan,
    Identity,
    Invitation,
    Letter,
    Member,
    Merge,
    Note,
    Perk,
    Proposal,
    Refusal,
    Segment,
    Tag,
    Tagging,
    Tier,
    Touch,
    Turn,
    User,
)
from revenue.models import (
    Assignment,
    BooksCheck,
    Customer,
    DailyRate,
    Departure,
    Inbox,
    Invoice,
    Membership,
    Message,
    Movement,
    Nudge,
    Purchase,
    Reconciliation,
    Recount,
    Removal,
    Return,
    SaidRate,
    SetAside,
    SkippedRow,
    Source,
    Stretch,
    Summary,
    Sync,
    Upload,
)
from tests import factories
from tests.admin.addresses import listed
from tests.admin.conftest import LONG, customer, given_back
from tests.factories import (
    NOW,
    BooksCheckFactory,
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    InvoiceFactory,
    MembershipFactory,
    MovementFactory,
    NudgeFactory,
    PurchaseFactory,
    ReconciliationFactory,
    RecountFactory,
    RemovalFactory,
    SetAsideFactory,
    SourceFactory,
    StretchFactory,
    SyncFactory,
    UserFactory,
)
from truefans.admin_lists import LongListAdmin

pytestmark = pytest.mark.django_db

OF_THE_ROOMS = {
    Acquaintance: factories.AcquaintanceFactory,
    Assignment: factories.AssignmentFactory,
    DailyRate: factories.DailyRateFactory,
    SaidRate: factories.SaidRateFactory,
    Delivery: factories.DeliveryFactory,
    Invitation: factories.InvitationFactory,
    Letter: factories.LetterFactory,
    Member: factories.MemberFactory,
    Merge: factories.MergeFactory,
    Note: factories.NoteFactory,
    Perk: factories.PerkFactory,
    Proposal: factories.ProposalFactory,
    Refusal: factories.RefusalFactory,
    Segment: factories.SegmentFactory,
    Summary: factories.SummaryFactory,
    Departure: factories.DepartureFactory,
    Inbox: factories.InboxFactory,
    Message: factories.MessageFactory,
    Tag: factories.TagFactory,
    Tagging: factories.TaggingFactory,
    Touch: factories.TouchFactory,
    SkippedRow: factories.SkippedRowFactory,
    Turn: factories.TurnFactory,
    Upload: factories.UploadFactory,
}

#: Two queries are the session's and the user's.
SIGNING_IN = 2


def many(model: type, count: int) -> None:
    """`count` rows of `model`, each of another fan."""
    source = SourceFactory()
    tier = Tier.objects.create(creator=source.creator, name="True", threshold=1)
    for number in range(count):
        at = NOW - timedelta(hours=number)
        if model is User:
            UserFactory()
        elif model is Fan:
            FanFactory(creator=source.creator, tier=tier)
        elif model is Identity:
            IdentityFactory(fan=FanFactory(creator=source.creator))
        elif model is Sync:
            SyncFactory(source=source, state="done", started_at=at, finished_at=at)
        elif model is Nudge:
            NudgeFactory(source=source, arrived_at=at)
        elif model is Customer:
            customer(source, number)
        elif model is Movement:
            MovementFactory(source=source, occurred_at=at)
        elif model is Reconciliation:
            ReconciliationFactory(source=source, checked_at=at)
        elif model is BooksCheck:
            BooksCheckFactory(creator=source.creator, checked_at=at)
        elif model is Return:
            given_back(source, number)
        elif model is Stretch:
            StretchFactory(sync=SyncFactory(source=source, state="done", finished_at=at))
        elif model is Recount:
            RecountFactory()
        elif model is Removal:
            RemovalFactory()
        elif model is Invoice:
            InvoiceFactory(source=source)
        elif model is Membership:
            MembershipFactory(source=source, fan=FanFactory(creator=source.creator))
        elif model is SetAside:
            SetAsideFactory(source=source)
        elif model in OF_THE_ROOMS:
            OF_THE_ROOMS[model]()
        elif model is Purchase:
            PurchaseFactory(source=source, fan=FanFactory(creator=source.creator), occurred_at=at)


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch):
    monkeypatch.setattr(LongListAdmin, "list_per_page", 5)


def pages(client, address: str, parameters: dict) -> list[list]:
    """The rows of every page, by following “Older” to the end."""
    found = []
    answer = client.get(address, parameters)
    while True:
        rows = answer.context["cl"].result_list
        found.append([row.pk for row in rows])
        older = re.search(r'<a href="([^"]*)" rel="next">', answer.content.decode())
        if not older:
            return found
        assert len(found) < 10
        assert older.group(1).startswith("?")
        answer = client.get(address + older.group(1).replace("&amp;", "&"))


@pytest.mark.parametrize("model", LONG)
def test_older_leads_through_all_rows_once(admin, model):
    many(model, 12)

    found = pages(admin, listed(model), {})

    assert [len(page) for page in found[:2]] == [5, 5]
    everything = list(chain.from_iterable(found))
    assert everything == sorted(everything, reverse=True)
    assert set(everything) == set(model.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("model", "narrowed_by"),
    [
        (Purchase, {"creator__id__exact": "creator_id"}),
        (Movement, {"source__id__exact": "source_id"}),
        (Sync, {"source__id__exact": "source_id"}),
        (Reconciliation, {"source__id__exact": "source_id"}),
        (BooksCheck, {"creator__id__exact": "creator_id"}),
        (Nudge, {"source__id__exact": "source_id"}),
    ],
)
def test_within_a_creator_or_source_the_newest_comes_first(admin, model, narrowed_by):
    many(model, 12)
    # Rows of one moment do not get lost between two pages.
    times = {
        Sync: "started_at",
        Nudge: "arrived_at",
        Reconciliation: "checked_at",
        BooksCheck: "checked_at",
    }
    time = times.get(model, "occurred_at")
    alike = model.objects.order_by("pk")[2:9].values("pk")
    model.objects.filter(pk__in=alike).update(**{time: NOW - timedelta(hours=5)})
    many(model, 3)
    [(parameter, column)] = narrowed_by.items()
    owner = getattr(model.objects.order_by("pk").first(), column)

    found = pages(admin, listed(model), {parameter: owner})

    mine = model.objects.filter(**{column: owner}).order_by(f"-{time}", "-pk")
    assert list(chain.from_iterable(found)) == list(mine.values_list("pk", flat=True))
    assert [len(page) for page in found] == [5, 5, 2]


def test_a_page_behind_a_row_that_is_gone_begins_anew(admin):
    many(Fan, 3)
    for named in ("999999999", "9" * 30, "-1", "x", ""):
        assert len(admin.get(listed(Fan), {"p": named}).context["cl"].result_list) == 3


def test_older_keeps_search_and_filters_and_a_new_filter_begins_anew(admin):
    many(Fan, 7)
    Fan.objects.update(name="Ada", is_true_fan=True)

    first = admin.get(listed(Fan), {"q": "ada", "is_true_fan__exact": "1"})
    older = first.context["cl"].older
    assert "q=ada" in older
    assert "is_true_fan__exact=1" in older
    second = admin.get(listed(Fan) + older)

    assert len(second.context["cl"].result_list) == 2
    assert "p=" not in second.context["cl"].newest
    links = re.findall(r'<a href="(\?[^"]*)"', second.content.decode())
    assert links
    assert not [link for link in links if re.search(r"[?;&]p=", link)]


@pytest.mark.parametrize("model", LONG)
def test_the_queries_of_a_list_do_not_grow_with_it(admin, model):
    many(model, 2)
    with CaptureQueriesContext(connection) as few:
        admin.get(listed(model))
    many(model, 9)
    with CaptureQueriesContext(connection) as lots:
        admin.get(listed(model))

    assert len(lots) == len(few) == SIGNING_IN + 1


@pytest.mark.parametrize("model", LONG)
@pytest.mark.parametrize(
    "parameters", [{}, {"q": "ada"}, {"_facets": "True"}, {"o": "1.2"}, {"all": ""}, {"p": "1"}]
)
def test_nothing_is_counted_skipped_or_read_whole(admin, model, parameters):
    many(model, 7)

    with CaptureQueriesContext(connection) as queries:
        answer = admin.get(listed(model), parameters)

    assert answer.status_code == 200
    asked = [q["sql"] for q in queries if f'FROM "{model._meta.db_table}"' in q["sql"]]
    for sql in asked:
        assert "COUNT(" not in sql.upper()
        assert "DISTINCT" not in sql
        assert "OFFSET" not in sql
        assert re.search(r"LIMIT \d+$", sql) or '"id" =' in sql
    ordered = [re.search(r"ORDER BY (.*) LIMIT 6$", sql) for sql in asked]
    orders = {match.group(1) for match in ordered if match}
    assert orders <= {f'"{model._meta.db_table}"."id" DESC'}


def test_a_filter_by_a_row_names_it_and_offers_no_others(admin):
    mine, other = CreatorFactory(name="Ada's Songs"), CreatorFactory(name="Bob's Boats")
    FanFactory(creator=mine, name="Mine")
    FanFactory(creator=other, name="Theirs")

    narrowed = admin.get(listed(Fan), {"creator__id__exact": mine.pk})

    [fan] = narrowed.context["cl"].result_list
    assert fan.name == "Mine"
    sidebar = narrowed.content.decode().partition('id="changelist-filter"')[2]
    assert "Ada&#x27;s Songs" in sidebar
    assert "Bob&#x27;s Boats" not in sidebar
    assert (
        "Ada&#x27;s Songs"
        not in (admin.get(listed(Fan)).content.decode().partition('id="changelist-filter"')[2])
    )


@pytest.mark.parametrize("nonsense", ["x", "1,x", "", "9" * 40])
def test_a_filter_by_nonsense_is_no_error(admin, nonsense):
    many(Fan, 1)
    answer = admin.get(listed(Fan), {"creator__id__exact": nonsense}, follow=True)
    assert answer.status_code == 200


def test_money_of_nobody_can_be_listed(admin):
    source = SourceFactory()
    nobodys = PurchaseFactory(source=source)
    PurchaseFactory(source=source, fan=FanFactory(creator=source.creator))

    answer = admin.get(listed(Purchase), {"fan__isempty": "1"})

    assert list(answer.context["cl"].result_list) == [nobodys]


def test_short_lists_are_paged_and_sorted_as_ever(admin):
    for _ in range(3):
        SourceFactory()
    answer = admin.get(listed(Source), {"o": "2"})
    ids = [source.account_id for source in answer.context["cl"].result_list]
    assert ids == sorted(ids)
    assert "3 sources" in answer.content.decode()
