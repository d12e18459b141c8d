"""The objects of memberships in the shape of 2026-10-28.endive: product, price, subscription,
invoice, invoice payment. Conventions as in the package."""

from typing import Any

from sandbox.books import Json

_SELF = {"type": "self"}


def product(identifier: str, *, created: int, name: str, description: str, price: str) -> Json:
    return {
        "object": "product",
        "livemode": False,
        "id": identifier,
        "active": True,
        "created": created,
        "default_price": price,
        "description": description,
        "images": [],
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": created,
        "url": None,
    }


def price(
    identifier: str, *, created: int, product: str, amount: int, currency: str, interval: str
) -> Json:
    """`interval` is `month` or `year`."""
    return {
        "object": "price",
        "livemode": False,
        "id": identifier,
        "active": True,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": currency,
        "custom_unit_amount": None,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product,
        "recurring": {
            "interval": interval,
            "interval_count": 1,
            "meter": None,
            "usage_type": "licensed",
        },
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


_SUBSCRIPTION: Json = {
    "object": "subscription",
    "livemode": False,
    "application": None,
    "application_fee_percent": None,
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
    "billing_cycle_anchor_config": None,
    "billing_schedules": [],
    "billing_thresholds": None,
    "cancel_at": None,
    "cancel_at_period_end": False,
    "canceled_at": None,
    "collection_method": "charge_automatically",
    "customer_account": None,
    "days_until_due": None,
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "ended_at": None,
    "invoice_settings": {
        "account_tax_ids": None,
        "custom_fields": None,
        "description": None,
        "footer": None,
        "issuer": _SELF,
    },
    "managed_payments": None,
    "metadata": {},
    "next_pending_invoice_item_invoice": None,
    "on_behalf_of": None,
    "pause_collection": None,
    "payment_settings": {
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "off",
    },
    "pending_invoice_item_interval": None,
    "pending_setup_intent": None,
    "pending_update": None,
    "schedule": None,
    "test_clock": None,
    "transfer_data": None,
    "trial_end": None,
    "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
    "trial_start": None,
}


def subscription(
    identifier: str,
    *,
    item: str,
    created: int,
    customer: str,
    price: Json,
    period: tuple[int, int],
    status: str,
    latest_invoice: str | None,
    reason: str | None,
    **fields: Any,
) -> Json:
    """`period` is the current one (start, end); `reason` why it was cancelled."""
    items = {
        "object": "list",
        "data": [
            {
                "object": "subscription_item",
                "id": item,
                "billing_thresholds": None,
                "created": created,
                "current_period_end": period[1],
                "current_period_start": period[0],
                "discounts": [],
                "metadata": {},
                "price": price,
                "quantity": 1,
                "subscription": identifier,
                "tax_rates": [],
            }
        ],
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={identifier}",
    }
    return {
        **_SUBSCRIPTION,
        "id": identifier,
        "billing_cycle_anchor": created,
        "billing_mode": {"flexible": None, "type": "classic", "updated_at": created},
        "cancellation_details": {
            "comment": None,
            "feedback": None,
            "feedback_option": None,
            "reason": reason,
        },
        "created": created,
        "currency": price["currency"],
        "customer": customer,
        "items": items,
        "latest_invoice": latest_invoice,
        "start_date": created,
        "status": status,
        **fields,
    }


_INVOICE: Json = {
    "object": "invoice",
    "livemode": False,
    "account_tax_ids": None,
    "amount_overpaid": 0,
    "amount_paid_off_stripe": 0,
    "amount_shipping": 0,
    "application": None,
    "automatic_tax": {
        "disabled_reason": None,
        "enabled": False,
        "liability": None,
        "provider": None,
        "status": None,
    },
    "automatically_finalizes_at": None,
    "collection_method": "charge_automatically",
    "confirmation_secret": None,
    "custom_fields": None,
    "customer_account": None,
    "customer_address": None,
    "customer_phone": None,
    "customer_shipping": None,
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "due_date": None,
    "ending_balance": 0,
    "footer": None,
    "from_invoice": None,
    "issuer": _SELF,
    "last_finalization_error": None,
    "latest_revision": None,
    "metadata": {},
    "on_behalf_of": None,
    "payment_settings": {
        "default_mandate": None,
        "payment_method_options": None,
        "payment_method_types": None,
    },
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "receipt_number": None,
    "rendering": None,
    "shipping_cost": None,
    "shipping_details": None,
    "starting_balance": 0,
    "statement_descriptor": None,
    "test_clock": None,
    "total_discount_amounts": [],
    "total_pretax_credit_amounts": [],
    "total_taxes": [],
}


def invoice(
    identifier: str,
    *,
    created: int,
    customer: str,
    subscription: str | None,
    item: str | None,
    line: str,
    price: Json,
    words: str | None,
    period: tuple[int, int],
    status: str,
    finalized_at: int | None,
    paid_at: int | None,
    uncollectible_at: int | None,
    amount: int | None = None,
    **fields: Any,
) -> Json:
    """One period of a subscription, or without one (and its `item`) a bill written by hand.

    `words` describes its only line; `amount` is what that comes to where it is not the price.
    """
    amount, currency = price["unit_amount"] if amount is None else amount, price["currency"]
    issued = finalized_at is not None
    return {
        **_INVOICE,
        "id": identifier,
        "amount_due": amount,
        "amount_paid": amount if paid_at else 0,
        "amount_remaining": 0 if paid_at else amount,
        "attempted": issued,
        "auto_advance": not paid_at and not uncollectible_at,
        "created": created,
        "currency": currency,
        "customer": customer,
        "effective_at": finalized_at,
        "hosted_invoice_url": f"https://pay.stripe.com/invoice/{identifier}" if issued else None,
        "invoice_pdf": f"https://pay.stripe.com/invoice/{identifier}/pdf" if issued else None,
        "lines": _lines(identifier, subscription, item, line, price, amount, words, period),
        "parent": subscription
        and {
            "quote_details": None,
            "subscription_details": {"metadata": {}, "subscription": subscription},
            "type": "subscription_details",
        },
        "status": status,
        "status_transitions": {
            "finalized_at": finalized_at,
            "marked_uncollectible_at": uncollectible_at,
            "paid_at": paid_at,
            "voided_at": None,
        },
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": amount,
        "total_excluding_tax": amount,
        "webhooks_delivered_at": created,
        **fields,
    }


def _lines(
    invoice: str,
    subscription: str | None,
    item: str | None,
    line: str,
    price: Json,
    amount: int,
    words: str | None,
    period: tuple[int, int],
) -> Json:
    row = {
        "object": "line_item",
        "livemode": False,
        "id": line,
        "amount": amount,
        "currency": price["currency"],
        "description": words,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice,
        "metadata": {},
        "parent": _parent(line, subscription, item),
        "period": {"end": period[1], "start": period[0]},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": 1,
        "quantity_decimal": "1",
        "subtotal": amount,
        "taxes": [],
    }
    url = f"/v1/invoices/{invoice}/lines"
    return {"object": "list", "data": [row], "has_more": False, "url": url}


def _parent(line: str, subscription: str | None, item: str | None) -> Json:
    details: Json = {"proration": False, "proration_details": {"credited_items": None}}
    details["subscription"] = subscription
    if subscription is None:
        details["invoice_item"] = f"ii_{line.removeprefix('il_')}"
        kind, other = "invoice_item_details", "subscription_item_details"
    else:
        details |= {"invoice_item": None, "subscription_item": item}
        kind, other = "subscription_item_details", "invoice_item_details"
    return {kind: details, other: None, "type": kind}


def invoice_payment(
    identifier: str,
    *,
    created: int,
    invoice: str,
    payment: tuple[str, str],
    amount: int,
    currency: str,
    status: str,
    paid_at: int | None,
) -> Json:
    """`payment` is (type, id): a payment_intent, a charge or a payment_record."""
    kind, paying = payment
    return {
        "object": "invoice_payment",
        "livemode": False,
        "id": identifier,
        "amount_paid": amount if paid_at else None,
        "amount_requested": amount,
        "created": created,
        "currency": currency,
        "invoice": invoice,
        "is_default": True,
        "payment": {kind: paying, "type": kind},
        "status": status,
        "status_transitions": {"canceled_at": None, "paid_at": paid_at},
    }
