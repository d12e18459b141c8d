"""My words, my goal: what a creator measures by."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dashboard import figures
from dashboard.access import StudioRequest, in_studio
from dashboard.changes import changes
from dashboard.measure import MeasureForm
from fans.models import Creator
from fans.templatetags.amounts import whole_money
from revenue.measure import Remeasured
from revenue.tasks import begin_measuring
from truefans.money import currency_name


@require_http_methods(["GET", "HEAD", "POST"])
@in_studio
def settings(request: StudioRequest) -> HttpResponse:
    """The form; another currency is shown with its amounts before it is saved. While everything
    is counted anew, the progress again every two seconds."""
    creator, now = request.creator, timezone.now()
    state: dict[str, object] = {
        "changing": changes(creator, now=now),
        "without_rate": figures.without_rate(creator),
    }
    if request.htmx.target == "progress":
        state |= {
            "is_done": not state["changing"],
            "currency_name": currency_name(creator.currency, count=2),
        }
        return render(request, "dashboard/settings_state.html", state)
    form = MeasureForm(request.POST if request.method == "POST" else None, was=creator)
    if form.is_valid():
        if not form.is_in_another_currency:
            changed = begin_measuring(creator=form.instance, thresholds=form.thresholds, now=now)
            messages.success(request, _what_follows(form.instance, changed))
            return redirect("dashboard:settings", creator.handle)
        form = form.in_that_currency(today=now.date())
    context = state | {"form": form}
    if form.new_currency:
        context |= {
            "new_name": currency_name(form.new_currency, count=2),
            "old_name": currency_name(creator.currency, count=2),
            "rate": form.rate(today=now.date()),
            "purchases": creator.purchases.count(),
        }
    status = 422 if form.is_bound else 200
    return render(request, "dashboard/settings.html", context, status=status)


def _what_follows(creator: Creator, changed: Remeasured) -> str:
    sentences = [_("Saved.")]
    if changed.recount:
        name = currency_name(creator.currency, count=2)
        sentences.append(_("Everything is being counted in %(currency)s.") % {"currency": name})
    elif changed.everybody_is_due:
        sentences.append(_("Where everybody stands is being worked out anew; it takes moments."))
    if changed.tiers_moved:
        steps = ", ".join(
            f"{tier.name} {whole_money(tier.threshold, creator.currency)}"
            for tier in creator.tiers.all()
        )
        sentences.append(_("Your tiers now begin at: %(steps)s.") % {"steps": steps})
    return " ".join(sentences)
