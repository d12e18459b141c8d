"""How the cells of one file are to be read: what the readers of all platforms use."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from hashlib import blake2b

from babel.core import Locale

from fans.identity import normalise_email
from revenue.files.amounts import (
    DOLLARS,
    NOTHING,
    NotANumber,
    Unclear,
    currency_code,
    currency_in,
    is_bare_dollar,
    number,
)
from revenue.files.dates import NotADate, Undecided, is_of_our_time, moment
from revenue.files.outcomes import OutsideId, Payer
from revenue.files.skipping import Skip, Why
from revenue.files.zones import zone_named
from truefans.money import NotMoney, exponent, to_minor

#: What the database can hold.
LARGEST = 2**63
#: An apostrophe before what a spreadsheet would take for a formula or a number; not ’t Hooft's.
PROTECTED = re.compile(r"'[-=+@\t\d]")
#: What is longer has a time in it.
LENGTH_OF_A_DAY = len("2026-01-31T1")
#: What a program that computes with binary fractions leaves behind (8.549999999999999), and as
#: many decimals it has at least.
NOISE = Decimal("0.000001")
NOISY = 6
#: How many of what comes again and again are remembered.
REMEMBERED = 8_192
PAYERS = 4_096


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a file leaves open and has been decided for it; plain data. "" is not decided.

    `date_order` "day" or "month" first · `mark` "." or "," before the cents · `currency` of amounts
    that name none · `zone` of clocks that name none · `unit` "major" or "minor".
    """

    date_order: str = ""
    mark: str = ""
    currency: str = ""
    zone: str = ""
    unit: str = ""


class Sheet:
    """Reads the cells of one file. What cannot be read raises Skip with the reason.

    `money(text, currency)` gives the minor units of an amount that must be there, `optional_money`
    None where the platform writes nothing or a placeholder, `fee` what a fee takes away whichever
    sign it is written with, None where it cannot be read: the payment was made all the same.
    `currency(text)` gives the ISO code in a cell, else that of the file.
    These remember what they read: prices, days and currencies come again and again.
    `refunds_have_ids` says that a refund does not stand under the id of its payment.
    """

    refunds_have_ids = False
    money: Callable[[str, str], int]
    optional_money: Callable[[str, str], int | None]
    fee: Callable[[str, str], int | None]
    currency: Callable[[str], str]

    def __init__(self, decisions: Decisions) -> None:
        self.decisions = decisions
        self.zone: tzinfo = zone_named(decisions.zone) or UTC
        amounts = (decisions.mark, decisions.unit == "minor")
        self.money = lru_cache(REMEMBERED)(partial(_minor, *amounts))
        self.optional_money = lru_cache(REMEMBERED)(partial(_optional_minor, *amounts))
        self.fee = lru_cache(REMEMBERED)(partial(_fee, *amounts))
        self.currency = lru_cache(REMEMBERED)(partial(_currency, decisions.currency))
        self._counts: dict[int, int] = {}

    def currency_of(self, amount: str) -> str:
        """The currency of an amount without a column for it: of its own sign, else of the file."""
        decided = self.decisions.currency
        if decided in DOLLARS and is_bare_dollar(amount):
            return decided
        return currency_in(amount) or self.currency("")

    def moment(self, text: str, zone: str = "") -> datetime:
        """The moment in UTC; `zone` is the row's own word for where its clock hangs."""
        if not zone and self.zone is UTC and len(text) > LENGTH_OF_A_DAY:
            try:
                # How most platforms write it, read in the shortest way.
                at = datetime.fromisoformat(text if text[-1:] == "Z" else text + "+00:00")
                if is_of_our_time(at.year):
                    return at
            except ValueError:
                pass
        try:
            return moment(
                text,
                order=self.decisions.date_order,
                zone=(zone_named(zone) or self.zone) if zone else self.zone,
            )
        except (NotADate, Undecided):
            raise Skip(Why.BAD_DATE if text.strip() else Why.NO_DATE, detail=text) from None

    def optional_moment(self, text: str) -> datetime | None:
        """A moment that is good to know and never a reason to leave out a row."""
        try:
            return self.moment(text) if text.strip() else None
        except Skip:
            return None

    def own_id(self, *content: object) -> str:
        """An id for a row that has none: of its content, and of how many such rows came before.

        The same file gives the same ids again, and rows that are alike stay apart. Costs about a
        hundred bytes of memory a row.
        """
        digest = blake2b(repr(content).encode("utf-8", "replace"), digest_size=12)
        return self.numbered(f"row-{digest.hexdigest()}")

    def numbered(self, external_id: str) -> str:
        """`external_id`, or with “-2” behind it where it came once before in this file."""
        key = hash(external_id)
        count = self._counts[key] = self._counts.get(key, 0) + 1
        return external_id if count == 1 else f"{external_id}-{count}"


