"""What a creator knows of somebody: one row, which is there only while it says something."""

from fans.models import Acquaintance, Fan

#: Nothing in each of the columns of words; the database would fill them in, but only when stored.
NOTHING = dict.fromkeys(("called", "cares_about", "how_we_met", "household", "links"), "")
#: What is said in words of two records of one person is put together.
WORDS = ("cares_about", "how_we_met", "links")
BIRTHDAY = ("birth_day", "birth_month", "birth_year")


def known_of(fan: Fan) -> Acquaintance:
    """What is known of `fan`; where that is nothing, one that says so and is not stored."""
    known = Acquaintance.objects.filter(creator_id=fan.creator_id, fan=fan).first()
    return known or nothing_known_of(fan)


def nothing_known_of(fan: Fan) -> Acquaintance:
    return Acquaintance(creator_id=fan.creator_id, fan=fan, **NOTHING)


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


def learn(known: Acquaintance, other: Acquaintance) -> None:
    """Have `known` say what `other` says, too; of what can only be one thing, its own stays."""
    for column in WORDS:
        said = [getattr(row, column).strip() for row in (known, other)]
        setattr(known, column, "\n".join(dict.fromkeys(filter(None, said))))
    if known.birth_day is None:
        for column in BIRTHDAY:
            setattr(known, column, getattr(other, column))
    known.called = known.called or other.called
    known.household = known.household or other.household
    known.rhythm_days = known.rhythm_days or other.rhythm_days
