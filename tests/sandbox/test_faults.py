"""Trouble on order reaches the client as trouble."""

import time

import pytest
from stripe import APIConnectionError, APIError, RateLimitError, StripeClient

import sandbox
from sandbox import App, Fault

CHARGES = "/v1/charges"


def test_the_nth_request_is_refused_and_the_next_one_is_not(speak, recorded):
    client = speak(recorded, faults=(Fault(CHARGES, nth=2, status=429, retry_after=7),))
    client.v1.charges.list()
    with pytest.raises(RateLimitError) as error:
        client.v1.charges.list()
    assert error.value.error.code == "rate_limit"
    assert error.value.headers["Retry-After"] == "7"
    assert client.v1.charges.list().data


def test_other_paths_are_left_alone(speak, recorded):
    client = speak(recorded, faults=(Fault(CHARGES, times=9, status=500),))
    assert client.v1.refunds.list().data
    with pytest.raises(APIError):
        client.v1.charges.list()


def test_the_sdk_gets_over_a_server_error_when_it_may_retry(speak, recorded):
    client = speak(recorded, faults=(Fault(CHARGES, status=503),), retries=1)
    assert client.v1.charges.list().data


def test_a_body_cut_off_in_the_middle_is_a_broken_connection(speak, recorded):
    client = speak(recorded, faults=(Fault(CHARGES, cut=True),))
    with pytest.raises(APIConnectionError):
        client.v1.charges.list()
    assert client.v1.charges.list().data


def test_a_slow_answer_takes_its_time(speak, recorded):
    client = speak(recorded, faults=(Fault(CHARGES, delay=0.2),))
    began = time.monotonic()
    client.v1.charges.list()
    assert time.monotonic() - began >= 0.2


def test_latency_is_added_to_every_answer(recorded):
    with sandbox.serve([recorded], latency=0.05) as url:
        client = StripeClient("rk_test_x", base_addresses={"api": url})
        began = time.monotonic()
        client.v1.charges.list()
        client.v1.refunds.list()
        assert time.monotonic() - began >= 0.1


def test_requests_are_counted_by_path(speak, recorded):
    app = App([recorded])
    client = speak(app)
    client.v1.charges.list()
    client.v1.charges.list()
    client.v1.balance.retrieve()
    assert dict(app.hits) == {CHARGES: 2, "/v1/balance": 1}
