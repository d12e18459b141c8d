"""The shell: what each command does, prints and exits with."""

import csv
import io
import json

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from fans.models import Creator, Fan, User
from revenue.models import Movement, Nudge, Purchase, Source
from revenue.reconciling import net_by_currency
from sandbox import Account, Fault, Key
from sandbox.directory import load
from sandbox.workshop import Workshop
from tests.factories import NOW, CreatorFactory, FanFactory, SourceFactory, SyncFactory
from tests.revenue.recording import SMALL
from truefans.money import display

pytestmark = pytest.mark.django_db


def run(*args, **options):
    out = io.StringIO()
    call_command(*args, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def create(handle="band", **options):
    return run("create_creator", handle, email="me@example.org", currency="USD", **options)


@pytest.fixture
def imported(stripe):
    stripe(load(SMALL))
    create()
    run("connect_stripe", "band", key="rk_test_any")
    run("sync_stripe", "band")
    return Creator.objects.get()


def test_a_creator_is_made_with_an_account_that_may_sign_in():
    said = create(target_spend="50.00", target_count=2000, window_months=6, time_zone="Asia/Tokyo")

    creator = Creator.objects.get()
    assert (creator.target_spend, creator.target_count, creator.window_months) == (50_00, 2000, 6)
    assert (creator.currency, creator.time_zone, creator.counts) == ("USD", "Asia/Tokyo", "gross")
    assert creator.owner.emailaddress_set.get().verified
    assert not creator.owner.has_usable_password()
    assert [tier.threshold for tier in creator.tiers.all()] == [12_00, 50_00, 250_00]
    assert "US$100,000" in said
    assert f"Sign in with that address at {settings.PUBLIC_URL}/accounts/login/, by a code" in said


def test_a_second_creator_of_the_same_owner_uses_the_same_account():
    create()
    create("other")

    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"email": "nobody"}, "not an e-mail address"),
        ({"currency": "XXL"}, "no currency that one can pay with"),
        ({"currency": "XXX"}, "no currency that one can pay with"),
        ({"handle": "admin"}, "kept for TrueFans itself"),
        ({"time_zone": "Mars/Base"}, "not a time zone"),
        ({"target_spend": "a lot"}, "not an amount of money"),
        ({"target_spend": "0"}, "target spend"),
        ({"target_spend": "1.005"}, "not an amount of USD"),
        ({"target_count": 0}, "target count"),
        ({"handle": "No Good"}, "handle"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_made(options, says):
    given = {"handle": "band", "email": "me@example.org", "currency": "USD"} | options

    with pytest.raises(CommandError, match=says):
        run("create_creator", given.pop("handle"), **given)
    assert not Creator.objects.exists()
    assert not User.objects.exists()


def test_a_handle_is_taken_once():
    create()

    with pytest.raises(CommandError, match="handle"):
        create()


@pytest.mark.parametrize(
    "command", ["connect_stripe", "sync_stripe", "export_fans", "export_purchases", "check_books"]
)
def test_an_unknown_handle_is_told_with_those_that_are_known(command):
    create()
    options = {"key": "rk_test_any"} if command == "connect_stripe" else {}

    with pytest.raises(CommandError, match=r"no creator “ban”.*Known: band"):
        run(command, "ban", **options)


def test_a_key_that_is_no_good_is_told():
    create()

    with pytest.raises(CommandError, match="not a Stripe key"):
        run("connect_stripe", "band", key="hello")


def test_while_stripe_is_away_nothing_is_connected_and_nothing_promised(stripe):
    stripe(load(SMALL), faults=[Fault("/v1/account", times=99, status=503)])
    create()

    with pytest.raises(
        CommandError, match=r"\(HTTP 503\)\. Nothing was stored; try again in a few"
    ):
        run("connect_stripe", "band", key="rk_test_any")


NO_MEMBERS = frozenset({"rak_subscription_read"})


def test_what_a_key_may_do_without_is_named_with_what_follows(stripe):
    account = load(SMALL)
    stripe(Account(account.profile, account.read, keys=(Key("rk_test_any", missing=NO_MEMBERS),)))
    create()

    for said in (run("connect_stripe", "band", key="rk_test_any"), run("sync_stripe", "band")):
        assert "“Subscriptions” could not be read: TrueFans cannot tell who is a member" in said
        assert "give the key the permission (Read) in your Stripe dashboard" in said
        assert "Invoices" not in said


def test_where_the_key_may_read_all_nothing_is_said_of_permissions(stripe):
    stripe(load(SMALL))
    create()

    for said in (run("connect_stripe", "band", key="rk_test_any"), run("sync_stripe", "band")):
        assert "could not be read" not in said
        assert "dashboard" not in said


def test_syncing_without_an_account_says_what_to_do_first():
    create()

    with pytest.raises(CommandError, match="connect_stripe band --key"):
        run("sync_stripe", "band")


def test_the_whole_way_from_a_key_to_true_fans(imported):
    assert Movement.objects.count() == 109
    assert not Fan.objects.exclude(recompute_at=None).filter(purchases=0).exists()
    rows = list(csv.DictReader(io.StringIO(run("export_fans", "band"))))
    assert len(rows) == Fan.objects.count() + 1
    assert rows[-1]["name"] == "unattributed"

    purchases = json.loads(run("export_purchases", "band", format="json"))
    assert len(purchases) == Purchase.objects.count()
    in_csv = list(csv.DictReader(io.StringIO(run("export_purchases", "band"))))
    assert [row["external_id"] for row in in_csv] == [row["external_id"] for row in purchases]
    assert list(in_csv[0]) == list(purchases[0])
    said = run("check_books", "band")
    assert "the books are right" in said


def test_a_second_sync_says_that_nothing_is_new(imported):
    assert "; 0 movements newly stored, 0 purchases new or changed; " in run("sync_stripe", "band")
    assert "109 lines of the ledger read; 0 movements newly stored" in run(
        "sync_stripe", "band", full=True
    )


def test_a_whole_sync_ends_with_the_proof(imported):
    assert "books and balance: equal to the cent" in run("sync_stripe", "band", full=True)
    proofs = imported.sources.get().reconciliations
    assert list(proofs.values_list("outcome", flat=True)) == ["equal", "equal"]


def test_a_sync_reads_what_only_events_tell(stripe):
    """Of a customer who came long ago no list says that their address has changed."""
    shop = Workshop()
    stripe(shop.account)
    ann = shop.customer("ann@example.com")
    shop.charge(2500, customer=ann)
    shop.pass_time(days=20)
    shop.charge(900)
    create()
    run("connect_stripe", "band", key=shop.key)
    run("sync_stripe", "band")
    shop.change_customer(ann, email="ann@example.org")

    run("sync_stripe", "band")

    assert Fan.objects.get().identities.filter(value="ann@example.org").exists()
    assert not Nudge.objects.filter(done_at=None).exists()


def test_a_sync_that_fails_exits_with_the_sentence(imported, settings, monkeypatch):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    monkeypatch.setattr("revenue.gateways.stripe.client.ATTEMPTS", 1)

    with pytest.raises(CommandError, match="cannot be reached right now"):
        run("sync_stripe", "band")
    assert Source.objects.get().state == "unreachable"


def test_as_of_takes_a_date_and_nothing_else(imported):
    run("export_fans", "band", as_of="2026-01-01")

    with pytest.raises(CommandError, match=r"not a date.*2026-01-31"):
        run("export_fans", "band", as_of="1.1.2026")


SPOILED = {
    "a fan's spend": (lambda: Fan.objects.filter(purchases__gt=0).first(), "window_gross"),
    "a fan's usual order": (lambda: Fan.objects.exclude(usual_order=None).first(), "usual_order"),
    "a purchase's net": (lambda: Purchase.objects.exclude(fan=None).first(), "counted_net"),
    "a movement's net": (lambda: Movement.objects.filter(kind="payment").first(), "net"),
}


@pytest.mark.parametrize(("find", "column"), SPOILED.values(), ids=SPOILED.keys())
def test_check_books_finds_a_single_wrong_penny(imported, find, column):
    row = find()
    setattr(row, column, getattr(row, column) + 1)
    if column == "net":
        row.amount += 1
    row.save()
    out = io.StringIO()

    with pytest.raises(SystemExit) as exit:
        call_command("check_books", "band", stdout=out, stderr=io.StringIO())

    assert exit.value.code == 1
    assert column in out.getvalue()


def test_check_books_finds_a_missing_movement(imported):
    payout = Movement.objects.filter(kind="payout").first()
    source = imported.sources.get()
    balance = net_by_currency(source)["USD"]
    payout.delete()

    ours, theirs = display(balance - payout.net, "USD"), display(balance, "USD")
    assert found() == [f"@band: {source}: the books come to {ours}, the balance is {theirs}"]


def found():
    """The lines in which check_books tells that not all is right."""
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("check_books", "band", stdout=out, stderr=io.StringIO())
    return out.getvalue().splitlines()


def test_check_books_says_why_the_balance_could_not_be_compared(imported, stripe):
    account = load(SMALL)
    no_balance = Key("rk_test_any", missing=frozenset({"rak_balance_read"}))
    stripe(Account(account.profile, account.read, keys=(no_balance,)))
    source = imported.sources.get()

    [said] = found()

    assert said.startswith(f"@band: {source} was not compared: This key may not read “Balance”.")
    assert "should be" not in said


@pytest.mark.parametrize(
    ("run", "synced_at", "why"),
    [
        ({"state": "running"}, NOW, "It is being read right now."),
        (
            {"state": "failed", "finished_at": NOW},
            None,
            "It has not been read to the end yet. It broke.",
        ),
    ],
)
def test_check_books_says_that_there_is_nothing_to_compare_yet(run, synced_at, why):
    source = SourceFactory(
        creator=CreatorFactory(handle="band"), name="Shop", synced_at=synced_at, problem="It broke."
    )
    SyncFactory(source=source, **run)

    assert found() == [f"@band: Shop was not compared: {why}"]


def test_check_books_says_that_what_is_new_has_not_been_read(stripe):
    shop = Workshop()
    shop.charge(2500)
    stripe(shop.account)
    create()
    run("connect_stripe", "band", key=shop.key)
    run("sync_stripe", "band")
    shop.charge(900)

    [said] = found()

    assert said.endswith("what is new has not been read yet.")


def test_books_of_nobody_are_right():
    FanFactory(creator=CreatorFactory(handle="empty"))

    assert "no movements" in run("check_books", "empty")
