"""What a payment is made of: card, charge, payment intent, refund, dispute."""

from typing import Any

from sandbox.books import Json

ADDRESS: Json = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))

CARD: Json = {
    "amount_authorized": None,
    "authorization_code": None,
    "brand": "visa",
    "checks": {
        "address_line1_check": None,
        "address_postal_code_check": "pass",
        "cvc_check": "pass",
    },
    "country": "GB",
    "exp_month": 9,
    "exp_year": 2029,
    "extended_authorization": {"status": "disabled"},
    "fingerprint": None,
    "funding": "debit",
    "incremental_authorization": {"status": "unavailable"},
    "installments": None,
    "last4": "4242",
    "mandate": None,
    "multicapture": {"status": "unavailable"},
    "network": "visa",
    "network_token": {"used": False},
    "network_transaction_id": None,
    "overcapture": {"maximum_amount_capturable": None, "status": "unavailable"},
    "regulated_status": "unregulated",
    "three_d_secure": None,
    "transaction_link_id": None,
    "wallet": None,
}

_APPROVED: Json = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "seller_message": "Payment complete.",
    "type": "authorized",
}
_DECLINED: Json = _APPROVED | {
    "network_status": "declined_by_network",
    "reason": "generic_decline",
    "seller_message": "The bank did not return any further details with this decline.",
    "type": "issuer_declined",
}

_CHARGE: Json = {
    "object": "charge",
    "livemode": False,
    "amount_captured": 0,
    "amount_refunded": 0,
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "balance_transaction": None,
    "calculated_statement_descriptor": None,
    "captured": False,
    "customer": None,
    "disputed": False,
    "failure_balance_transaction": None,
    "failure_code": None,
    "failure_message": None,
    "fraud_details": {},
    "metadata": {},
    "on_behalf_of": None,
    "outcome": _APPROVED,
    "paid": False,
    "payment_intent": None,
    "receipt_email": None,
    "receipt_number": None,
    "receipt_url": None,
    "refunded": False,
    "review": None,
    "shipping": None,
    "source_transfer": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "transfer_data": None,
    "transfer_group": None,
}


def charge(
    identifier: str, *, created: int, amount: int, currency: str, card: Json, **fields: Any
) -> Json:
    """A captured charge; `fields` overrides the template."""
    card = card | {
        "amount_authorized": amount,
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
    }
    return {
        **_CHARGE,
        "id": identifier,
        "created": created,
        "amount": amount,
        "amount_captured": amount,
        "captured": True,
        "currency": currency,
        "paid": True,
        "payment_method_details": {"card": card, "type": "card"},
        "receipt_url": f"https://pay.stripe.com/receipts/payment/{identifier}",
        "status": "succeeded",
        **fields,
    }


DECLINE: Json = {
    "amount_captured": 0,
    "captured": False,
    "failure_code": "card_declined",
    "failure_message": "Your card was declined.",
    "outcome": _DECLINED,
    "paid": False,
    "receipt_url": None,
    "status": "failed",
}


def billing_details(name: str | None, email: str | None, address: Json) -> Json:
    return {"address": address, "email": email, "name": name, "phone": None, "tax_id": None}


_INTENT: Json = {
    "object": "payment_intent",
    "livemode": False,
    "allowed_payment_method_types": None,
    "amount_capturable": 0,
    "amount_details": {"tip": {}},
    "application": None,
    "application_fee_amount": None,
    "automatic_payment_methods": {"allow_redirects": "never", "enabled": True},
    "canceled_at": None,
    "cancellation_reason": None,
    "capture_method": "automatic_async",
    "client_secret": None,
    "confirmation_method": "automatic",
    "customer_account": None,
    "excluded_payment_method_types": None,
    "last_payment_error": None,
    "managed_payments": None,
    "next_action": None,
    "on_behalf_of": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {
        "card": {
            "installments": None,
            "mandate_options": None,
            "network": None,
            "request_three_d_secure": "automatic",
        }
    },
    "payment_method_types": ["card"],
    "processing": None,
    "review": None,
    "setup_future_usage": None,
    "shipping": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "transfer_data": None,
    "transfer_group": None,
}
_DECLINE_ERROR: Json = {
    "code": "card_declined",
    "decline_code": "generic_decline",
    "message": "Your card was declined.",
    "type": "card_error",
}


