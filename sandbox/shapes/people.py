"""Whom money comes from and goes to, and what happened: account, customer, event."""

from collections.abc import Mapping
from typing import Any

from sandbox.books import Json

API_VERSION = "2026-10-28.endive"

_CUSTOMER: Json = {
    "object": "customer",
    "livemode": False,
    "balance": 0,
    "currency": None,
    "customer_account": None,
    "default_source": None,
    "delinquent": False,
    "description": None,
    "discount": None,
    "metadata": {},
    "phone": None,
    "preferred_locales": [],
    "shipping": None,
    "tax_exempt": "none",
    "test_clock": None,
}


def customer(
    identifier: str,
    *,
    created: int,
    name: str | None,
    email: str | None,
    address: Json | None,
    payment_method: str | None,
    **fields: Any,
) -> Json:
    return {
        **_CUSTOMER,
        "id": identifier,
        "address": address,
        "created": created,
        "email": email,
        "invoice_prefix": identifier[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": payment_method,
            "footer": None,
            "rendering_options": None,
        },
        "name": name,
        "next_invoice_sequence": 1,
        **fields,
    }


def deleted_customer(identifier: str) -> Json:
    return {"id": identifier, "object": "customer", "deleted": True}


def event(identifier: str, *, created: int, kind: str, data: Mapping[str, Any]) -> Json:
    return {
        "id": identifier,
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def account(
    identifier: str,
    *,
    name: str,
    email: str,
    country: str,
    currency: str,
    created: int,
    url: str | None = None,
    time_zone: str = "Etc/UTC",
) -> Json:
    return {
        "id": identifier,
        "object": "account",
        "business_profile": {"name": name, "support_email": email, "url": url},
        "business_type": "individual",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": country,
        "created": created,
        "default_currency": currency,
        "details_submitted": True,
        "email": email,
        "metadata": {},
        "payouts_enabled": True,
        "settings": {
            "branding": {
                "icon": None,
                "logo": None,
                "primary_color": None,
                "secondary_color": None,
            },
            "card_payments": {
                "statement_descriptor_prefix": None,
                "statement_descriptor_prefix_kana": None,
                "statement_descriptor_prefix_kanji": None,
            },
            "dashboard": {"display_name": name, "timezone": time_zone},
            "payments": {
                "statement_descriptor": None,
                "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": 3, "interval": "weekly", "weekly_anchor": "monday"},
                "statement_descriptor": None,
            },
        },
        "type": "standard",
    }