def _minor(mark: str, is_minor: bool, text: str, currency: str) -> int:
    try:
        # Where there are no cents, 1,500 has none.
        plain = number(text, mark if exponent(currency) else "." if "," in text else ",")
        amount = int(plain) if is_minor else to_minor(_without_noise(plain, currency), currency)
    except (NotANumber, Unclear, NotMoney, ValueError, InvalidOperation):
        why = Why.NO_AMOUNT if text.strip() in NOTHING else Why.BAD_AMOUNT
        raise Skip(why, detail=text) from None
    if abs(amount) >= LARGEST:
        raise Skip(Why.BAD_AMOUNT, detail=text)
    return amount


def _without_noise(plain: str, currency: str) -> str | Decimal:
    if len(plain.partition(".")[2]) <= NOISY:
        return plain
    rounded = round(Decimal(plain), exponent(currency))
    return rounded if abs(rounded - Decimal(plain)) < NOISE else plain


def _optional_minor(mark: str, is_minor: bool, text: str, currency: str) -> int | None:
    return None if text.strip() in NOTHING else _minor(mark, is_minor, text, currency)


def _fee(mark: str, is_minor: bool, text: str, currency: str) -> int | None:
    try:
        return abs(_minor(mark, is_minor, text, currency))
    except Skip:
        return None


def _currency(decided: str, text: str) -> str:
    code = currency_code(text) if text.strip() else decided
    if not code:
        raise Skip(Why.NO_CURRENCY, detail=text)
    return code


@lru_cache(maxsize=PAYERS)
def payer(email: str, name: str = "", country: str = "", *ids: str) -> Payer:
    """Who paid. `ids` are outside ids, each as kind and value: "stripe_customer", "cus_…".

    Empty ones are left out. A second address is an id of the kind "email"; it is the address where
    there is no first one.
    """
    address = normalise_email(unprotected(email))
    known = []
    for kind, text in zip(ids[::2], ids[1::2], strict=True):
        value = unprotected(text)
        if kind == "email":
            value = normalise_email(value)
            if not address:
                address = value
            if value == address:
                continue
        if value:
            known.append(OutsideId(kind, value))
    return Payer(address, person_name(name), country_code(country), tuple(known))


def whole_number(text: str) -> int | None:
    """A quantity, None where there is none."""
    plain = text.strip().removesuffix(".0")
    return int(plain) if plain.isdecimal() and len(plain) < 10 else None


def person_name(text: str) -> str:
    """A name in one line; an address is none."""
    name = unprotected(" ".join(text.split()))
    return "" if "@" in name and normalise_email(name) else name


def unescaped(text: str) -> str:
    """`text` without what HTML writes for a sign: “&pound;5” → “£5”."""
    try:
        return html.unescape(text)
    except ValueError:  # a sign of thousands of digits
        return text


def unprotected(text: str) -> str:
    """`text` without what an exporter put around it so that no spreadsheet computes with it."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        return text[2:-1]
    return text[1:] if PROTECTED.match(text) else text


@lru_cache(maxsize=1024)
def country_code(text: str) -> str:
    """Two letters for the code or the name of a country in the languages of exports, else ""."""
    text = text.strip()
    if len(text) == 2 and text.isascii() and text.isalpha():
        return text.upper()
    return _countries().get(text.casefold(), "")


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    names = {
        name.casefold(): code
        for language in ("nl", "pt", "it", "es", "fr", "de", "en")
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }
    more = {"usa": "US", "united states of america": "US", "uk": "GB", "great britain": "GB"}
    return names | more
