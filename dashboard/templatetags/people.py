"""People in templates: where somebody stands, and the rows of the list of everybody.

Both are written here, because what stands fifty times on a page takes a template ten times as long.
"""

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from dashboard.people_list import SORTS, Look
from fans.models import Creator, Fan
from fans.templatetags.amounts import money
from fans.templatetags.dates import day
from fans.templatetags.ui import icon
from revenue.models import Recount

register = template.Library()

#: Characters of a name that are shown.
LONGEST = 80
NOTHING = SafeString("")


@register.simple_tag
def standing(fan: Fan, creator: Creator) -> SafeString:
    """Where `fan`, who is one of `creator`'s, stands, as a badge."""
    if Recount.under_way_of(creator):
        return _badge(_("being counted"))
    if fan.is_true_fan:
        return format_html(
            '<span class="badge is-ember">{}{}</span>', icon("seat"), fan.tier or _("True")
        )
    return _badge(str(fan.tier or _("on the way")) if fan.spend > 0 else _("nothing lately"))


@register.simple_tag
def seat_number(fan: Fan, creator: Creator) -> str:
    """“No. 347” of `fan`, who has a seat; whose seat rests keeps the number."""
    words = _("No. %(seat)s, resting") if _is_resting(fan, creator) else _("No. %(seat)s")
    return words % {"seat": intcomma(fan.seat)}


def _is_resting(fan: Fan, creator: Creator) -> bool:
    return not (fan.is_true_fan or Recount.under_way_of(creator))


def _badge(words: str) -> SafeString:
    return format_html('<span class="badge">{}</span>', words)


@register.simple_tag
def sort_options(look: Look) -> SafeString:
    """What the list can be sorted by, as options of which one is chosen."""
    options = (
        (key, SafeString(" selected") if key == look.sort else NOTHING, sort.label)
        for key, sort in SORTS.items()
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', options)


class Labels(NamedTuple):
    """What the columns are called; where the table is cards, each cell says it."""

    tier: str
    seat: str
    window: str
    gap: str
    ever: str
    moment: str


@register.simple_tag(takes_context=True)
def people_rows(context: Context) -> SafeString:
    """The rows of the page of the list, each with a box to tick for who may edit."""
    look, creator = context["look"], context["creator"]
    labels = Labels(
        _("Tier"), _("Seat"), _("Window"), _("Gap"), _("Ever"), str(look.moment.label)
    )._asdict()
    shared = {
        "address": context["people_url"],
        "way": quote(look.query.urlencode(), safe=""),
    }
    is_picked = context["role"].may_edit
    rows = (
        (_row(fan, creator, getattr(fan, look.moment.column), is_picked, labels | shared),)
        for fan in context["page"].rows
    )
    return format_html_join("\n", "{}", rows)


def _row(
    fan: Fan, creator: Creator, moment: datetime | None, is_picked: bool, given: dict[str, Any]
) -> SafeString:
    name = _short(str(fan))
    is_near = not fan.is_true_fan and fan.spend > 0
    return format_html(
        '<tr>{pick}<th scope="row"><div>'
        '<a href="{address}/{pk}?from={way}"><bdi class="name">{name}</bdi></a>{mail}{tags}'
        "</div></th>"
        '<td data-label="{tier}"><span>{stands}</span></td>'
        '<td data-label="{seat}">{number}</td>'
        '<td data-label="{window}" class="number">{spend}</td>'
        '<td data-label="{gap}" class="number">{missing}</td>'
        '<td data-label="{ever}" class="number">{lifetime}</td>'
        '<td data-label="{moment}" class="is-nowrap">{on}</td></tr>',
        pk=fan.pk,
        name=name,
        pick=_pick(fan, name) if is_picked else NOTHING,
        mail=_mail(fan) if fan.name and fan.email else NOTHING,
        tags=_tags(fan),
        stands=standing(fan, creator),
        number=_seat(fan, creator) if fan.seat else NOTHING,
        spend=money(fan.spend, creator.currency),
        missing=money(fan.gap, creator.currency) if is_near else NOTHING,
        lifetime=money(fan.lifetime_gross, creator.currency),
        on=day(localtime(moment), "short") if moment else NOTHING,
        **given,
    )


def _short(text: str) -> str:
    return Truncator(text).chars(LONGEST) if len(text) > LONGEST else text


def _pick(fan: Fan, name: str) -> SafeString:
    box = '<td class="pick"><input type="checkbox" name="fan" value="{}" aria-label="{}"></td>'
    return format_html(box, fan.pk, name)


def _mail(fan: Fan) -> SafeString:
    return format_html('<span class="note"><bdi class="name">{}</bdi></span>', _short(fan.email))


def _tags(fan: Fan) -> SafeString:
    names = [(tagging.tag.name,) for tagging in fan.tagging_set.all()]
    if not names:
        return NOTHING
    badges = format_html_join("", '<li class="badge">{}</li>', names)
    return format_html('<ul class="tags">{}</ul>', badges)


def _seat(fan: Fan, creator: Creator) -> SafeString:
    number = _("No. %(seat)s") % {"seat": intcomma(fan.seat)}
    rests = format_html('<span class="note">{}</span>', _("resting"))
    return format_html(
        '<div><span class="is-nowrap">{}</span>{}</div>',
        number,
        rests if _is_resting(fan, creator) else NOTHING,
    )
