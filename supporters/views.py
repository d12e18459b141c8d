"""The pages of fans and passers-by."""

from functools import lru_cache

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from fans.field import Field, Person, lay_out, picture
from fans.models import Creator, User
from fans.seating import seating
from supporters.definitions import definitions as document
from supporters.records import (
    confirmed_addresses,
    first_imports,
    purchases_of,
    records_of,
    with_latest,
)
from truefans.languages import written_in
from truefans.signing_in import signed_in_only

RECEIPTS_A_PAGE = 50


class SignedInRequest(HttpRequest):
    user: User


@lru_cache(maxsize=1)
def example_field() -> Field:
    """The ornament of the front page: a circle that is a good third full."""
    return lay_out(
        target_count=1000,
        true_fans=[Person(fraction=1, step=number**2 % 29 == 5) for number in range(372)],
        on_their_way=[Person(fraction=1 - number / 190) for number in range(190)],
    )


@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """What TrueFans is, and the way in."""
    field = example_field()
    return render(request, "supporters/welcome.html", {"field": field, "picture": picture(field)})


@require_safe
def page(request: HttpRequest, handle: str) -> HttpResponse:
    """A creator as everybody may see them; a fan who is signed in also sees their own seat."""
    creators = Creator.objects.open().select_related("recount").prefetch_related("tiers")
    creator = get_object_or_404(creators, handle=handle)
    own, is_ours = None, False
    if request.user.is_authenticated:
        own = records_of(request.user).filter(creator=creator).first()
        is_ours = own is None and creators.of(request.user).filter(pk=creator.pk).exists()
    context = {
        "creator": creator,
        "seating": seating(creator=creator, now=timezone.now(), own=own, is_public=True),
        "own": own,
        "is_ours": is_ours,
        "reading": first_imports().filter(source__creator=creator).exists(),
    }
    with written_in(creator.language):
        return render(request, "supporters/page.html", context)


@require_safe
@signed_in_only
def mine(request: SignedInRequest) -> HttpResponse:
    """Everything that the signed-in person supports, and where they stand with each."""
    records = list(with_latest(records_of(request.user)))
    imports = first_imports()
    if records:
        imports = imports.filter(source__creator__in={fan.creator_id for fan in records})
    return render(
        request,
        "supporters/mine.html",
        {
            "records": records,
            "reading": imports.exists(),
            "addresses": confirmed_addresses(request.user),
        },
    )


@require_safe
@signed_in_only
def receipts(request: SignedInRequest, handle: str) -> HttpResponse:
    """All that the signed-in person ever paid one creator."""
    records = records_of(request.user).filter(creator__handle=handle)
    fan = records.first()
    if fan is None:
        raise Http404
    purchases = Paginator(purchases_of(records), RECEIPTS_A_PAGE)
    return render(
        request,
        "supporters/receipts.html",
        {"creator": fan.creator, "purchases": purchases.get_page(request.GET.get("page"))},
    )


@require_safe
def definitions(request: HttpRequest) -> HttpResponse:
    """What every number means, with its worked example."""
    return render(request, "supporters/definitions.html", {"definitions": document()})
