"""Rows for tests: small, valid, and only what a test does not care about filled in."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from fans.models import (
    Acquaintance,
    Creator,
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
    Claim,
    DailyRate,
    Departure,
    Double,
    Inbox,
    Invoice,
    Membership,
    Message,
    Movement,
    Nudge,
    PaymentLink,
    Purchase,
    Reconciliation,
    Recount,
    Removal,
    SaidRate,
    SaleEntry,
    SetAside,
    SkippedRow,
    Source,
    Statement,
    Stretch,
    Summary,
    Sync,
    Upload,
    UploadPart,
)
from truefans.digests import digest_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")


class CreatorFactory(DjangoModelFactory):
    class Meta:
        model = Creator

    owner = factory.SubFactory(UserFactory)
    handle = factory.Sequence(lambda n: f"creator-{n}")
    name = factory.Sequence(lambda n: f"Creator {n}")
    currency = "GBP"
    time_zone = "Europe/London"
    target_count = 1000
    target_spend = 100_00


class FanFactory(DjangoModelFactory):
    class Meta:
        model = Fan

    creator = factory.SubFactory(CreatorFactory)
    name = factory.Sequence(lambda n: f"Fan {n}")
    email = factory.Sequence(lambda n: f"fan{n}@example.com")


class IdentityFactory(DjangoModelFactory):
    class Meta:
        model = Identity

    fan = factory.SubFactory(FanFactory)
    creator = factory.SelfAttribute("fan.creator")
    kind = Identity.Kind.EMAIL
    value = factory.SelfAttribute("fan.email")


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source

    creator = factory.SubFactory(CreatorFactory)
    account_id = factory.Sequence(lambda n: f"acct_{n:016}")
    livemode = False
    name = "Stripe"
    key = "rk_test_some_key"
    synced_at = NOW


class SyncFactory(DjangoModelFactory):
    class Meta:
        model = Sync

    source = factory.SubFactory(SourceFactory)
    started_at = NOW
    heard_at = NOW


class MovementFactory(DjangoModelFactory):
    class Meta:
        model = Movement

    source = factory.SubFactory(SourceFactory)
    external_id = factory.Sequence(lambda n: f"txn_{n:024}")
    kind = "payment"
    category = "charge"
    occurred_at = NOW
    currency = "GBP"
    amount = 10_00
    fee = 35
    net = factory.LazyAttribute(lambda movement: movement.amount - movement.fee)


class ReconciliationFactory(DjangoModelFactory):
    class Meta:
        model = Reconciliation

    source = factory.SubFactory(SourceFactory)
    checked_at = NOW
    outcome = "equal"
    figures = [["GBP", 9_65, 9_65]]
    compared = 1


class BooksCheckFactory(DjangoModelFactory):
    class Meta:
        model = BooksCheck

    creator = factory.SubFactory(CreatorFactory)
    checked_at = NOW
    found = 1
    findings = ["fan 1: spend is 1, should be 2"]


class InvoiceFactory(DjangoModelFactory):
    class Meta:
        model = Invoice

    source = factory.SubFactory(SourceFactory)
    external_id = factory.Sequence(lambda n: f"in_{n:024}")
    customer_id = "cus_1"
    currency = "GBP"
    amount_paid = 10_00
    paid_at = NOW


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    source = factory.SubFactory(SourceFactory)
    creator = factory.SelfAttribute("source.creator")
    external_id = factory.Sequence(lambda n: f"sub_{n:024}")
    customer_id = "cus_1"
    state = "active"
    currency = "GBP"
    amount = 5_00
    interval = "month"
    since = NOW


class SetAsideFactory(DjangoModelFactory):
    class Meta:
        model = SetAside

    source = factory.SubFactory(SourceFactory)
    external_id = factory.Sequence(lambda n: f"obj_{n:024}")
    kind = "charge"
    problem = "Something about “amount” was not as expected."
    seen_at = NOW


class StretchFactory(DjangoModelFactory):
    class Meta:
        model = Stretch

    sync = factory.SubFactory(SyncFactory)
    listing = "movements"


class RecountFactory(DjangoModelFactory):
    class Meta:
        model = Recount

    creator = factory.SubFactory(CreatorFactory)
    currency = factory.SelfAttribute("creator.currency")
    total = 100
    started_at = NOW
    heard_at = NOW


class RemovalFactory(DjangoModelFactory):
    class Meta:
        model = Removal

    source = factory.SubFactory(SourceFactory, state="removing", key="")
    total = 100
    started_at = NOW
    heard_at = NOW


class DepartureFactory(DjangoModelFactory):
    class Meta:
        model = Departure

    creator = factory.SubFactory(CreatorFactory, leaves_at=NOW + timedelta(days=14))
    asked_at = NOW
    due_at = NOW


class PurchaseFactory(DjangoModelFactory):
    """A paid purchase in the creator's own currency; `amount` decides what it counts."""

    class Meta:
        model = Purchase

    source = factory.SubFactory(SourceFactory)
    creator = factory.SelfAttribute("source.creator")
    external_id = factory.Sequence(lambda n: f"ch_{n:024}")
    fan = None
    occurred_at = NOW
    kind = "sale"
    description = "Album"
    currency = factory.SelfAttribute("creator.currency")
    amount = 10_00
    status = "succeeded"
    state = "paid"
    returned = 0
    settlement_currency = factory.SelfAttribute("currency")
    fee = 0
    net = factory.LazyAttribute(lambda purchase: purchase.amount - purchase.fee)
    counted_currency = factory.SelfAttribute("creator.currency")
    counted_gross = factory.SelfAttribute("amount")
    counted_net = factory.SelfAttribute("net")
    rate = 1
    rate_date = factory.LazyAttribute(lambda purchase: purchase.occurred_at.date())
    rate_origin = "same"


