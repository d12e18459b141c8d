"""Keys, permissions, wrong parameters: refused in Stripe's shape, read by Stripe's SDK."""

import base64
import http.client
import json

import pytest
from stripe import AuthenticationError, InvalidRequestError, PermissionError

import sandbox
from sandbox import App, story
from sandbox.resources import PERMISSION_OF

NO_CUSTOMERS = frozenset({"rak_customer_read"})


@pytest.mark.parametrize("key", ["rk_test_nobody_has_this", story.REVOKED_KEY])
def test_an_unknown_or_revoked_key_is_refused(speak, band, key):
    with pytest.raises(AuthenticationError) as error:
        speak(App([band]), key).v1.balance.retrieve()
    assert error.value.http_status == 401
    assert key[-4:] in str(error.value)
    assert key not in str(error.value)


def test_an_expired_key_says_so(speak, band):
    keys = (sandbox.Key("rk_test_of_last_year", state="expired"),)
    account = sandbox.Account(band.profile, band.read, keys)
    with pytest.raises(AuthenticationError) as error:
        speak(App([account]), "rk_test_of_last_year").v1.balance.retrieve()
    assert error.value.error.code == "api_key_expired"


def test_each_key_opens_its_own_account(speak, band, letters):
    app = App([band, letters])
    names = [
        speak(app, key).v1.accounts.retrieve_current().business_profile.name
        for key in (story.BAND_KEY, story.LETTERS_KEY)
    ]
    assert names == ["The Lantern Quarter", "Marguerite Aubert"]


def test_any_key_of_the_right_kind_opens_a_recorded_account(speak, recorded):
    assert speak(App([recorded]), "sk_test_whatever").v1.charges.list().data
    with pytest.raises(AuthenticationError):
        speak(App([recorded]), "pk_test_whatever").v1.charges.list()


def test_the_demo_key_without_customers_reads_all_the_rest(speak, band):
    client = speak(App([band]), story.NO_CUSTOMERS_KEY)
    assert client.v1.charges.list().data
    with pytest.raises(PermissionError):
        client.v1.customers.list()


@pytest.mark.parametrize("permission", sorted({*PERMISSION_OF.values(), "rak_balance_read"}))
def test_a_missing_permission_is_named_in_the_refusal(speak, band, permission):
    client = speak(band, missing=frozenset({permission}))
    paths = {f"/v1/{r.path}": r.permission for r in sandbox.app.BY_PATH.values()}
    for path, needed in (paths | {"/v1/balance": "rak_balance_read"}).items():
        if needed == permission:
            with pytest.raises(PermissionError) as error:
                client.raw_request("get", path)
            assert error.value.http_status == 403
            assert f"'{permission}'" in str(error.value)
            assert band.id in str(error.value)
        else:
            assert client.raw_request("get", path, **{}).code == 200


def test_an_expanded_object_needs_its_own_permission(speak, band):
    client = speak(band, missing=NO_CUSTOMERS)
    assert client.v1.charges.list({"limit": 3}).data
    with pytest.raises(PermissionError, match="rak_customer_read"):
        client.v1.charges.list({"limit": 100, "expand": ["data.customer"]})


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"created": "yesterday"}, "created"),
        ({"created": {"gte": "soon"}}, "created[gte]"),
        ({"created": {"since": 1}}, "created[since]"),
        ({"colour": "red"}, "colour"),
        ({"expand": ["data.amount"]}, "expand"),
        ({"expand": ["customer"]}, "expand"),
        ({"expand": ["data.customer.subscriptions.data.customer"]}, "expand"),
    ],
)
def test_wrong_parameters_are_named(speak, band, params, param):
    with pytest.raises(InvalidRequestError) as error:
        speak(band).raw_request("get", "/v1/charges", **params)
    assert (error.value.http_status, error.value.param) == (400, param)


def test_what_does_not_exist_is_not_found(speak, band):
    client = speak(band)
    with pytest.raises(InvalidRequestError) as error:
        client.v1.charges.retrieve("ch_nowhere")
    assert (error.value.http_status, error.value.code) == (404, "resource_missing")
    refund = client.v1.refunds.list().data[0]
    with pytest.raises(InvalidRequestError, match="No such charge"):
        client.v1.charges.retrieve(refund.id)
    with pytest.raises(InvalidRequestError) as error:
        client.raw_request("get", "/v1/unicorns")
    assert error.value.http_status == 404
    with pytest.raises(InvalidRequestError, match="POST: /v1/customers"):
        client.v1.customers.create({"email": "new@example.com"})


def get(url, headers):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/v1/account", headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.headers), json.loads(response.read())
    finally:
        connection.close()


def test_the_key_may_come_by_basic_auth_and_a_request_id_comes_back(band):
    encoded = base64.b64encode(f"{story.BAND_KEY}:".encode()).decode()
    with sandbox.serve([band]) as url:
        status, headers, body = get(url, {"Authorization": f"Basic {encoded}"})
        assert (status, body["id"]) == (200, band.id)
        assert headers["Request-Id"].startswith("req_")
        assert get(url, {})[0] == 401
        assert get(url, {"Authorization": "Basic ???"})[0] == 401