def payment_intent(identifier: str, *, created: int, last: Json, **fields: Any) -> Json:
    """The intent whose latest attempt is the charge `last`, which succeeded or was declined."""
    paid = last["status"] == "succeeded"
    return {
        **_INTENT,
        "id": identifier,
        "amount": last["amount"],
        "amount_received": last["amount_captured"],
        "created": created,
        "currency": last["currency"],
        "customer": last["customer"],
        "description": last["description"],
        "last_payment_error": None if paid else _DECLINE_ERROR,
        "latest_charge": last["id"],
        "metadata": last["metadata"],
        "payment_method": last["payment_method"] if paid else None,
        "receipt_email": last["receipt_email"],
        "status": "succeeded" if paid else "requires_payment_method",
        **fields,
    }


_REFUND: Json = {
    "object": "refund",
    "balance_transaction": None,
    "customer_account": None,
    "destination_details": {
        "card": {
            "reference_status": "available",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        },
        "type": "card",
    },
    "metadata": {},
    "receipt_number": None,
    "source_transfer_reversal": None,
    "status": "succeeded",
    "transfer_reversal": None,
}


def refund(identifier: str, *, created: int, of: Json, amount: int, **fields: Any) -> Json:
    """A refund of the charge `of`, in its currency."""
    return {
        **_REFUND,
        "id": identifier,
        "created": created,
        "amount": amount,
        "charge": of["id"],
        "currency": of["currency"],
        "customer": of["customer"],
        "payment_intent": of["payment_intent"],
        "payment_method": of["payment_method"],
        "reason": None,
        **fields,
    }


_EVIDENCE: Json = dict.fromkeys(
    [
        "access_activity_log",
        "billing_address",
        "cancellation_policy",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "customer_communication",
        "customer_email_address",
        "customer_name",
        "customer_purchase_ip",
        "customer_signature",
        "duplicate_charge_documentation",
        "duplicate_charge_explanation",
        "duplicate_charge_id",
        "product_description",
        "receipt",
        "refund_policy",
        "refund_policy_disclosure",
        "refund_refusal_explanation",
        "service_date",
        "service_documentation",
        "shipping_address",
        "shipping_carrier",
        "shipping_date",
        "shipping_documentation",
        "shipping_tracking_number",
        "uncategorized_file",
        "uncategorized_text",
    ]
) | {"enhanced_evidence": {}}


def dispute(
    identifier: str,
    *,
    created: int,
    of: Json,
    status: str,
    reason: str,
    inquiry: bool,
    answered: bool,
    past_due: bool,
    movements: list[Json],
    amount: int | None = None,
) -> Json:
    """A dispute over `amount` of the charge `of`, or all of it; an inquiry moves no money."""
    shown: Json = {
        "object": "dispute",
        "livemode": False,
        "id": identifier,
        "created": created,
        "amount": of["amount"] if amount is None else amount,
        "balance_transactions": movements,
        "charge": of["id"],
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": _EVIDENCE,
        "evidence_details": {
            "due_by": created + 9 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": answered,
            "past_due": past_due,
            "submission_count": int(answered),
        },
        "is_charge_refundable": inquiry,
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "reason": reason,
        "status": status,
    }
    if card := of["payment_method_details"].get("card"):
        shown["payment_method_details"] = {"card": _disputed(card, inquiry=inquiry), "type": "card"}
    return shown


def _disputed(card: Json, *, inquiry: bool) -> Json:
    return {
        "brand": card["brand"],
        "case_type": "inquiry" if inquiry else "chargeback",
        "network": card["network"],
        "network_reason_code": "10.4" if card["network"] == "visa" else "4837",
    }
