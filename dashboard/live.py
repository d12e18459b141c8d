"""Platforms that tell at once, in words: what stands on Sources and on the page of each."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dashboard.forms import currencies, pasted, with_own
from fans.models import Creator
from revenue.live.platform import LivePlatform
from revenue.live.platforms import PLATFORMS
from revenue.models import Inbox


@dataclass(frozen=True, slots=True)
class Teller:
    """A platform, and where it delivers to if that is set up; `aside` deliveries of it were not
    understood."""

    platform: LivePlatform
    inbox: Inbox | None = None
    aside: int = 0

    @property
    def lacks_secret(self) -> bool:
        return bool(self.inbox and "secret" in self.platform.asks and not self.inbox.secret)

    @property
    def address(self) -> str:
        """Where the platform delivers to; only for owners."""
        if self.inbox is None:
            return ""
        path = reverse("revenue:live_webhook", args=[self.platform.slug, self.inbox.address])
        return settings.PUBLIC_URL + path

    @property
    def is_reachable(self) -> bool:
        return urlsplit(settings.PUBLIC_URL).scheme == "https"


def tellers(creator: Creator) -> list[Teller]:
    """Every platform that can tell at once; one query."""
    inboxes = Inbox.objects.filter(source__creator=creator).select_related("source")
    counted = inboxes.annotate(aside=Count("source__set_aside"))
    found = {inbox.source.account_id: inbox for inbox in counted}
    return [_teller(platform, found.get(platform.files.slug)) for platform in PLATFORMS]


def _teller(platform: LivePlatform, inbox: Any) -> Teller:
    return Teller(platform, inbox, inbox.aside) if inbox else Teller(platform)


def problems_of(inbox: Inbox) -> list[tuple[str, str, int]]:
    """What was not understood of what came in: (what it is called, why, how many), most first."""
    aside = inbox.source.set_aside.values_list("kind", "problem").annotate(count=Count("pk"))
    return list(aside.order_by("-count", "problem")[:5])


def stuck(inbox: Inbox) -> int:
    """How many deliveries could not be stored yet, by no fault of theirs."""
    return inbox.source.messages.filter(Q(done_at=None), attempts__gt=0).count()


class ProofForm(forms.Form):
    """What shows that a delivery comes from the platform."""

    secret = forms.CharField(
        max_length=300,
        widget=pasted(""),
        validators=[
            RegexValidator(
                r"^[!-~]{6,}$",
                _("This is no secret of theirs: copy all of it, and nothing besides."),
            )
        ],
    )
    account = forms.CharField(max_length=200, required=False, widget=pasted(""))

    def __init__(self, data: Any = None, *, platform: LivePlatform, inbox: Inbox) -> None:
        super().__init__(data, initial={"account": inbox.account, "currency": inbox.currency})
        self.fields["secret"].required = not inbox.secret
        self.fields["currency"] = forms.ChoiceField(
            label=_("Your campaign’s currency"),
            choices=partial(with_own, currencies, inbox.currency),
            help_text=_("Amounts come without theirs. It is the one that you are paid in."),
        )
        for name in ("secret", "account"):
            self.fields[name].label = str(platform.label)
            self.fields[name].help_text = str(platform.hint)
        for name in self.fields.keys() - platform.asks:
            del self.fields[name]
