"""Who are they? The list of everybody."""

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from dashboard import figures
from dashboard.access import StudioRequest, in_studio
from dashboard.paging import turn_to
from fans.models import Fan
from truefans.text import clean

#: What `show` in the address may be, and which people it leaves in the list.
FILTERS = {
    "": (_("Everybody"), Q()),
    "true": (_("True"), Q(is_true_fan=True)),
    "way": (_("On their way"), Q(is_true_fan=False, spend__gt=0)),
}


@require_safe
@in_studio
def people(request: StudioRequest) -> HttpResponse:
    """Everybody by what they spend in the window; search, filter and page are in the address."""
    creator = request.creator
    show = request.GET.get("show", "")
    _label, condition = FILTERS.get(show, FILTERS[""])
    search = clean(request.GET.get("q"))
    fans = _found(creator.fans.filter(condition).select_related("tier"), search)
    context = {
        "page": turn_to(fans, request.GET.get("after", ""), order=("-spend", "id")),
        "filters": [(key, label, key == show) for key, (label, _condition) in FILTERS.items()],
        "show": show,
        "search": search,
    }
    if request.htmx.target == "people":
        return render(request, "dashboard/people.html#list", context)
    return render(
        request, "dashboard/people.html", context | {"people": figures.head_count(creator)}
    )


def _found(fans: QuerySet[Fan], search: str) -> QuerySet[Fan]:
    """Those of `fans` of whom a word of the name, or an address, begins with `search`."""
    if not search:
        return fans
    # Addresses are stored in small letters, so that their index can be asked.
    of_address = fans.filter(identities__value__startswith=search.lower()).values("pk")
    return fans.filter(
        Q(name__istartswith=search) | Q(name__icontains=f" {search}") | Q(pk__in=of_address)
    )
