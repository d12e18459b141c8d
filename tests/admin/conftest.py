"""An admin who is signed in, and a row of every model."""

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client

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
    Customer,
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
    Return,
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
from revenue.packed import pack
from tests.factories import (
    NOW,
    AcquaintanceFactory,
    AssignmentFactory,
    BooksCheckFactory,
    ClaimFactory,
    DailyRateFactory,
    DeliveryFactory,
    DepartureFactory,
    DoubleFactory,
    FanFactory,
    IdentityFactory,
    InboxFactory,
    InvitationFactory,
    InvoiceFactory,
    LetterFactory,
    MemberFactory,
    MembershipFactory,
    MergeFactory,
    MessageFactory,
    MovementFactory,
    NoteFactory,
    NudgeFactory,
    PaymentLinkFactory,
    PerkFactory,
    ProposalFactory,
    PurchaseFactory,
    ReconciliationFactory,
    RecountFactory,
    RefusalFactory,
    RemovalFactory,
    SaidRateFactory,
    SaleEntryFactory,
    SegmentFactory,
    SetAsideFactory,
    SkippedRowFactory,
    SourceFactory,
    StatementFactory,
    StretchFactory,
    SummaryFactory,
    SyncFactory,
    TagFactory,
    TaggingFactory,
    TouchFactory,
    TurnFactory,
    UploadFactory,
    UploadPartFactory,
    UserFactory,
)

KEY = "rk_test_a_key_that_nobody_may_see"
SECRET = "whsec_that_nobody_may_see"
SMALL = (Creator, Tier, Source)
CHECKS = (Reconciliation, BooksCheck)
UNDER_WAY = (Sync, Stretch, Recount, Removal, Departure)
SENT = (Customer, Movement, Return, Invoice, Membership, SetAside)
LEDGER = (
    *UNDER_WAY,
    Nudge,
    *SENT,
    Purchase,
    *CHECKS,
    Summary,
    Assignment,
    SaidRate,
    DailyRate,
    Upload,
    SkippedRow,
    Inbox,
    Message,
)
OF_TWO = (Merge, Proposal, Refusal)
ATTENTION = (Touch, Note, Acquaintance, Tag, Tagging, Segment, Turn, Letter, Perk, Delivery)
TEAM = (Member, Invitation)
LONG = (User, Fan, Identity, *OF_TWO, *ATTENTION, *TEAM, *LEDGER)

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
    return one_of_everything()


def one_of_everything() -> dict[type[Model], Model]:
    """One row of every model, all of one creator."""
    source = SourceFactory(key=KEY, webhook_secrets=SECRET)
    fan = FanFactory(creator=source.creator, name="Ada Reader", email="ada@example.com")
    again = FanFactory(creator=source.creator, name="Ada Again")
    sync = SyncFactory(source=source)
    tier = Tier.objects.create(creator=source.creator, name="True", threshold=100_00)
    tag = TagFactory(creator=source.creator)
    perk = PerkFactory(tier=tier)
    upload = UploadFactory(source=source)
    return {
        User: source.creator.owner,
        Creator: source.creator,
        Tier: tier,
        Touch: TouchFactory(fan=fan),
        Note: NoteFactory(fan=fan),
        Acquaintance: AcquaintanceFactory(fan=fan),
        Tag: tag,
        Tagging: TaggingFactory(fan=fan, tag=tag),
        Segment: SegmentFactory(creator=source.creator),
        Turn: TurnFactory(fan=fan),
        Letter: LetterFactory(fan=fan),
        Merge: MergeFactory(fan=fan),
        Proposal: ProposalFactory(first=fan, second=again, creator=fan.creator),
        Refusal: RefusalFactory(creator=fan.creator),
        Perk: perk,
        Delivery: DeliveryFactory(fan=fan, perk=perk),
        Member: MemberFactory(creator=source.creator),
        Invitation: InvitationFactory(creator=source.creator),
        Summary: SummaryFactory(creator=source.creator),
        Assignment: AssignmentFactory(source=source, fan=fan),
        SaidRate: SaidRateFactory(source=source),
        DailyRate: DailyRateFactory(),
        SaleEntry: SaleEntryFactory(source=source),
        Claim: ClaimFactory(source=source),
        Double: DoubleFactory(source=source),
        Upload: upload,
        SkippedRow: SkippedRowFactory(upload=upload),
        Statement: StatementFactory(upload=upload),
        PaymentLink: PaymentLinkFactory(upload=upload),
        UploadPart: UploadPartFactory(upload=upload),
        Inbox: InboxFactory(source=source, secret=SECRET),
        Message: MessageFactory(source=source),
        Fan: fan,
        Identity: IdentityFactory(fan=fan),
        Source: source,
        Sync: sync,
        Stretch: StretchFactory(sync=sync),
        Recount: RecountFactory(creator=source.creator, finished_at=NOW),
        Removal: RemovalFactory(source__creator=source.creator),
        Departure: DepartureFactory(creator=source.creator),
        Nudge: NudgeFactory(source=source),
        Customer: customer(source),
        Movement: MovementFactory(source=source, raw=pack(b'{"net": [965]}')),
        Return: given_back(source),
        Invoice: InvoiceFactory(source=source),
        Membership: MembershipFactory(source=source, fan=fan),
        SetAside: SetAsideFactory(source=source, raw=pack(NESTED)),
        Purchase: PurchaseFactory(source=source, fan=fan, raw=pack(NESTED)),
        Reconciliation: ReconciliationFactory(source=source),
        BooksCheck: BooksCheckFactory(creator=source.creator),
    }
