"""A visit to the till in the shape of 2026-10-28.endive. Conventions as in the package."""

from sandbox.books import Json

_DAY = 86_400

_SESSION: Json = {
    "object": "checkout.session",
    "livemode": False,
    "adaptive_pricing": {"enabled": True},
    "after_expiration": None,
    "allow_promotion_codes": None,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "billing_address_collection": None,
    "cancel_url": None,
    "client_reference_id": None,
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "consent_collection": None,
    "currency_conversion": None,
    "custom_fields": [],
    "custom_text": dict.fromkeys(
        ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    ),
    "customer": None,
    "customer_account": None,
    "customer_creation": "if_required",
    "customer_email": None,
    "discounts": [],
    "invoice": None,
    "invoice_creation": None,
    "locale": None,
    "metadata": {},
    "mode": "payment",
    "origin_context": None,
    "payment_link": None,
    "payment_method_collection": "if_required",
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "payment_method_types": ["card"],
    "permissions": None,
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "saved_payment_method_options": None,
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "submit_type": None,
    "subscription": None,
    "success_url": None,
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    "ui_mode": "hosted_page",
    "url": None,
    "wallet_options": None,
}


def session(identifier: str, *, created: int, of: Json, email: str, name: str | None) -> Json:
    """A guest's finished visit that the charge `of` paid for; `email` was typed at the till."""
    return {
        **_SESSION,
        "id": identifier,
        "amount_subtotal": of["amount"],
        "amount_total": of["amount"],
        "created": created,
        "currency": of["currency"],
        "customer_details": {
            "address": of["billing_details"]["address"],
            "business_name": None,
            "email": email,
            "individual_name": None,
            "name": name,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        "expires_at": created + _DAY,
        "payment_intent": of["payment_intent"],
        "payment_status": "paid",
        "status": "complete",
    }
