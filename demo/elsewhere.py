"""What the demo's creators earned outside of their Stripe accounts: files as other platforms write
them, made of what the import found, so that some of it is of the same people.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from demo.buyers import Buyer, Buyers, buyers_of
from demo.exports import Order, Tip, Ware, bandcamp, kofi
from fans.models import Creator
from revenue.models import Purchase, Source

#: The files reach so many days back.
REACH = 880
#: One of so many buyers on Bandcamp is on Ko-fi, too.
ALSO_ON_KOFI = 8
#: Bandcamp pays out so many times, and takes so many days to give a buyer's money back.
PAYOUTS, BACK_AFTER = 4, 6
#: How young the payment is that looks as if it were told twice, and how long Ko-fi takes to tell.
YOUNG, TOLD_AFTER = timedelta(days=90), timedelta(minutes=2)

WARES = (
    Ware("Live at Chapel Works", "digital album", 8_00),
    Ware("Live at Chapel Works", "digital album", 8_00),
    Ware("Demos from the Granary", "digital album", 6_00),
    Ware("Paper Weather", "digital album", 7_00),
    Ware("Live at Chapel Works (cassette)", "cassette", 9_00, 2_20),
    Ware("Salt & Wires (CD)", "compact disc (cd)", 11_00, 2_50),
    Ware("Paper Weather (vinyl)", "vinyl lp", 21_00, 4_50),
)
#: What somebody gives beyond the price, most often nothing.
MORE = (0, 0, 0, 0, 1_50, 3_50)
NOTES = ("", "", "", "", "Played it twice before breakfast.", "For the drive to the coast.")


@dataclass(frozen=True, slots=True)
class Jar:
    """What stands on a creator's Ko-fi page. `monthly` (name, amount) is a membership; `mistaken`
    is what the creator gave to somebody else's page."""

    amounts: tuple[int, ...]
    messages: tuple[str, ...]
    ware: tuple[str, int]
    monthly: tuple[str, int]
    mistaken: int


BAND_JAR = Jar(
    amounts=(3_50, 3_50, 6_50, 8_50),
    messages=("", "", "For the van.", "For the dog.", "That second encore, though."),
    ware=("Tour diary, 48 pages", 9_50),
    monthly=("Rehearsal room, listening in", 4_50),
    mistaken=6_00,
)
LETTERS_JAR = Jar(
    amounts=(4_00, 4_00, 7_00, 9_00),
    messages=("", "", "Pour l'encre.", "For stamps.", "For the pear tree."),
    ware=("Ten envelopes, hand-folded", 14_50),
    monthly=("A postcard a month", 5_50),
    mistaken=6_00,
)

Write = Callable[[Creator, datetime], bytes]