class NudgeFactory(DjangoModelFactory):
    class Meta:
        model = Nudge

    source = factory.SubFactory(SourceFactory)
    external_id = factory.Sequence(lambda n: f"evt_{n:024}")
    kind = "charge.updated"
    object_id = factory.Sequence(lambda n: f"ch_{n:024}")
    way = "delivery"
    arrived_at = NOW


class OfFanFactory(DjangoModelFactory):
    """Something of a fan, and so of their creator."""

    class Meta:
        abstract = True

    fan = factory.SubFactory(FanFactory)
    creator = factory.SelfAttribute("fan.creator")


class TouchFactory(OfFanFactory):
    class Meta:
        model = Touch

    kind = "wrote"
    occurred_at = NOW


class NoteFactory(OfFanFactory):
    class Meta:
        model = Note

    text = "Plays the harp."


class AcquaintanceFactory(OfFanFactory):
    class Meta:
        model = Acquaintance


class LetterFactory(OfFanFactory):
    class Meta:
        model = Letter

    to = factory.SelfAttribute("fan.email")
    subject = "Thank you"
    text = "Dear you, thank you."
    created_at = NOW
    due_at = NOW


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag

    creator = factory.SubFactory(CreatorFactory)
    name = factory.Sequence(lambda n: f"tag {n}")


class TaggingFactory(OfFanFactory):
    class Meta:
        model = Tagging

    tag = factory.SubFactory(TagFactory, creator=factory.SelfAttribute("..fan.creator"))


class SegmentFactory(DjangoModelFactory):
    class Meta:
        model = Segment

    creator = factory.SubFactory(CreatorFactory)
    name = factory.Sequence(lambda n: f"segment {n}")
    query = "show=true"


class TurnFactory(OfFanFactory):
    class Meta:
        model = Turn

    circle = 1
    day = NOW.date()
    reason = "rhythm"


class TierFactory(DjangoModelFactory):
    class Meta:
        model = Tier

    creator = factory.SubFactory(CreatorFactory)
    name = factory.Sequence(lambda n: f"Tier {n}")
    threshold = factory.Sequence(lambda n: 1_00 * (n + 1))


class PerkFactory(DjangoModelFactory):
    class Meta:
        model = Perk

    tier = factory.SubFactory(TierFactory)
    name = factory.Sequence(lambda n: f"perk {n}")


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    perk = factory.SubFactory(PerkFactory)
    fan = factory.SubFactory(FanFactory)
    period = date.min
    delivered_at = NOW


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = Member

    creator = factory.SubFactory(CreatorFactory)
    user = factory.SubFactory(UserFactory)
    role = "editor"


class InvitationFactory(DjangoModelFactory):
    class Meta:
        model = Invitation

    creator = factory.SubFactory(CreatorFactory)
    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    role = "editor"
    digest = factory.Sequence(lambda n: f"{n:064x}")
    expires_at = NOW + timedelta(days=7)
    due_at = NOW


class SummaryFactory(DjangoModelFactory):
    class Meta:
        model = Summary

    creator = factory.SubFactory(CreatorFactory)
    made_at = NOW


class AssignmentFactory(DjangoModelFactory):
    class Meta:
        model = Assignment

    source = factory.SubFactory(SourceFactory)
    creator = factory.SelfAttribute("source.creator")
    fan = factory.SubFactory(FanFactory, creator=factory.SelfAttribute("..source.creator"))
    external_id = factory.Sequence(lambda n: f"ch_assigned_{n}")


