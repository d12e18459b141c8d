"""How often Stripe is asked, by a clock that moves only while somebody waits."""

import pytest

from revenue.gateways.stripe.client import polite_rate
from revenue.gateways.stripe.pace import PER_SECOND, Pace

BEGIN = 1000.0


class Time:
    """Of a machine that has been up for a while."""

    now = BEGIN

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @property
    def waited(self) -> float:
        return self.now - BEGIN


@pytest.fixture
def time():
    return Time()


def paced(time, per_second):
    return Pace(per_second, clock=lambda: time.now, sleep=time.sleep)


def test_after_a_seconds_worth_at_once_it_goes_at_the_rate(time):
    pace = paced(time, 25)
    for _ in range(25):
        pace.wait("charges")
    assert time.waited == 0

    for _ in range(50):
        pace.wait("charges")
    assert time.waited == pytest.approx(2)


def test_each_list_has_a_rate_of_its_own(time):
    pace = paced(time, 25)
    for path in ("charges", "customers", "invoices"):
        for _ in range(25):
            pace.wait(path)

    assert time.waited == 0


def test_whoever_is_told_to_slow_down_asks_half_as_often_but_once_a_second(time):
    pace = paced(time, 25)
    pace.slow_down()
    for _ in range(25):
        pace.wait("charges")
    assert time.waited == pytest.approx(1, abs=0.1)

    for _ in range(20):
        time.sleep(1)
        pace.slow_down()
    pace.wait("charges")
    before = time.now
    pace.wait("charges")
    assert time.now - before == pytest.approx(1, abs=0.1)


def test_many_who_are_told_at_the_same_time_are_told_once(time):
    pace = paced(time, 25)
    for _ in range(8):
        pace.slow_down()
    for _ in range(25):
        pace.wait("charges")

    assert time.waited == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("per_second", [25, 0])
def test_good_answers_bring_the_old_rate_back(time, per_second):
    pace = paced(time, per_second)
    for _ in range(6):
        time.sleep(1)
        pace.slow_down()
    for _ in range(200):
        pace.go_on()
    time.sleep(10)

    before = time.now
    for _ in range(25):
        pace.wait("charges")
    assert time.now == before


def test_without_a_rate_nobody_waits_until_told_to(time):
    pace = paced(time, 0)
    for _ in range(1000):
        pace.wait("charges")
    assert time.waited == 0

    pace.slow_down()
    for _ in range(50):
        pace.wait("charges")
    assert time.waited == pytest.approx(1)


@pytest.mark.parametrize(
    ("base", "rate"),
    [
        ("https://api.stripe.com", PER_SECOND),
        ("http://stripe.example.org:12111", PER_SECOND),
        ("http://127.0.0.1:12111", 0),
        ("http://localhost", 0),
        ("http://[::1]:12111", 0),
    ],
)
def test_a_server_on_this_machine_need_not_be_spared(base, rate, settings):
    assert polite_rate(base) == rate

    settings.STRIPE_REQUESTS_PER_SECOND = 7.0
    assert polite_rate(base) == 7
