"""What the fields of a delivery mean, as far as all platforms agree; hostile ones raise Skip."""

from datetime import UTC, datetime, timedelta

from revenue.files.outcomes import Payer
from revenue.files.sheet import Decisions, Sheet, payer
from revenue.files.skipping import Skip, Why
from revenue.live.payload import text_of

MAJOR = Sheet(Decisions(mark="."))
MINOR = Sheet(Decisions(mark=".", unit="minor"))
#: The longest that an amount, an id, an address, a name and any other words are.
AMOUNT, ID, EMAIL, NAME, WORDS = 40, 200, 254, 300, 1000
#: Before this nobody paid through any of these platforms.
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
#: How far another clock may be ahead.
AHEAD = timedelta(days=1)


def id_of(table: object, *names: str) -> str:
    """The first of these ids that is there; raises Skip where there is none."""
    found = text_of(table, *names)
    if not found or len(found) > ID:
        raise Skip(Why.NO_ID, detail=found[:AMOUNT])
    return found


def words(*texts: str) -> str:
    """What was bought, or what somebody wrote, as far as anybody reads it."""
    return ", ".join(filter(None, texts))[:WORDS]


def currency_of(text: str) -> str:
    """An ISO code; raises Skip."""
    if len(text) != 3:
        raise Skip(Why.NO_CURRENCY, detail=text[:AMOUNT])
    return MAJOR.currency(text)


def major(text: str, currency: str) -> int:
    """Minor units of an amount that cannot be less than nothing; raises Skip."""
    return _amount(MAJOR, text, currency)


def minor(text: str, currency: str) -> int:
    """The same of one that is in minor units already."""
    return _amount(MINOR, text, currency)


def _amount(sheet: Sheet, text: str, currency: str) -> int:
    if len(text) > AMOUNT:
        raise Skip(Why.BAD_AMOUNT, detail=text[:AMOUNT])
    amount = sheet.money(text, currency)
    if amount < 0:
        raise Skip(Why.BAD_AMOUNT, detail=text)
    return amount


def moment(text: str, *, now: datetime) -> datetime:
    """A moment, by ISO 8601 or in seconds since 1970; raises Skip for one that cannot be."""
    if not text:
        raise Skip(Why.NO_DATE)
    try:
        found = _moment(text[:AMOUNT])
    except (ValueError, OverflowError, OSError):
        raise Skip(Why.BAD_DATE, detail=text[:AMOUNT]) from None
    if not OLDEST <= found <= now + AHEAD:
        raise Skip(Why.BAD_DATE, detail=text[:AMOUNT])
    return found


def _moment(text: str) -> datetime:
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def optional_moment(text: str, *, now: datetime) -> datetime | None:
    """A moment that is good to know and no reason to refuse anything."""
    try:
        return moment(text, now=now)
    except Skip:
        return None


def who(email: str, name: str = "", country: str = "", *ids: str) -> Payer:
    """Who paid, as `payer` of files has it, but for what is too long to be true."""
    known = ids if all(len(text) <= ID for text in ids) else ()
    return payer(email if len(email) <= EMAIL else "", name[:NAME], country[:NAME], *known)
