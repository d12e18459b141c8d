"""Names as they are looked for, and sorted by."""

from django.db import models
from django.db.models import Func, Value
from django.db.models.lookups import Exact

from fans.models.creators import Creator
from fans.models.fans import Fan


class Folded(Func):
    """Text as it is compared when somebody looks for a name: small letters, no accents, and
    single spaces for whatever stands between words."""

    function = "fans_folded"
    output_field = models.TextField(db_collation="C")


class NamePartQuerySet(models.QuerySet["NamePart"]):
    def beginning(self, typed: str) -> "NamePartQuerySet":
        """Those that begin with `typed`, whatever its capitals and accents; none if it is signs."""
        folded = Folded(Value(typed))
        return self.filter(~Exact(folded, ""), text__startswith=folded)


class NamePart(models.Model):
    """A person's name from one of its words on, as one might begin to type it, folded.

    Of “Zoë O'Brien” there are “zoe o brien”, “o brien” and “brien”. The first, `place` 1, is what
    people are sorted by. The database keeps them: a trigger writes them whenever a name is written,
    so that whoever writes names need not know (docs/decisions/0019).
    """

    creator = models.ForeignKey(
        Creator, models.DO_NOTHING, related_name="name_parts", db_index=False, db_constraint=False
    )
    fan = models.ForeignKey(
        Fan, models.DO_NOTHING, related_name="name_parts", db_index=False, db_constraint=False
    )
    place = models.PositiveSmallIntegerField()
    text = models.TextField(db_collation="C")

    objects = NamePartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fan", "place"], name="name_part_has_its_place")
        ]
        indexes = [
            # Read alone, without the table.
            models.Index(
                fields=["creator", "text"], name="name_part_by_text", include=["fan", "place"]
            ),
        ]

    def __str__(self) -> str:
        return self.text
