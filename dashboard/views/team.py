"""My team: who works in a studio, who is invited, and how somebody comes in and goes."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import SignedInRequest, StudioRequest, for_everybody, owners_only
from dashboard.team_forms import InviteForm
from fans import invitations
from fans.invitations import TooMany
from fans.models import Creator, Invitation, Member, Role
from fans.tasks import send_invitation
from revenue.queueing import queue_on_commit
from truefans.digests import digest_of

#: Where the session keeps the digest of the secret that was opened.
OPENED = "invitation"


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def team(request: StudioRequest) -> HttpResponse:
    """Who there is; a POST invites somebody."""
    if request.method != "POST":
        return _page(request)
    form = InviteForm(request.POST, creator=request.creator)
    if form.is_valid() and _invite(request, **form.cleaned_data):
        return redirect("dashboard:team", request.creator.handle)
    return _page(request, form=form)


def _page(request: StudioRequest, form: InviteForm | None = None) -> HttpResponse:
    creator = request.creator
    members = creator.members.exclude(user=creator.owner_id).select_related("user")
    context = {
        "form": form or InviteForm(creator=creator),
        "members": members,
        "invitations": creator.invitations.order_by("-created_at"),
        "now": timezone.now(),
        "roles": list(Role),
    }
    return render(request, "dashboard/team.html", context, status=422 if form else 200)


def _invite(request: StudioRequest, email: str, role: str) -> bool:
    """Invite, and say so; whether it could be done."""
    try:
        invitation = invitations.invite(
            creator=request.creator, email=email, role=role, by=request.user, now=timezone.now()
        )
    except TooMany:
        messages.error(
            request, _("That are many invitations at once. Please wait an hour, and try again.")
        )
        return False
    queue_on_commit(send_invitation.delay, invitation.pk)
    messages.success(request, _("%(email)s is invited, by mail.") % {"email": email})
    return True


@require_POST
@owners_only
def resend(request: StudioRequest, pk: int) -> HttpResponse:
    """Another mail with another secret, valid for a week from now."""
    invitation = get_object_or_404(request.creator.invitations, pk=pk)
    _invite(request, invitation.email, invitation.role)
    return redirect("dashboard:team", request.creator.handle)


@require_POST
@owners_only
def withdraw(request: StudioRequest, pk: int) -> HttpResponse:
    """The link that was mailed opens nothing any more."""
    invitation = get_object_or_404(request.creator.invitations, pk=pk)
    invitation.delete()
    messages.success(request, _("%(email)s is not invited any more.") % {"email": invitation.email})
    return redirect("dashboard:team", request.creator.handle)


@require_POST
@owners_only
def change_role(request: StudioRequest, pk: int) -> HttpResponse:
    """Another role for a member; one's own, too, since the studio is always somebody's."""
    member, role = _member(request, pk), request.POST.get("role")
    if role not in Role.values:
        return HttpResponse(_("There is no such role."), status=422)
    member.role = role
    member.save(update_fields=["role"])
    words = {"who": member, "role": member.get_role_display()}
    messages.success(request, _("%(who)s is %(role)s from now on.") % words)
    return redirect("dashboard:team", request.creator.handle)


@require_POST
@owners_only
def remove(request: StudioRequest, pk: int) -> HttpResponse:
    """A member may not come in any more."""
    member = _member(request, pk)
    member.delete()
    messages.success(request, _("%(who)s is not in the team any more.") % {"who": member})
    return redirect("dashboard:team", request.creator.handle)


@require_POST
@owners_only
def hand_over(request: StudioRequest, pk: int) -> HttpResponse:
    """The studio becomes another owner's; only who has it can give it."""
    try:
        heir = request.creator.hand_over(pk, by=request.user)
    except (Creator.DoesNotExist, Member.DoesNotExist):
        raise Http404 from None
    messages.success(request, _("The studio is %(who)s’s now.") % {"who": heir})
    return redirect("dashboard:team", request.creator.handle)


@require_POST
@for_everybody
def quit_team(request: StudioRequest) -> HttpResponse:
    """Go oneself; who has the studio hands it over first, so that it is always somebody's."""
    if request.creator.owner_id == request.user.pk:
        messages.error(request, _("The studio is yours. Hand it over to another owner first."))
        return redirect("dashboard:team", request.creator.handle)
    request.creator.members.filter(user=request.user).delete()
    messages.success(
        request,
        _("You are not in the team of %(creator)s any more.") % {"creator": request.creator},
    )
    return redirect("dashboard:entrance")


def _member(request: StudioRequest, pk: int) -> Member:
    members = request.creator.members.exclude(user=request.creator.owner_id)
    return get_object_or_404(members.select_related("user"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Where the link of an invitation leads: what it is for, once one has proved to be meant.

    The secret is taken out of the address at once, and its digest waits in the session until one
    has signed in.
    """
    if secret := request.GET.get("key"):
        request.session[OPENED] = digest_of(secret)
        return redirect("dashboard:join")
    now = timezone.now()
    opened = Invitation.objects.open(now).filter(digest=request.session.get(OPENED, ""))
    invitation = opened.select_related("creator", "invited_by").first()
    if invitation is None:
        return _gone(request)
    is_meant = request.user.is_authenticated and invitations.is_of(invitation, request.user)
    if request.method == "POST":
        return _join(cast(SignedInRequest, request), invitation) if is_meant else _switch(request)
    context = {"invitation": invitation, "is_meant": is_meant, "role": Role(invitation.role)}
    return render(request, "dashboard/team_join.html", context)


def _join(request: SignedInRequest, invitation: Invitation) -> HttpResponse:
    if not invitations.join(invitation, user=request.user, now=timezone.now()):
        return _gone(request)
    del request.session[OPENED]
    messages.success(
        request, _("You are in the team of %(creator)s.") % {"creator": invitation.creator}
    )
    return redirect("dashboard:home", invitation.creator.handle)


def _gone(request: HttpRequest) -> HttpResponse:
    """The invitation is no more; who came by one opens the mail again, and is in a team already."""
    teams = Creator.objects.none()
    if request.user.is_authenticated:
        teams = Creator.objects.open().filter(members__user=request.user).order_by("name", "pk")
    return render(request, "dashboard/team_gone.html", {"teams": teams}, status=404)


def _switch(request: HttpRequest) -> HttpResponse:
    """Sign in as somebody else, and come back."""
    opened = request.session[OPENED]
    logout(request)
    request.session[OPENED] = opened
    return redirect_to_login(reverse("dashboard:join"))
