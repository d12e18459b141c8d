"""How Stripe tells a source what is new, in words: what stands on the card of a source."""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.forms import WebhookSecretForm
from revenue.gateways.stripe.lists import TOLD
from revenue.models import Source


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret as one may speak of it: `mark` tells it from others and tells nothing of it."""

    name: str
    mark: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """`address` is where Stripe delivers to, `events` what it shall tell.

    `is_refused`: what came last was refused. `is_reachable`: Stripe can get there at all.
    """

    address: str
    events: list[str]
    secrets: list[Secret]
    form: WebhookSecretForm
    is_refused: bool
    is_reachable: bool

    @property
    def is_full(self) -> bool:
        return len(self.secrets) >= Source.MOST_SECRETS


def webhook_of(source: Source, form: WebhookSecretForm | None = None) -> Webhook:
    """`form` is what was typed in, where that was wrong."""
    path = reverse("revenue:stripe_webhook", args=[source.pk])
    names = [_("Older secret"), _("Newer secret")] if len(source.secrets) > 1 else [_("Secret")]
    return Webhook(
        address=settings.PUBLIC_URL + path,
        events=TOLD,
        secrets=[Secret(n, mark(s)) for n, s in zip(names, source.secrets, strict=False)],
        form=form or WebhookSecretForm(source=source),
        is_refused=bool(
            source.refused_at
            and (source.delivered_at is None or source.refused_at > source.delivered_at)
        ),
        is_reachable=urlsplit(settings.PUBLIC_URL).scheme == "https",
    )


def mark(secret: str) -> str:
    """A name for `secret` that a page may carry."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]
