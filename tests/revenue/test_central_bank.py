"""The bank's newest rates: fetched, looked through, stored; and what they change."""

import io
import socket
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from structlog.testing import capture_logs
from urllib3.exceptions import HTTPError

from revenue import values
from revenue.central_bank import BadRates, rates_in, update_rates
from revenue.exchange import Rates, ecb_rate, library_end
from revenue.ingest import ingest
from revenue.models import DailyRate
from revenue.rating import count_at_new_rates
from revenue.tasks import currencies
from tests.factories import CreatorFactory, DailyRateFactory, SourceFactory
from tests.revenue.bringing import FOREVER

CODES = [
    *("USD", "JPY", "CZK", "DKK", "GBP", "HUF", "PLN", "RON", "SEK"),
    *("CHF", "ISK", "NOK", "TRY", "AUD", "BRL", "CAD", "CNY"),
]
TODAY = library_end() + timedelta(days=10)
NOW = datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(hours=12)


def the_file(*days: date, dollar: str) -> bytes:
    """The bank's archive: what the library last knew of each currency, and `dollar`."""
    known = {code: ecb_rate_of(code) for code in CODES} | {"USD": dollar}
    rows = [",".join([day.isoformat(), *(known[code] for code in CODES), ""]) for day in days]
    return named(*rows)


def ecb_rate_of(code: str) -> str:
    rate = Rates().between("EUR", code, library_end())
    return f"{rate.value:.4f}"


