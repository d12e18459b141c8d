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

BACKEND = "django.contrib.auth.backends.ModelBackend"
#: Where the session keeps whose account one came from.
OWN = "demo_own_account"


@require_POST
def enter(request: HttpRequest, who: str) -> HttpResponse:
    """Sign in as `who`; the first to come starts the import of both creators' payments."""
    if who not in ACCOUNTS:
        raise Http404
    prepare()
    own = _own_account(request)
    user = User.objects.get(email=ACCOUNTS[who])
    login(request, user, backend=BACKEND)
    if own:
        request.session[OWN] = own
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


@require_POST
def back(request: HttpRequest) -> HttpResponse:
    """Be oneself again, after one has entered as somebody else."""
    user = User.objects.filter(pk=request.session.get(OWN, 0), is_active=True).first()
    if user is None:
        return redirect("account_login")
    login(request, user, backend=BACKEND)
    return redirect("dashboard:entrance")


def _own_account(request: HttpRequest) -> int | None:
    """The id of who signed in by themselves before they entered as anybody, if somebody did."""
    user = request.user
    if not user.is_authenticated or user.email in ACCOUNTS.values():
        own: int | None = request.session.get(OWN)
        return own
    return user.pk


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
