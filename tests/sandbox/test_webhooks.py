"""Webhook endpoints can be made and removed; deliveries carry a signature that Stripe accepts."""

import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from stripe import (
    InvalidRequestError,
    PermissionError,
    SignatureVerificationError,
    StripeClient,
    Webhook,
)

from sandbox import webhooks

SECRET = "whsec_of_a_test"


@pytest.fixture
def receiver():
    """An address that answers 204 and remembers what it was sent."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.path, body, self.headers["Stripe-Signature"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_delivery_is_signed_as_stripe_signs(receiver, band):
    url, received = receiver
    event = band.books.shelf("event").rows[-1]
    assert webhooks.deliver({"url": f"{url}/hook?x=1", "secret": SECRET}, event) == 204
    path, body, signature = received[0]
    assert path == "/hook?x=1"
    assert Webhook.construct_event(body, signature, SECRET).id == event["id"]


def test_another_secret_or_an_old_stamp_is_not_accepted(receiver, band):
    url, received = receiver
    event = band.books.shelf("event").rows[-1]
    webhooks.deliver({"url": url, "secret": SECRET}, event)
    webhooks.deliver({"url": url, "secret": SECRET}, event, at=int(time.time()) - 3600)
    (_, body, fresh), (_, _, old) = received
    with pytest.raises(SignatureVerificationError):
        Webhook.construct_event(body, fresh, "whsec_other")
    with pytest.raises(SignatureVerificationError, match="tolerance"):
        Webhook.construct_event(body, old, SECRET)


def test_a_thin_event_names_its_object_and_is_read_by_the_sdk(receiver, speak, band):
    url, received = receiver
    event = next(e for e in band.books.shelf("event").rows if e["type"] == "charge.refunded")
    webhooks.deliver({"url": url, "secret": SECRET}, webhooks.thin(event))
    ((_, body, signature),) = received
    notice = StripeClient("rk_test_any").parse_event_notification(body, signature, SECRET)
    assert (notice.id, notice.type) == (event["id"], "v1.charge.refunded")
    assert datetime.fromisoformat(notice.created).timestamp() == event["created"]
    about = notice.related_object
    charge = speak(band).raw_request("get", about.url).data
    assert (about.id, about.type) == (charge["id"], "charge")
    assert charge["id"] == event["data"]["object"]["id"]


def test_every_kind_of_event_has_a_thin_form(band):
    for event in band.books.shelf("event").rows:
        about = webhooks.thin(event)["related_object"]
        assert about["url"].endswith(f"/{event['data']['object']['id']}")
    unknown = event | {"data": {"object": {"id": "qx_1", "object": "quantum"}}}
    assert webhooks.thin(unknown)["related_object"] is None


@pytest.mark.parametrize(
    "url", ["http://example.com/hook", "https://127.0.0.1/", "ftp://localhost"]
)
def test_nothing_is_ever_sent_to_another_machine(url):
    with pytest.raises(ValueError, match="Not an address of this machine"):
        webhooks.deliver({"url": url, "secret": SECRET}, {"id": "evt_1"})


def test_an_endpoint_is_made_listed_and_deleted(speak, recorded):
    client = speak(recorded)
    made = client.v1.webhook_endpoints.create(
        {"url": "http://localhost/hook", "enabled_events": ["charge.refunded", "refund.failed"]}
    )
    assert made.secret.startswith("whsec_")
    assert made.enabled_events == ["charge.refunded", "refund.failed"]
    (listed,) = client.v1.webhook_endpoints.list().data
    assert listed.id == made.id
    assert "secret" not in listed
    assert client.v1.webhook_endpoints.delete(made.id).deleted
    assert client.v1.webhook_endpoints.list().data == []
    with pytest.raises(InvalidRequestError) as error:
        client.v1.webhook_endpoints.retrieve(made.id)
    assert error.value.http_status == 404


def test_an_endpoint_needs_an_address_and_the_permission_to_write(speak, recorded):
    with pytest.raises(InvalidRequestError) as error:
        speak(recorded).v1.webhook_endpoints.create({"enabled_events": ["*"]})
    assert error.value.param == "url"
    reader = speak(recorded, missing=frozenset({"rak_webhook_write"}))
    assert reader.v1.webhook_endpoints.list().data == []
    with pytest.raises(PermissionError, match="rak_webhook_write"):
        reader.v1.webhook_endpoints.create({"url": "http://localhost", "enabled_events": ["*"]})
