"""Why money went back, and how that stands: providers' words in ours."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "": _("no reason was given"),
    "requested_by_customer": _("they asked for it"),
    "duplicate": _("it was paid twice"),
    "fraudulent": _("it was called fraud"),
    "expired_uncaptured_charge": _("it was never taken"),
    "general": _("no reason in particular"),
    "unrecognized": _("they did not recognise it"),
    "product_not_received": _("it never came, they said"),
    "product_unacceptable": _("it was not what they wanted, they said"),
    "subscription_canceled": _("they had left already, they said"),
    "credit_not_processed": _("they had been promised it back, they said"),
    "debit_not_authorized": _("they had not allowed the debit"),
    "insufficient_funds": _("their account held too little"),
    "incorrect_account_details": _("the account was another’s"),
    "customer_initiated": _("they had their bank take it back"),
    "bank_cannot_process": _("their bank could not do it"),
    "noncompliant": _("a rule of the card network was not kept"),
}
STATUSES: dict[str, str | Promise] = {
    "succeeded": _("went back"),
    "pending": _("on its way"),
    "requires_action": _("waits for them"),
    "failed": _("did not go through"),
    "canceled": _("called off"),
    "needs_response": _("waits for your answer"),
    "under_review": _("the bank is deciding"),
    "won": _("decided for you"),
    "lost": _("decided against you"),
    "prevented": _("prevented"),
    "warning_needs_response": _("a question, waits for your answer"),
    "warning_under_review": _("a question, being looked at"),
    "warning_closed": _("a question, settled"),
    "appeal_needs_response": _("appealed, waits for your answer"),
    "appeal_under_review": _("appealed, the bank is deciding"),
}


def reason(word: str) -> str | Promise:
    """What the provider calls `word`, in plain words; as it is where we have none."""
    return REASONS.get(word, word.replace("_", " "))


def status(word: str) -> str | Promise:
    """How a refund or dispute stands that the provider calls `word`."""
    return STATUSES.get(word, word.replace("_", " "))
