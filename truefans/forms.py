"""What every form has in common: the words for what is wrong, and where one goes on typing."""

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

#: By the code of what is wrong. A field that has words of its own for it keeps those.
PLAIN_WORDS = {
    "required": _("Please fill this in."),
    "min_value": _("It must be %(limit_value)s or more."),
    "max_value": _("It must be %(limit_value)s or less."),
    "max_length": _("It is too long: at most %(limit_value)s characters fit in."),
    "max_digits": _("That is too large a number: at most %(max)s digits."),
    "max_whole_digits": _("That is too large a number: at most %(max)s digits."),
    "max_decimal_places": _("At most %(max)s decimals."),
    "unique": _("There is one like this already. Please choose another."),
    "null_characters_not_allowed": _("There is a sign in it that cannot be kept."),
}
NOT_LISTED = {"invalid_choice": _("Please choose one from the list.")}


def speak_plainly() -> None:
    """Put our words where Django's fields look for theirs; at the start, before there are forms."""
    forms.Field.default_error_messages |= PLAIN_WORDS
    forms.ChoiceField.default_error_messages |= NOT_LISTED


class OurBoundField(forms.BoundField):
    """The first field that is wrong has the focus: on a page, and in a part that htmx puts in."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if self.name == first_wrong(self.form) and not (widget or self.field.widget).is_hidden:
            built.setdefault("autofocus", True)
        return built


def first_wrong(form: forms.BaseForm) -> str | None:
    """The name of the first field of `form` that is not as it must be, if one was sent."""
    return next((name for name in form.fields if name in form.errors), None)


class FormRenderer(DjangoTemplates):
    bound_field_class = OurBoundField
