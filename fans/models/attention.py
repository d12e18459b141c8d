"""What the creator shares with each fan beyond money: words, notes, whose turn it is.

Every row names its creator, too, and a foreign key over both keeps it with that creator's fans.
"""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from fans.models.creators import Creator
from fans.models.fans import Fan
from fans.models.outgoing import Outgoing, OutgoingQuerySet
from fans.models.users import User


class OfFan(models.Model):
    """Something of one fan. No index of its own for either key: each model has a better one."""

    creator = models.ForeignKey(
        Creator, models.CASCADE, related_name="%(class)s_set", db_index=False
    )
    fan = models.ForeignKey(
        Fan, models.CASCADE, related_name="%(class)s_set", db_index=False, db_constraint=False
    )

    class Meta:
        abstract = True


class TouchQuerySet(models.QuerySet["Touch"]):
    def newest(self) -> "TouchQuerySet":
        return self.order_by("-occurred_at", "-id")


class Touch(OfFan):
    """A personal contact: one person with another, never to many at once."""

    class Kind(models.TextChoices):
        WROTE = "wrote", _("I wrote")
        THANKED = "thanked", _("I thanked them")
        MET = "met", _("we met")
        CALLED = "called", _("we talked")
        THEY_WROTE = "they_wrote", _("they wrote")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField(blank=True, help_text=_("What was said."))
    occurred_at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TouchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "touches"
        constraints = [
            models.CheckConstraint(
                name="touch_is_of_a_known_kind",
                condition=Q(kind__in=["wrote", "thanked", "met", "called", "they_wrote"]),
            ),
        ]
        indexes = [
            models.Index(fields=["creator", "fan", "-occurred_at", "-id"], name="touch_by_fan"),
            models.Index(fields=["creator", "-occurred_at", "-id"], name="touch_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.occurred_at:%Y-%m-%d}"


class Note(OfFan):
    """Something worth remembering about somebody."""

    text = models.TextField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(name="note_is_not_empty", condition=~Q(text=""))]
        indexes = [
            models.Index(fields=["creator", "fan", "-created_at", "-id"], name="note_by_fan")
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Acquaintance(OfFan):
    """How well the creator knows somebody. There is none of people of whom nothing is known.

    `last_touch_at`, `last_word_at` (of the creator's own) and `last_thanked_at` follow from the
    touches (`fans.touches`). Whose birthday is on 29 February has it on the 28th in other years.
    """

    called = models.CharField(
        max_length=200,
        blank=True,
        db_default="",
        help_text=_("What the creator calls them; empty: the name that they pay by."),
    )
    cares_about = models.TextField(blank=True, db_default="")
    how_we_met = models.TextField(blank=True, db_default="")
    household = models.CharField(
        max_length=120,
        blank=True,
        db_default="",
        help_text=_("A name that all who live together share."),
    )
    links = models.TextField(blank=True, db_default="", help_text=_("An address a line."))
    birth_month = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_day = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    rhythm_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("How often to be in touch, in days; empty: as often as their tier says."),
    )
    last_touch_at = models.DateTimeField(null=True, editable=False)
    last_word_at = models.DateTimeField(null=True, editable=False)
    last_thanked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["creator", "fan"], name="acquaintance_is_made_once"),
            models.CheckConstraint(
                name="birthday_is_a_day",
                condition=Q(birth_month=None, birth_day=None)
                | Q(birth_month__range=(1, 12), birth_day__range=(1, 31)),
            ),
            models.CheckConstraint(
                name="birth_year_has_a_day", condition=Q(birth_year=None) | ~Q(birth_day=None)
            ),
            models.CheckConstraint(
                name="rhythm_is_positive", condition=Q(rhythm_days=None) | Q(rhythm_days__gt=0)
            ),
        ]
        indexes = [
            models.Index(
                fields=["creator", "birth_month", "birth_day"],
                name="acquaintance_by_birthday",
                condition=Q(birth_day__isnull=False),
            ),
            models.Index(
                fields=["creator", "household"],
                name="acquaintance_by_household",
                condition=~Q(household=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.fan_id)

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing, so that there need not be one."""
        own = {"id", "creator", "fan"}
        fields = [field for field in self._meta.concrete_fields if field.name not in own]
        return all(field.value_from_object(self) in (None, "") for field in fields)

    @property
    def addresses(self) -> list[str]:
        """The links that can be followed."""
        return [line for line in self.links.split() if line.startswith(("https://", "http://"))]


class Tag(models.Model):
    """A word of the creator's own for some of the people."""

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(max_length=60)

    class Meta:
        ordering = [Lower("name")]
        constraints = [
            models.UniqueConstraint("creator", Lower("name"), name="tag_name_is_unique"),
            models.UniqueConstraint(fields=["creator", "id"], name="tag_belongs_to_creator"),
            models.CheckConstraint(name="tag_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class Tagging(OfFan):
    """A tag on a person."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tag", "fan"], name="tag_is_on_a_fan_once"),
        ]
        indexes = [models.Index(fields=["creator", "fan"], name="tagging_by_fan")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.fan_id}"


class Segment(models.Model):
    """A way to look at the people that was worth keeping: the filters of the list, with a name.

    `query` is the query string of the list, in the order in which the list itself writes it.
    """

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="segments", db_index=False)
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = [Lower("name")]
        constraints = [
            models.UniqueConstraint("creator", Lower("name"), name="segment_name_is_unique"),
            models.CheckConstraint(name="segment_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class TurnQuerySet(models.QuerySet["Turn"]):
    def open(self) -> "TurnQuerySet":
        return self.filter(outcome=Turn.Outcome.OPEN)

    def served(self) -> "TurnQuerySet":
        """Those that will not come again in their circle."""
        return self.filter(outcome__in=[Turn.Outcome.DONE, Turn.Outcome.SKIPPED])

    def put_off(self) -> "TurnQuerySet":
        return self.filter(outcome=Turn.Outcome.SNOOZED)


class Turn(OfFan):
    """Somebody's turn to hear from the creator: once in every circle, until all had theirs.

    `day` is by the creator's clock. A turn that is open on its day and was let pass is open again
    on the next; `until` is when somebody who was put off comes back.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("in touch")
        SKIPPED = "skipped", _("skipped")
        SNOOZED = "snoozed", _("later")

    circle = models.PositiveIntegerField()
    day = models.DateField()
    reason = models.CharField(max_length=20, help_text=_("Why now, as a word of our own."))
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OPEN)
    until = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TurnQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "circle", "fan"], name="turn_comes_once_a_circle"
            ),
            models.CheckConstraint(
                name="turn_snoozed_comes_back",
                condition=~Q(outcome="snoozed") | Q(until__gt=F("day")),
            ),
            models.CheckConstraint(name="turn_circle_is_positive", condition=Q(circle__gt=0)),
        ]
        indexes = [models.Index(fields=["creator", "day"], name="turn_by_day")]

    def __str__(self) -> str:
        return f"{self.fan_id} on {self.day}"

    @property
    def is_open(self) -> bool:
        return self.outcome == Turn.Outcome.OPEN


class LetterQuerySet(OutgoingQuerySet["Letter"]):
    def due(self, now: datetime) -> "LetterQuerySet":
        """Those that are to be sent, or tried again, at `now`; none of a closed studio."""
        return self.filter(due_at__lte=now, failed_at=None, creator__leaves_at=None)

    def failed(self) -> "LetterQuerySet":
        return self.exclude(failed_at=None)


class Letter(Outgoing, OfFan):
    """A mail to one person that is on its way; there is none of it once it is sent, but a touch.

    `to` is the one address that it goes to. `failed_at`: it was given up, and the creator has to
    say what becomes of it.
    """

    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="letter_says_something", condition=~Q(text="")),
        ]
        indexes = [
            models.Index(fields=["creator", "fan"], name="letter_by_fan"),
            models.Index(fields=["due_at"], name="letter_due", condition=Q(failed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.fan_id}, {self.created_at:%Y-%m-%d}"
