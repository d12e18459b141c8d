"""Counted twice? Payments of two sources that look like one, and what is said of them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import StudioRequest, in_studio
from dashboard.doubles import MOST, SIZE, in_question, pairs_of
from dashboard.paging import turn_to
from revenue.beginning import begin_saying, begin_unsaying
from revenue.likeness import NotInQuestion
from revenue.models import Double

ANSWERS = {"one": Double.Verdict.ONE, "two": Double.Verdict.TWO}


@require_safe
@in_studio
def doubles(request: StudioRequest) -> HttpResponse:
    """Those that are in question, the newest first."""
    creator = request.creator
    found = creator.doubles.in_question()
    after = request.GET.get("after", "")
    page = turn_to(found, after, order=("-id", "-id"), size=SIZE)
    context = {
        "page": page,
        "pairs": pairs_of(creator, page.rows),
        "count": in_question(creator),
        "most": MOST,
        "is_said": creator.doubles.said().exists(),
    }
    return render(request, "dashboard/doubles.html", context)


@require_safe
@in_studio
def said(request: StudioRequest) -> HttpResponse:
    """What was said, by whom and when, to be taken back."""
    found = request.creator.doubles.said().select_related("by")
    after = request.GET.get("after", "")
    page = turn_to(found, after, order=("-said_at", "-id"), size=SIZE)
    context = {"page": page, "pairs": pairs_of(request.creator, page.rows)}
    return render(request, "dashboard/doubles_said.html", context)


@require_POST
@in_studio
def say(request: StudioRequest, pk: int) -> HttpResponse:
    """The two are one payment, or they are two."""
    creator = request.creator
    double = get_object_or_404(creator.doubles, pk=pk)
    verdict = ANSWERS.get(request.POST.get("answer", ""))
    if verdict is None:
        messages.error(request, _("Say whether it is one payment, or two."))
        return redirect("dashboard:doubles", creator.handle)
    try:
        begin_saying(double=double, verdict=verdict, by=request.user, now=timezone.now())
    except NotInQuestion:
        messages.warning(request, _("Nothing was changed: these two are not in question any more."))
    else:
        messages.success(request, _what_follows(request, double, verdict))
    return redirect("dashboard:doubles", creator.handle)


def _what_follows(request: StudioRequest, double: Double, verdict: Double.Verdict) -> str:
    if verdict == Double.Verdict.TWO:
        return _("Both count, and you are not asked about them again.")
    counts = pairs_of(request.creator, [double])[0].counts
    if counts is None:
        return _("It is one payment from now on.")
    return _("It counts once from now on, as that of %(source)s.") % {"source": counts.source}


@require_POST
@in_studio
def unsay(request: StudioRequest, pk: int) -> HttpResponse:
    """Have the question be open again."""
    double = get_object_or_404(request.creator.doubles, pk=pk)
    if begin_unsaying(double=double, now=timezone.now()):
        taken_back = _("It is taken back: both count, and the question is open again.")
        messages.success(request, taken_back)
    else:
        messages.info(request, _("That was over already; nothing was changed."))
    return redirect("dashboard:doubles_said", request.creator.handle)
