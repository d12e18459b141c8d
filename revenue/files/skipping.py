"""Why a row of a file is no payment, in words for the creator."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Why(TextChoices):
    # The row itself.
    CUT_OFF = "cut_off", _("The file ends in the middle of this row.")
    UNREADABLE = (
        "unreadable",
        _("This stretch cannot be read: a quotation mark stays open, or a cell is far too long."),
    )
    TOO_MANY_CELLS = "too_many_cells", _("This row has more cells than the file has columns.")
    HEADER = "header", _("The names of the columns, once more.")
    TOTALS = "totals", _("A line of totals.")
    CONTINUED = "continued", _("A further row of an order whose first row stands elsewhere.")
    # What stands in it.
    NO_AMOUNT = "no_amount", _("There is no amount.")
    BAD_AMOUNT = "bad_amount", _("The amount cannot be read.")
    NO_CURRENCY = "no_currency", _("No currency is named that TrueFans knows.")
    NO_DATE = "no_date", _("There is no date.")
    BAD_DATE = "bad_date", _("The date cannot be read.")
    NO_PERSON = "no_person", _("Nobody is named.")
    NO_ID = "no_id", _("It has no number to tell it from others by.")
    UNKNOWN_KIND = "unknown_kind", _("TrueFans does not know what this tells of.")
    # A payment that was none.
    FAILED = "failed", _("The payment failed: nothing was charged.")
    INCOMPLETE = "incomplete", _("The payment was begun and never completed.")
    PENDING = "pending", _("The payment is not complete yet. A later export will hold it.")
    AUTHORISED = "authorised", _("The payment was authorised, and not taken.")
    CANCELLED = "cancelled", _("The payment was cancelled.")
    TEST = "test", _("A payment made as a test.")
    NEVER_PAID = "never_paid", _("A free member who has never paid.")
    # Money that is not from a fan.
    GIVEN = "given", _("Money that you gave to somebody.")
    OWN_PURCHASE = "own_purchase", _("Something that you bought.")
    OWN_REFUND = "own_refund", _("A refund of something that you bought.")
    PAYOUT = "payout", _("Money that was paid out to you.")
    TRANSFER = "transfer", _("Money moved between this account and a bank or card.")
    CONVERSION = "conversion", _("One side of an exchange between two currencies.")
    HOLD = "hold", _("Money held back or released: nothing was paid.")
    FEE = "fee", _("A fee.")
    OTHER = "other", _("Neither a payment nor a refund.")
    # A return that is not (yet) one.
    OF_NOTHING = "of_nothing", _("A refund or dispute that names neither a payment nor a person.")
    UNDECIDED = "undecided", _("A dispute that is not decided yet.")
    WITHDRAWN = "withdrawn", _("A dispute that was withdrawn: nothing was returned.")
    PART_RETURNED = (
        "part_returned",
        _("A part was given back, and it is not said how much. The platform’s file says it."),
    )


class Skip(Exception):
    """Raised by what reads a row that is no payment.

    `external_id` is that of the payment which the row says this of, where it names one: if it was
    imported earlier, it no longer counts. `detail` is the text that could not be read.
    """

    def __init__(self, why: Why, *, detail: str = "", external_id: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.detail = detail
        self.external_id = external_id
