"""The European Central Bank's rates of the days since the library was released.

What the bank publishes is fetched, looked through whole, and only then stored; of a file that is
broken, or says what cannot be, nothing is. A rate once stored stays.
"""

import csv
import io
import re
import ssl
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import certifi
import urllib3

from revenue.exchange import Rates, library_end
from revenue.models import DailyRate
from revenue.upsert import Row, upsert

Found = dict[tuple[str, date], Decimal]

MEGABYTE = 1024 * 1024
#: All rates since 1999 take a tenth of this.
MOST_PACKED = 8 * MEGABYTE
MOST_UNPACKED = 64 * MEGABYTE
TIMEOUT = urllib3.Timeout(connect=5, read=20)
#: The bank follows some thirty currencies.
FEWEST_CURRENCIES = 15
MOST_CURRENCIES = 200
#: No currency that the bank follows was ever worth so many times more or less within days.
LARGEST_JUMP = 5
CODE = re.compile(r"[A-Z]{3}")
VALUE = re.compile(r"\d{1,9}(\.\d{1,8})?")
NO_VALUE = frozenset({"", "N/A"})


class BadRates(Exception):
    """What came is not what the bank publishes; the message says why."""


def update_rates(*, url: str, now: datetime) -> date | None:
    """Store what is new at `url`; the first day of which a rate was not known, None for nothing.

    Raises BadRates, or urllib3's HTTPError where nobody answers.
    """
    found = rates_in(fetch(url), today=now.date())
    later = {key: value for key, value in found.items() if key[1] > library_end()}
    _check_against_what_is_known(later)
    stored = upsert(DailyRate, list(_rows(later)), unique=["day", "currency"])
    new = DailyRate.objects.filter(pk__among=stored.new).order_by("day")
    return new.values_list("day", flat=True).first()


def fetch(url: str) -> bytes:
    """What stands at `url`, if it is no larger than it may be."""
    context = ssl.create_default_context(cafile=certifi.where())
    with urllib3.PoolManager(ssl_context=context, retries=False, timeout=TIMEOUT) as pool:
        answer = pool.request("GET", url, preload_content=False)
        try:
            if answer.status != 200:
                raise BadRates(f"the answer was {answer.status}")
            content: bytes = answer.read(MOST_PACKED + 1)
        finally:
            answer.close()
    if len(content) > MOST_PACKED:
        raise BadRates("the file is too large")
    return content


def rates_in(content: bytes, *, today: date) -> Found:
    """What one euro was worth, by currency and day, in the bank's file. Raises BadRates."""
    reader = csv.reader(io.StringIO(_text_in(content)))
    first, *codes = [name.strip() for name in next(reader, [])] or [""]
    while codes and not codes[-1]:
        codes.pop()  # every line ends with a comma
    are_codes = all(map(CODE.fullmatch, codes)) and len(set(codes)) == len(codes)
    if first != "Date" or not are_codes or not FEWEST_CURRENCIES <= len(codes) <= MOST_CURRENCIES:
        raise BadRates("the first line is not that of the bank's file")
    found: Found = {}
    for row in reader:
        day = _day(row[0] if row else "", today)
        if len(row) < len(codes) + 1:
            raise BadRates(f"the line of {day} is cut off")
        for code, text in zip(codes, row[1:], strict=False):
            if text.strip() not in NO_VALUE:
                if (code, day) in found:
                    raise BadRates(f"{day} is there twice")
                found[code, day] = _value(text.strip(), day)
    return found


def _text_in(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            [member] = archive.infolist()
            if member.file_size > MOST_UNPACKED:
                raise BadRates("the file unpacks to too much")
            return archive.read(member).decode("ascii")
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise BadRates(f"the file cannot be unpacked: {error}") from error
    except RuntimeError as error:  # it is locked
        raise BadRates(str(error)) from error


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise BadRates("a line begins with no day") from None
    if day > today + timedelta(days=1):
        raise BadRates(f"{day} has not come yet")
    return day


def _value(text: str, day: date) -> Decimal:
    if not VALUE.fullmatch(text) or not (value := Decimal(text)):
        raise BadRates(f"a rate of {day} is no number above nothing")
    return value


def _check_against_what_is_known(later: Found) -> None:
    rates = Rates()
    for code, day in later:
        known = rates.between("EUR", code, day)
        value = later[code, day]
        if known and not known.value / LARGEST_JUMP < value < known.value * LARGEST_JUMP:
            raise BadRates(f"{code} of {day} is far from what it was")


def _rows(later: Found) -> Iterator[Row]:
    for (code, day), value in later.items():
        yield {"currency": code, "day": day, "per_euro": value}
