"""Tags: words of the creator's own for some of the people."""

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from fans.models import Creator, Fan, Tag, Tagging


def tag_named(creator: Creator, name: str) -> Tag:
    """The tag of that name, in capitals or not; made if there is none."""
    same = creator.tags.filter(Exact(Lower("name"), Lower(Value(name))))
    if found := same.first():
        return found
    try:
        with transaction.atomic():
            return creator.tags.create(name=name)
    except IntegrityError:  # somebody else has just made it
        return same.get()


def put_tag(fan: Fan, name: str) -> Tagging:
    """Have `fan` tagged with `name`."""
    with transaction.atomic():
        tag = tag_named(fan.creator, name)
        tagging, _created = Tagging.objects.get_or_create(
            tag=tag, fan=fan, defaults={"creator_id": fan.creator_id}
        )
    return tagging
