"""The rooms of income."""

import csv
import io

from revenue.models import Return

INCOME = "/studio/low-tide/income"


def shown(client, **asked):
    """The descriptions on the page of purchases, asked for by `asked`."""
    return [row.description for row in client.get(INCOME, asked).context["page"].rows]


def refund(purchase, at, **fields):
    """All of `purchase` given back at `at`, where `fields` say nothing else."""
    given = {
        "source": purchase.source,
        "external_id": f"re_{purchase.pk}",
        "kind": "refund",
        "payment_id": purchase.external_id,
        "occurred_at": at,
        "currency": purchase.currency,
        "amount": purchase.amount,
        "status": "succeeded",
        "reason": "requested_by_customer",
    }
    return Return.objects.create(**given | fields)


def read(response):
    """A list as it leaves: its text, and its rows by their columns."""
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return text, list(csv.DictReader(io.StringIO(text)))