def bandcamp_of_the_band(creator: Creator, now: datetime) -> bytes:
    chance, buyers = _everybody(creator)
    orders = list(_orders(buyers, chance, now))
    # Somebody changed their mind about a record.
    back = max((o for o in orders if o.ware.shipping), key=lambda o: (o.total, o.at))
    after = min(back.at + timedelta(days=BACK_AFTER), now)
    orders.append(Order(after, back.buyer, back.ware, back.more, is_given_back=True))
    payouts = [_ago(now, chance, REACH * n // PAYOUTS) for n in range(1, PAYOUTS)]
    return bandcamp(orders, payouts, artist=creator.name, currency=creator.currency)


def kofi_of_the_band(creator: Creator, now: datetime) -> bytes:
    chance, buyers = _everybody(creator)
    some = Buyers(buyers.same[1::ALSO_ON_KOFI], [], [], buyers.new[::ALSO_ON_KOFI])
    return _kofi(creator, some, BAND_JAR, chance, now)


def kofi_of_the_letters(creator: Creator, now: datetime) -> bytes:
    chance, buyers = _everybody(creator)
    return _kofi(creator, buyers, LETTERS_JAR, chance, now)


#: By the creator's handle, what each file is called and how it is written.
FILES: dict[str, dict[str, Write]] = {
    "lantern-quarter": {
        "bandcamp_raw_data.csv": bandcamp_of_the_band,
        "Transaction_All.csv": kofi_of_the_band,
    },
    "marguerite": {"Transaction_All.csv": kofi_of_the_letters},
}
#: By the creator's handle, how many are known already, and how many are new.
SAME_AND_NEW = {"lantern-quarter": (130, 210), "marguerite": (30, 15)}


def _everybody(creator: Creator) -> tuple[random.Random, Buyers]:
    """The same people for each file of a creator."""
    chance = random.Random(creator.handle)  # noqa: S311 - a story, the same every time
    same, new = SAME_AND_NEW[creator.handle]
    return chance, buyers_of(creator, chance, same=same, new=new)


def _orders(buyers: Buyers, chance: random.Random, now: datetime) -> Iterator[Order]:
    for buyer in (*buyers.same, *buyers.new):
        yield from _carts(buyer, chance.choice((1, 1, 2, 3)), chance, now)
    for buyer in (*buyers.tagged, *buyers.namesakes):
        yield from _carts(buyer, 2, chance, now)


def _carts(buyer: Buyer, count: int, chance: random.Random, now: datetime) -> Iterator[Order]:
    for ware in chance.sample(WARES[1:], count):
        at = _ago(now, chance, chance.randint(1, REACH))
        yield Order(at, buyer, ware, chance.choice(MORE), chance.choice(NOTES))


def _kofi(
    creator: Creator, buyers: Buyers, jar: Jar, chance: random.Random, now: datetime
) -> bytes:
    tips = []
    everybody = (*buyers.same, *buyers.tagged, *buyers.namesakes, *buyers.new)
    for buyer in everybody:
        for _ in range(chance.choice((1, 1, 2))):
            at = _ago(now, chance, chance.randint(1, REACH))
            message = chance.choice(jar.messages)
            tips.append(Tip(at, buyer, chance.choice(jar.amounts), message=message))
    for buyer in everybody[::4]:
        at = _ago(now, chance, chance.randint(1, REACH))
        tips.append(Tip(at, buyer, jar.ware[1], jar.ware[0], "Shop Order", provider="Stripe"))
    joined = chance.choice(everybody)
    for month in range(1, 7):
        at = _ago(now, chance, 30 * month)
        tips.append(Tip(at, joined, jar.monthly[1], jar.monthly[0], "Subscription"))
    for days in (23, 190):
        tips.append(Tip(_ago(now, chance, days), None, jar.amounts[0]))
    tips.append(Tip(_ago(now, chance, 77), None, jar.mistaken, is_given=True))
    tips += _told_twice(creator, now)
    return kofi(tips, currency=creator.currency)


def _told_twice(creator: Creator, now: datetime) -> Sequence[Tip]:
    """A payment that went through the creator's own Stripe account, as Ko-fi tells of it; none if
    there is no young one in the creator's currency."""
    of_stripe = creator.purchases.filter(
        source__kind=Source.Kind.STRIPE,
        state=Purchase.State.PAID,
        currency=creator.currency,
        occurred_at__range=(now - YOUNG, now - TOLD_AFTER),
    )
    named = of_stripe.exclude(payer_email="").exclude(payer_name="").select_related("fan")
    paid = named.order_by("amount", "external_id").first()
    if paid is None:
        return []
    buyer = Buyer(paid.payer_name, paid.payer_email, paid.payer_country)
    return [Tip(paid.occurred_at + TOLD_AFTER, buyer, paid.amount, provider="Stripe")]


def _ago(now: datetime, chance: random.Random, days: int) -> datetime:
    """Some time of the day so many days before `now`."""
    day = (now.astimezone(UTC) - timedelta(days=days)).date()
    return datetime(day.year, day.month, day.day, chance.randrange(7, 23), tzinfo=UTC) + timedelta(
        minutes=chance.randrange(60), seconds=chance.randrange(60)
    )
