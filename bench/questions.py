"""What dj-stripe asks of a server beyond what the sandbox knows, and the answers.

dj-stripe keeps a copy of everything that a charge refers to: also the payment intent and the
payment method, which TrueFans never asks for, and so the sandbox's long history does not have them.
"""

from typing import Any

from sandbox.books import Books, Json
from sandbox.shapes.payments import payment_intent

#: In the form that dj-stripe insists on; a restricted key may not read the account, it believes.
KEY = "sk_test_" + "0" * 24


def answer(books: Books, path: str) -> Json | None:
    """The answer to GET `path`, None if that is for the sandbox to give."""
    collection, _, identifier = path.rpartition("/")
    match collection:
        case "/v1" if identifier == "accounts":
            return {"object": "list", "url": path, "has_more": False, "data": []}
        case "/v1/payment_intents":
            charge = books.shelf("charge").children("payment_intent", identifier)[0]
            return payment_intent(identifier, created=charge["created"], last=charge)
        case "/v1/payment_methods":
            default = "invoice_settings.default_payment_method"
            return _card(identifier, of=books.shelf("customer").children(default, identifier)[0])
    return None


def plain(environ: dict[str, Any]) -> dict[str, Any]:
    """A request for one customer without what dj-stripe wants expanded and nobody has any more."""
    one_customer = environ["PATH_INFO"].startswith("/v1/customers/")
    return environ | {"QUERY_STRING": ""} if one_customer else environ


def _card(identifier: str, *, of: Json) -> Json:
    return {
        "id": identifier,
        "object": "payment_method",
        "billing_details": {"email": of["email"], "name": of["name"]},
        "card": {"brand": "visa", "exp_month": 9, "exp_year": 2029, "last4": "4242"},
        "created": of["created"],
        "customer": of["id"],
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
