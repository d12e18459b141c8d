"""What Stripe's deliveries are signed with: a secret is added, and an old one removed."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard.access import StudioRequest, owners_only
from dashboard.forms import WebhookSecretForm
from dashboard.views.sources import sources_page
from dashboard.webhook import mark
from revenue.models import Source


@require_POST
@owners_only
@transaction.atomic
def add_secret(request: StudioRequest, pk: int) -> HttpResponse:
    """Deliveries may be signed with the pasted secret, too; or say what is wrong with it."""
    source = _locked(request, pk)
    form = WebhookSecretForm(request.POST, source=source)
    if not form.is_valid():
        return sources_page(request, webhook_form=form)
    secret = form.cleaned_data["secret"]
    source.keep_secrets(dict.fromkeys([*source.secrets, secret]), now=timezone.now())
    messages.success(request, _("The secret is stored. Deliveries signed with it are taken."))
    return _back(request, source)


@require_POST
@owners_only
@transaction.atomic
def remove_secret(request: StudioRequest, pk: int) -> HttpResponse:
    """Deliveries that are signed with that secret are refused from now on."""
    source = _locked(request, pk)
    left = [secret for secret in source.secrets if mark(secret) != request.POST.get("mark")]
    if len(left) < len(source.secrets):
        source.keep_secrets(left, now=timezone.now())
        messages.success(request, _("The secret is removed."))
    return _back(request, source)


def _locked(request: StudioRequest, pk: int) -> Source:
    sources = request.creator.sources.open().select_for_update(no_key=True)
    return get_object_or_404(sources, pk=pk)


def _back(request: StudioRequest, source: Source) -> HttpResponse:
    page = reverse("dashboard:sources", args=[request.creator.handle])
    return redirect(f"{page}#webhook-{source.pk}")
