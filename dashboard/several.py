"""What is done to several people at once: those who are ticked, or all that match."""

import re
from secrets import token_urlsafe
from typing import Any, NamedTuple

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet, TextChoices
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.people_list import LONGEST_ID, Look
from fans import bulk
from fans.models import Creator, Tag, User
from fans.models.fans import FanQuerySet
from fans.tags import tag_named

#: How long it can be taken back what was done to tags, in seconds.
TAKEN_BACK_WITHIN = 60 * 60


class Act(TextChoices):
    TAG = "tag"
    UNTAG = "untag"
    NOTE = "note"


class NobodyChosen(Exception):
    """The message says why, and what to do."""


def chosen_people(look: Look, data: QueryDict) -> FanQuerySet:
    """Those whom `data` names: `who` is “all” for all that `look` shows, else each `fan` is an id.

    Raises NobodyChosen. What could not be read never means everybody.
    """
    if data.get("who") == "all":
        if look.unread:
            raise NobodyChosen(_("Not all of the filters could be read, so nothing was done."))
        return look.matching
    ids = {int(pk) for pk in data.getlist("fan") if pk.isdecimal() and len(pk) <= LONGEST_ID}
    if not ids:
        raise NobodyChosen(_("Nobody is ticked. Tick some people, or choose all that match."))
    return look.everybody.creator.fans.filter(pk__among=ids)


class Done(NamedTuple):
    """What was done, in words; `undo` is the token that takes it back, "" if nothing can."""

    sentence: str
    undo: str


class SeveralForm(forms.Form):
    """What to do, and to whom; `sure` is the number of people that was said before."""

    act = forms.ChoiceField(choices=Act.choices)
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=60, required=False)
    text = forms.CharField(
        label=gettext_lazy("Note"), max_length=5000, required=False, widget=forms.Textarea
    )
    sure = forms.IntegerField(required=False)

    def __init__(self, data: QueryDict, *, look: Look) -> None:
        super().__init__(data, auto_id="several_%s", use_required_attribute=False)
        self.look = look
        self.asked = data

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            self.people = chosen_people(self.look, self.asked)
        except NobodyChosen as reason:
            self.add_error(None, str(reason))
        match cleaned.get("act"):
            case Act.NOTE if not cleaned.get("text"):
                self.add_error("text", _("Write the note first."))
            case Act.TAG | Act.UNTAG if not cleaned.get("tag") and "tag" not in self.errors:
                self.add_error("tag", _("Name the tag first."))
            case Act.UNTAG if not self._tags_named(cleaned.get("tag")).exists():
                self.add_error("tag", _("There is no tag of that name."))
        return cleaned

    def _tags_named(self, name: str | None) -> QuerySet[Tag]:
        return self.look.everybody.creator.tags.filter(name__iexact=name or "")

    @cached_property
    def count(self) -> int:
        return self.people.count()

    @property
    def is_sure(self) -> bool:
        """Whether the number that was said is still theirs."""
        return self.is_valid() and self.cleaned_data["sure"] == self.count

    @property
    def shown(self) -> list[forms.BoundField]:
        """What is missing and can be typed."""
        return [self[name] for name in ("tag", "text") if name in self.errors]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What was sent, to be sent again: (name, value)."""
        again = ("who", "fan", "query", "act", "tag", "text")
        missing = {field.name for field in self.shown}
        return [(k, v) for k in again if k not in missing for v in self.asked.getlist(k)]

    @property
    def question(self) -> str:
        """What is about to be done, with the number of people."""
        sentences = {
            Act.TAG: ngettext(
                "Put “%(tag)s” on %(number)s person?",
                "Put “%(tag)s” on %(number)s people?",
                self.count,
            ),
            Act.UNTAG: ngettext(
                "Take “%(tag)s” from %(number)s person?",
                "Take “%(tag)s” from %(number)s people?",
                self.count,
            ),
            Act.NOTE: ngettext(
                "Write this note of %(number)s person?",
                "Write this note of each of %(number)s people?",
                self.count,
            ),
        }
        number = intcomma(self.count)
        return sentences[self.cleaned_data["act"]] % {
            "number": number,
            "tag": self.cleaned_data["tag"],
        }

    def perform(self, *, by: User) -> Done:
        """Do it, once it is valid and sure."""
        with transaction.atomic():
            match self.cleaned_data["act"]:
                case Act.TAG:
                    return self._put_tag()
                case Act.UNTAG:
                    return self._take_tag()
                case _:
                    return self._write_note(by)

    def _put_tag(self) -> Done:
        name = self.cleaned_data["tag"]
        is_new = not self._tags_named(name).exists()
        tag = tag_named(self.look.everybody.creator, name)
        fans = bulk.put_tag(self.people, tag=tag)
        sentence = ngettext(
            "“%(tag)s” is on %(number)s more person now.",
            "“%(tag)s” is on %(number)s more people now.",
            len(fans),
        )
        return self._told(sentence, tag, fans, is_new=is_new)

    def _take_tag(self) -> Done:
        tag = self._tags_named(self.cleaned_data["tag"]).get()
        fans = bulk.take_tag(self.people, tag=tag)
        sentence = ngettext(
            "“%(tag)s” was taken from %(number)s person.",
            "“%(tag)s” was taken from %(number)s people.",
            len(fans),
        )
        return self._told(sentence, tag, fans)

    def _write_note(self, by: User) -> Done:
        everybody = self.look.everybody
        fans = bulk.write_note(
            self.people,
            creator=everybody.creator,
            text=self.cleaned_data["text"],
            by=by,
            now=everybody.now,
        )
        sentence = ngettext(
            "The note is written of %(number)s person.",
            "The note is written of each of %(number)s people.",
            len(fans),
        )
        return Done(sentence % {"number": intcomma(len(fans))}, undo="")

    def _told(self, sentence: str, tag: Tag, fans: list[int], *, is_new: bool = False) -> Done:
        undo = ""
        if fans:
            undo = token_urlsafe(12)  # 16 letters
            kept = {"act": self.cleaned_data["act"], "tag": tag.pk, "fans": fans, "is_new": is_new}
            cache.set(_key(tag.creator, undo), kept, TAKEN_BACK_WITHIN)
        return Done(sentence % {"tag": tag, "number": intcomma(len(fans))}, undo)


def take_back(token: str, *, creator: Creator) -> str | None:
    """Have it as it was before; what was done, in words, or None if it is too late."""
    kept = cache.get(_key(creator, token)) if re.fullmatch(r"[A-Za-z0-9_-]{16}", token) else None
    if kept is None or (tag := creator.tags.filter(pk=kept["tag"]).first()) is None:
        return None
    people = creator.fans.filter(pk__among=kept["fans"])
    with transaction.atomic():
        if kept["act"] == Act.UNTAG:
            bulk.put_tag(people, tag=tag)
        else:
            bulk.take_tag(people, tag=tag)
            if kept["is_new"] and not tag.taggings.exists():
                tag.delete()
    cache.delete(_key(creator, token))
    return _("It is as it was before.")


def _key(creator: Creator, token: str) -> str:
    return f"several-{creator.pk}-{token}"