class DailyRateFactory(DjangoModelFactory):
    class Meta:
        model = DailyRate

    currency = "USD"
    day = factory.Sequence(lambda n: date(2026, 11, 1) + timedelta(days=n))
    per_euro = Decimal("1.1")


class SaidRateFactory(DjangoModelFactory):
    class Meta:
        model = SaidRate

    source = factory.SubFactory(SourceFactory)
    creator = factory.SelfAttribute("source.creator")
    external_id = factory.Sequence(lambda n: f"ch_rated_{n}")
    currency = "GBP"
    value = Decimal("0.0072")


class MergeFactory(OfFanFactory):
    class Meta:
        model = Merge

    gone = factory.Sequence(lambda n: 10**12 + n)
    name = "Ada at work"
    merged_at = NOW


class ProposalFactory(DjangoModelFactory):
    class Meta:
        model = Proposal

    creator = factory.SubFactory(CreatorFactory)
    first = factory.SubFactory(FanFactory, creator=factory.SelfAttribute("..creator"))
    second = factory.SubFactory(FanFactory, creator=factory.SelfAttribute("..creator"))
    reasons = [5]
    found_at = NOW


class RefusalFactory(DjangoModelFactory):
    class Meta:
        model = Refusal

    creator = factory.SubFactory(CreatorFactory)
    one = factory.Sequence(lambda n: [digest_of(f"email {n}@one.example")])
    other = factory.Sequence(lambda n: [digest_of(f"email {n}@other.example")])
    refused_at = NOW


class UploadFactory(DjangoModelFactory):
    class Meta:
        model = Upload

    source = factory.SubFactory(SourceFactory, kind="file")
    creator = factory.SelfAttribute("source.creator")
    name = "export.csv"
    size = 0
    state = "done"
    created_at = NOW
    heard_at = NOW


class StatementFactory(DjangoModelFactory):
    class Meta:
        model = Statement

    upload = factory.SubFactory(UploadFactory)
    source = factory.SelfAttribute("upload.source")
    kind = "payment"
    external_id = factory.Sequence(lambda n: f"row-{n}")
    subject = factory.SelfAttribute("external_id")
    line = 2


class InboxFactory(DjangoModelFactory):
    class Meta:
        model = Inbox

    source = factory.SubFactory(SourceFactory, kind="file", account_id="kofi", name="Ko-fi")
    address = factory.Sequence(lambda n: f"address-that-nobody-guesses-{n}")
    digest = factory.LazyAttribute(lambda inbox: digest_of(inbox.address))
    since = NOW


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    source = factory.SubFactory(SourceFactory, kind="file", account_id="kofi", name="Ko-fi")
    external_id = factory.Sequence(lambda n: f"{n:064x}")
    topic = "Donation"
    arrived_at = NOW


class PaymentLinkFactory(DjangoModelFactory):
    class Meta:
        model = PaymentLink

    upload = factory.SubFactory(UploadFactory)
    source = factory.SelfAttribute("upload.source")
    external_id = factory.Sequence(lambda n: f"row-{n}")
    kind = "charge"
    value = factory.Sequence(lambda n: f"ch_elsewhere_{n}")


class SkippedRowFactory(DjangoModelFactory):
    class Meta:
        model = SkippedRow

    upload = factory.SubFactory(UploadFactory)
    line = factory.Sequence(lambda n: n + 2)
    why = "failed"


class UploadPartFactory(DjangoModelFactory):
    class Meta:
        model = UploadPart

    upload = factory.SubFactory(UploadFactory)
    number = factory.Sequence(int)
    content = b"id,amount"


class SaleEntryFactory(DjangoModelFactory):
    class Meta:
        model = SaleEntry

    source = factory.SubFactory(SourceFactory, kind="hand")
    external_id = factory.Sequence(lambda n: f"sale_{n}")
    number = 0
    occurred_at = NOW
    currency = "GBP"
    amount = 25_00
    created_at = NOW


class ClaimFactory(DjangoModelFactory):
    class Meta:
        model = Claim

    source = factory.SubFactory(SourceFactory, kind="hand")
    external_id = factory.Sequence(lambda n: f"sale_{n}")
    code = factory.Sequence(lambda n: f"{n:022d}")
    digest = factory.LazyAttribute(lambda claim: digest_of(claim.code))
    expires_at = NOW + timedelta(days=90)


class DoubleFactory(DjangoModelFactory):
    class Meta:
        model = Double

    source = factory.SubFactory(SourceFactory)
    creator = factory.SelfAttribute("source.creator")
    twin_source = factory.SubFactory(
        SourceFactory, kind="file", key="", creator=factory.SelfAttribute("..source.creator")
    )
    external_id = factory.Sequence(lambda n: f"ch_{n}")
    twin_id = factory.Sequence(lambda n: f"row-{n}")
    reason = "person"