def archive(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("eurofxref-hist.csv", text)
    return buffer.getvalue()


@pytest.fixture
def bank(httpserver, settings):
    """Has the bank publish something."""
    settings.ECB_RATES_URL = httpserver.url_for("/rates.zip")

    def publish(content: bytes, status: int = 200) -> str:
        httpserver.clear()
        httpserver.expect_request("/rates.zip").respond_with_data(content, status=status)
        return settings.ECB_RATES_URL

    return publish


@pytest.mark.django_db
def test_new_days_are_stored_and_known_everywhere(bank):
    day = library_end() + timedelta(days=3)
    url = bank(the_file(day, library_end(), dollar="1.2500"))

    assert update_rates(url=url, now=NOW) == day
    assert ecb_rate("EUR", "USD", day).value == Decimal("1.25")
    assert ecb_rate("EUR", "USD", day + timedelta(days=2)).on == day, "a day without one"
    assert ecb_rate("EUR", "USD", library_end()).on == library_end(), "the library's stays"
    assert not DailyRate.objects.filter(day__lte=library_end()).exists()

    rate = ecb_rate("USD", "GBP", day)
    assert rate.value == round(Decimal(ecb_rate_of("GBP")) / Decimal("1.25"), 12)


@pytest.mark.django_db
def test_a_rate_once_stored_stays(bank):
    day = library_end() + timedelta(days=3)
    update_rates(url=bank(the_file(day, dollar="1.2500")), now=NOW)

    assert update_rates(url=bank(the_file(day, dollar="1.3000")), now=NOW) is None
    assert ecb_rate("EUR", "USD", day).value == Decimal("1.25")


def named(*rows: str, first: str = "") -> bytes:
    return archive("\n".join([first or ",".join(["Date", *CODES]), *rows]) + "\n")


ONES = ",1" * len(CODES)
BAD = {
    "no archive": b"<html>Sorry</html>",
    "cut off": named("2026-01-05" + ONES)[:90],
    "another table": named("2026-01-05" + ONES, first="Name,Amount"),
    "a currency twice": named(first="Date" + ",USD" * len(CODES)),
    "no day": named("yesterday" + ONES),
    "a day to come": named((TODAY + timedelta(days=9)).isoformat() + ONES),
    "a day twice": named("2026-01-05" + ONES, "2026-01-05" + ONES),
    "a short line": named("2026-01-05,1,1"),
    "a formula": named("2026-01-05,=1+1" + ONES[2:]),
    "a negative rate": named("2026-01-05,-1" + ONES[2:]),
    "nothing": named("2026-01-05,0" + ONES[2:]),
    "not a number": named("2026-01-05,NaN" + ONES[2:]),
    "a bomb": archive("0" * 70_000_000),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_broken_file_is_refused_whole(kind):
    with pytest.raises(BadRates):
        rates_in(BAD[kind], today=TODAY)


@pytest.mark.django_db
def test_a_rate_far_from_what_it_was_is_refused_with_its_file(bank):
    day = library_end() + timedelta(days=3)
    with pytest.raises(BadRates, match="far from what it was"):
        update_rates(url=bank(the_file(day, dollar="110.0")), now=NOW)
    assert not DailyRate.objects.exists()


@pytest.mark.django_db
def test_an_endless_answer_is_left(bank, monkeypatch):
    monkeypatch.setattr("revenue.central_bank.MOST_PACKED", 100)
    with pytest.raises(BadRates, match="too large"):
        update_rates(url=bank(the_file(library_end(), dollar="1.1")), now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(("content", "status"), [(b"rubbish", 200), (b"", 503)])
def test_what_went_wrong_is_in_the_log_and_nothing_changes(bank, content, status):
    bank(content, status)
    with capture_logs() as logs:
        currencies.update_rates()

    assert [entry["event"] for entry in logs] == ["rates_not_updated"]
    assert not DailyRate.objects.exists()


def test_nobody_there_is_no_more_than_that():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(HTTPError):
            update_rates(url=f"http://127.0.0.1:{nobody.getsockname()[1]}/rates.zip", now=NOW)


@pytest.mark.django_db
def test_what_had_an_older_rate_or_none_is_counted_again_and_nothing_else(settings):
    """A currency that the library does not know gets its first rate; another a newer one."""
    source = SourceFactory(creator=CreatorFactory(currency="GBP"))
    day = library_end() + timedelta(days=3)
    before = paid("ch_before", "USD", library_end() - timedelta(days=20))
    ingest(
        source=source,
        page=values.Page(payments=[before, paid("ch_usd", "USD", day), paid("ch_aed", "AED", day)]),
        now=NOW,
    )
    purchases = source.purchases
    stale, none = purchases.get(external_id="ch_usd"), purchases.get(external_id="ch_aed")
    assert (stale.rate_origin, stale.rate_date) == ("ecb", library_end())
    assert (none.rate_origin, none.counted_gross) == ("missing", None)

    for currency, value in (("USD", "1.25"), ("GBP", "0.80"), ("AED", "4")):
        DailyRateFactory(currency=currency, day=day, per_euro=Decimal(value))
    unchanged = purchases.values().get(external_id="ch_before")
    assert count_at_new_rates(creator=source.creator, since=day, until=FOREVER) is None

    fresh, found = purchases.get(external_id="ch_usd"), purchases.get(external_id="ch_aed")
    assert (fresh.counted_gross, fresh.rate, fresh.rate_date) == (64_00, Decimal("0.64"), day)
    assert (found.counted_gross, found.rate_origin) == (20_00, "ecb")
    assert purchases.values().get(external_id="ch_before") == unchanged


def paid(name: str, currency: str, day: date) -> values.Payment:
    return values.Payment(
        external_id=name,
        occurred_at=datetime.combine(day, datetime.min.time(), UTC),
        status=values.PaymentStatus.REPORTED,
        kind=values.PurchaseKind.SALE,
        currency=currency,
        amount=100_00,
        email="zoe@example.org",
    )


@pytest.mark.django_db
def test_the_task_has_counted_anew_what_is_concerned(
    bank, queued, time_machine, django_capture_on_commit_callbacks
):
    source = SourceFactory(creator=CreatorFactory(currency="EUR"))
    ingest(source=source, page=values.Page(payments=[paid("ch_1", "USD", TODAY)]), now=NOW)
    SourceFactory()  # of somebody whom no rate concerns
    queued()
    bank(the_file(library_end() + timedelta(days=3), dollar="1.2500"))

    time_machine.move_to(NOW, tick=False)
    with django_capture_on_commit_callbacks(execute=True):
        currencies.update_rates()
    [(task, arguments)] = queued()
    assert (task, arguments[0]) == (currencies.count_at_new_rates_of.name, source.creator_id)
    currencies.count_at_new_rates_of(*arguments)
    assert source.purchases.get().counted_gross == 80_00
