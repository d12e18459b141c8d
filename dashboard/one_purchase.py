"""Everything that is known of one purchase: its lines, its bill, and whose it is and why."""

from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fans.models import Creator
from revenue.models import (
    Assignment,
    Claim,
    Customer,
    Invoice,
    Membership,
    Movement,
    Purchase,
    Return,
    SaidRate,
    SaleEntry,
    Source,
)
from revenue.values import PurchaseKind


class RateForm(forms.Form):
    """What one of the currency that was paid is in the creator's."""

    rate = forms.DecimalField(
        label=_("The rate"),
        min_value=Decimal("1e-9"),
        max_value=Decimal("1e9"),
        max_digits=24,
        decimal_places=12,
        widget=forms.TextInput(
            attrs={"class": "input", "inputmode": "decimal", "autocomplete": "off"}
        ),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A purchase with what reaches it. `lines`, `returns` and the `entries` of a sale by hand are
    in the order in which they came; the rest is None where there is none."""

    purchase: Purchase
    lines: list[Movement]
    returns: list[Return]
    invoice: Invoice | None
    membership: Membership | None
    customer: Customer | None
    assignment: Assignment | None
    said_rate: SaidRate | None
    entries: list[SaleEntry]
    claim: Claim | None

    @property
    def title(self) -> str:
        """What was bought: of a membership as on the bill, which says more than the payment."""
        purchase = self.purchase
        billed = self.invoice.description if self.invoice else ""
        is_membership = purchase.kind == PurchaseKind.MEMBERSHIP
        return (is_membership and billed) or purchase.title

    @property
    def why(self) -> str | Promise:
        """Why it is whose it is, in the order of `revenue.attribution`."""
        purchase, customer = self.purchase, self.customer
        if self.assignment and self.claim and self.claim.claimed_at:
            return _("claimed by QR")
        if self.assignment:
            return _("you said so")
        if customer and customer.email:
            return _("by the address of the customer it was paid by")
        if purchase.payer_email:
            return _("by the address given with the payment")
        if purchase.customer_id:
            return _("by the customer it was paid by, who has no address")
        return _("no address and no customer came with it")

    @property
    def is_converted(self) -> bool:
        """Whether it counts in another currency than it was paid in."""
        return self.purchase.rate_origin != Purchase.RateOrigin.SAME

    @property
    def may_be_rated(self) -> bool:
        """Whether only the creator can say at which rate it counts."""
        return self.purchase.rate_origin == Purchase.RateOrigin.MISSING


def told_of(creator: Creator, purchase: Purchase) -> Told:
    """All of `purchase`, one of `creator`'s, whose fan and source are known; ten queries at
    most."""
    source, name = purchase.source, purchase.external_id
    invoices = source.invoices.filter(external_id=purchase.invoice_id).defer("raw")
    invoice = invoices.first() if purchase.invoice_id else None
    memberships = source.memberships.with_bills().defer("raw")
    member_of = invoice.membership_id if invoice else ""
    customers = source.customers.filter(external_id=purchase.customer_id)
    assigned = source.assignments.filter(external_id=name).select_related("by")
    is_by_hand = source.kind == Source.Kind.HAND
    entries = source.sale_entries.filter(external_id=name).select_related("by").order_by("number")
    claims = source.claims.filter(external_id=name)
    return Told(
        purchase=purchase,
        lines=list(
            source.movements.filter(payment_id=name).defer("raw").order_by("occurred_at", "pk")
        ),
        returns=list(
            source.returns.filter(payment_id=name).defer("raw").order_by("occurred_at", "pk")
        ),
        invoice=invoice,
        membership=memberships.filter(external_id=member_of).first() if member_of else None,
        customer=customers.first() if purchase.customer_id else None,
        assignment=assigned.first(),
        said_rate=_said_rate(purchase),
        entries=list(entries) if is_by_hand else [],
        claim=claims.first() if is_by_hand else None,
    )


def _said_rate(purchase: Purchase) -> SaidRate | None:
    if purchase.rate_origin != Purchase.RateOrigin.SAID:
        return None
    said = purchase.source.said_rates.filter(external_id=purchase.external_id)
    return said.select_related("by").first()
