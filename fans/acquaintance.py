"""What a creator knows of somebody: one row, which is there only while it says something."""

from fans.models import Acquaintance, Fan

#: Nothing in each of the columns of words; the database would fill them in, but only when stored.
NOTHING = dict.fromkeys(("called", "cares_about", "how_we_met", "household", "links"), "")


def known_of(fan: Fan) -> Acquaintance:
    """What is known of `fan`; where that is nothing, one that says so and is not stored."""
    known = Acquaintance.objects.filter(creator_id=fan.creator_id, fan=fan).first()
    return known or Acquaintance(creator_id=fan.creator_id, fan=fan, **NOTHING)


def acquaintance_of(fan: Fan) -> Acquaintance:
    """What is known of `fan`, made if it is not there yet, and locked until the transaction ends.

    The caller stores it with `keep`, so that none is left that says nothing.
    """
    rows = Acquaintance.objects.select_for_update(no_key=True)
    known, _created = rows.get_or_create(creator_id=fan.creator_id, fan=fan, defaults=NOTHING)
    return known


def keep(known: Acquaintance) -> None:
    """Store `known`, or remove it where it says nothing any more."""
    if known.is_empty:
        known.delete()
    else:
        known.save()
