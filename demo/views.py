"""The doors of the demo: one click enters as anybody, and there is a page for the mail."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from demo.books import open_books
from demo.cast import ACCOUNTS, prepare
from demo.mail import mails
from fans.models import Creator, User
from revenue.gateways.problems import NotConnectable, SourceProblem


@require_POST
def enter(request: HttpRequest, who: str) -> HttpResponse:
    """Sign in as `who`; the first to come starts the import of both creators' payments."""
    if who not in ACCOUNTS:
        raise Http404
    prepare()
    user = User.objects.get(email=ACCOUNTS[who])
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    try:
        open_books()
    except (SourceProblem, NotConnectable):
        messages.warning(
            request,
            _(
                "The demo’s payments are not there yet: its small Stripe is still starting, or is"
                " not running. Everything else works; come in again in a minute."
            ),
        )
    return room_of(who, user)


def room_of(who: str, user: User) -> HttpResponse:
    """Where the person behind the door wants to be: a new import is something to watch."""
    if who == "admin":
        return redirect("admin:index")
    if who == "fan":
        return redirect("supporters:mine")
    creator = Creator.objects.of(user).order_by("pk").first()
    if creator is None:
        return redirect("dashboard:entrance")
    being_read = creator.sources.filter(synced_at=None).exists()
    return redirect("dashboard:sources" if being_read else "dashboard:home", creator.handle)


@never_cache
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """What was sent to anybody, newest first."""
    return render(request, "demo/mail.html", {"mails": mails()})
