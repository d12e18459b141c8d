"""My words, my goal: what a creator measures by, is called by, and where they are."""

from copy import copy
from datetime import date, datetime

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dashboard import figures
from dashboard.access import StudioRequest, in_studio
from dashboard.changes import changes
from dashboard.forms import TAKEN
from dashboard.measure import MeasureForm
from dashboard.settings_forms import PlaceForm, WordsForm
from fans.models import Creator
from fans.templatetags.amounts import whole_money
from revenue.beginning import begin_measuring
from revenue.measure import Remeasured
from truefans.languages import written_in
from truefans.money import currency_name
from truefans.text import clean


@require_http_methods(["GET", "HEAD", "POST"])
@in_studio
def settings(request: StudioRequest) -> HttpResponse:
    """The measure; another currency is shown with its amounts before it is saved. While everything
    is counted anew, the progress again every two seconds."""
    creator, now = request.creator, timezone.now()
    if request.htmx.target == "progress":
        return render(request, "dashboard/settings_state.html", _progress(creator, now=now))
    form = MeasureForm(_sent(request), was=creator)
    if form.is_valid():
        if not form.is_in_another_currency:
            changed = begin_measuring(
                creator=form.instance,
                fields=MeasureForm.Meta.fields,
                thresholds=form.thresholds,
                now=now,
            )
            messages.success(request, _what_follows(creator, form.instance, changed))
            return redirect("dashboard:settings", creator.handle)
        form = form.in_that_currency(today=now.date())
    context = {"form": form} | _state(creator, now=now) | _new_currency(creator, form, now.date())
    status = 422 if form.is_bound else 200
    return render(request, "dashboard/settings.html", context, status=status)


def _state(creator: Creator, *, now: datetime) -> dict[str, object]:
    """What is counted anew right now, and what is not counted for want of a rate."""
    return {
        "changing": changes(creator, now=now),
        "without_rate": figures.without_rate(creator),
    }


def _progress(creator: Creator, *, now: datetime) -> dict[str, object]:
    """The same, and whether it has ended."""
    state = _state(creator, now=now)
    name = currency_name(creator.currency, count=2)
    return state | {"is_done": not state["changing"], "currency_name": name}


def _new_currency(creator: Creator, form: MeasureForm, today: date) -> dict[str, object]:
    """What another currency would bring about, if one is asked for."""
    if not form.new_currency:
        return {}
    return {
        "new_name": currency_name(form.new_currency, count=2),
        "old_name": currency_name(creator.currency, count=2),
        "rate": form.rate(today=today),
        "purchases": creator.purchases.count(),
        "would_be_without_rate": figures.would_be_without_rate(
            creator, form.new_currency, today=today
        ),
    }


def _sent(request: StudioRequest) -> QueryDict | None:
    """What was typed, if anything was sent."""
    return request.POST if request.method == "POST" else None


def _what_follows(was: Creator, creator: Creator, changed: Remeasured) -> str:
    sentences = [_("Saved.")]
    if changed.recount:
        name = currency_name(creator.currency, count=2)
        sentences.append(_("Everything is being counted in %(currency)s.") % {"currency": name})
    elif changed.everybody_is_due:
        sentences.append(_("Where everybody stands is being worked out anew; it takes moments."))
    if creator.team_size != was.team_size and creator.target_count != was.target_count:
        numbers = {"team": creator.team_size, "people": intcomma(creator.target_count)}
        sentences.append(_("For %(team)s of you that makes %(people)s people.") % numbers)
    if changed.tiers_moved:
        steps = ", ".join(
            f"{tier.name} {whole_money(tier.threshold, creator.currency)}"
            for tier in creator.tiers.all()
        )
        sentences.append(_("Your tiers now begin at: %(steps)s.") % {"steps": steps})
    return " ".join(sentences)


@require_http_methods(["GET", "HEAD", "POST"])
@in_studio
def words(request: StudioRequest) -> HttpResponse:
    """The words; while they are typed, the sentence that they make."""
    form = WordsForm(_sent(request), instance=copy(request.creator))
    if request.htmx.target == "sentence":
        for name in WordsForm.WORDS:
            setattr(form.instance, name, clean(request.GET.get(name))[:80])
        return render(request, "dashboard/settings_sentence.html", {"creator": form.instance})
    if form.is_valid() and _are_kept(form):
        handle = form.instance.handle
        moved = _("Saved. Your public page is /@%(handle)s from now on.") % {"handle": handle}
        messages.success(request, moved if "handle" in form.changed_data else _("Saved."))
        return redirect("dashboard:words", handle)
    status = 422 if form.is_bound else 200
    return render(request, "dashboard/settings_words.html", {"form": form}, status=status)


def _are_kept(form: WordsForm) -> bool:
    """Store the words; False, and why in the form, where somebody took the handle meanwhile."""
    try:
        with transaction.atomic():
            form.instance.save(update_fields=WordsForm.Meta.fields)
    except IntegrityError:
        form.add_error("handle", TAKEN)
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@in_studio
def place(request: StudioRequest) -> HttpResponse:
    """Language and time zone; while they are chosen, how things would be written."""
    creator, now = request.creator, timezone.now()
    if request.htmx.target == "sample":
        with written_in(request.GET.get("language", "")):
            return render(request, "dashboard/settings_sample.html", {"now": now})
    form = PlaceForm(_sent(request), instance=copy(creator))
    if form.is_valid():
        changed = begin_measuring(creator=form.instance, fields=PlaceForm.Meta.fields, now=now)
        with written_in(form.instance.language):
            messages.success(request, _what_follows(creator, form.instance, changed))
        return redirect("dashboard:place", creator.handle)
    status = 422 if form.is_bound else 200
    context = {"form": form, "now": now}
    return render(request, "dashboard/settings_place.html", context, status=status)


@require_safe
@in_studio
def security(request: StudioRequest) -> HttpResponse:
    """How the one who looks signs in, and where that is changed."""
    kinds = Authenticator.objects.filter(user=request.user).values_list("type")
    locks = dict(kinds.annotate(count=Count("pk")).order_by("type"))
    context = {
        "keys": locks.get(Authenticator.Type.WEBAUTHN, 0),
        "has_app": Authenticator.Type.TOTP in locks,
        "has_codes": Authenticator.Type.RECOVERY_CODES in locks,
    }
    return render(request, "dashboard/settings_security.html", context)
