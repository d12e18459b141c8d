"""Numbers as people type them: “1,000”, “£12.50”, “2.9 %”."""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from truefans.money import NotMoney, exponent, to_minor
from truefans.text import clean

GROUPED = re.compile(r"\d{1,3}(?:[,'’\s]\d{3})+(?:\.\d*)?")
#: A bound for what is typed, so that no sum is longer than a line.
MOST_PEOPLE = 100_000_000
REQUIRED = gettext_lazy("Type a number here.")


def plain(typed: Any) -> str:
    """The number without what people write around it and between its thousands."""
    text = clean(str(typed if typed is not None else ""))
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Sc").strip(" %\xa0")
    return re.sub(r"[,'’\s]", "", text) if GROUPED.fullmatch(text) else text


def typed_in(mode: str) -> forms.TextInput:
    """Something to type a number into, on a phone by its keys for numbers."""
    return forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off"})


class Count(forms.IntegerField):
    """A whole number of people, months, payments."""

    default_error_messages = {
        "required": REQUIRED,
        "invalid": gettext_lazy("Write it as a whole number, like 1000."),
    }

    def __init__(self, *, least: int = 1, most: int = MOST_PEOPLE, **kwargs: Any) -> None:
        super().__init__(min_value=least, max_value=most, widget=typed_in("numeric"), **kwargs)

    def to_python(self, value: Any) -> int | None:
        return super().to_python(plain(value))


class Number(forms.DecimalField):
    """A number that may have decimals, never below nothing."""

    default_error_messages = {
        "required": REQUIRED,
        "invalid": gettext_lazy("Write it as a number, with a point before its decimals: 12.50."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_digits=12, widget=typed_in("decimal"), **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(plain(value))


class Percent(Number):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_value=100, decimal_places=2, **kwargs)


class Amount(Number):
    """Money in major units; the form that knows the currency makes minor units of it."""

    def __init__(self, *, may_be_nothing: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.may_be_nothing = may_be_nothing


def count_in(currency: str, form: forms.BaseForm) -> None:
    """Make minor units of the amounts that `form` has understood, or say what is wrong with one."""
    for name, field in form.fields.items():
        typed = form.cleaned_data.get(name)
        if not isinstance(field, Amount) or typed is None:
            continue
        try:
            minor = form.cleaned_data[name] = to_minor(typed, currency)
        except NotMoney:
            form.add_error(name, _too_many_decimals(currency))
        else:
            if not minor and not field.may_be_nothing:
                form.add_error(name, _("It must be more than nothing."))


def _too_many_decimals(currency: str) -> str:
    decimals = exponent(currency)
    if not decimals:
        return _("%(currency)s has no decimals: write a whole number.") % {"currency": currency}
    return ngettext(
        "%(currency)s has at most %(count)d decimal.",
        "%(currency)s has at most %(count)d decimals.",
        decimals,
    ) % {"currency": currency, "count": decimals}
