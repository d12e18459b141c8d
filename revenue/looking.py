"""A look through a file before anything counts: whose file it is, what would come of it, and what
only the creator can say of it."""

import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from fans.models import Identity
from revenue.again import Again
from revenue.files.deciding import Question, decide
from revenue.files.guessing import guess
from revenue.files.mapping import Mapping
from revenue.files.outcomes import Outcome
from revenue.files.platform import Match
from revenue.files.previewing import Preview, preview
from revenue.files.problems import FileProblem
from revenue.files.reading import Table
from revenue.files.recognising import open_tables, recognise
from revenue.files.sheet import Decisions
from revenue.files.shortening import shortened
from revenue.files.translating import translate
from revenue.models import Upload, UploadPart

State = Upload.State
#: What is found out about it.
FOUND = ["state", "platform", "summary", "rows", "problem", "heard_at", "finished_at"]
#: Beside the platforms: any table, by what its creator says of its columns.
TABLE = "table"


class NotRecognised(FileProblem):
    def __init__(self) -> None:
        super().__init__(_("TrueFans does not know this kind of file."))


class SeveralPlatforms(FileProblem):
    def __init__(self) -> None:
        super().__init__(
            _("There are files of several platforms in this one. Bring them one by one.")
        )


class KeptFile(io.RawIOBase):
    """The file of an upload, read part by part from the database."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._position = 0
        self._number = -1
        self._part = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._upload.size}
        self._position = max(base[whence] + offset, 0)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        number, start = divmod(self._position, UploadPart.SIZE)
        if number != self._number:
            part = self._upload.parts.filter(number=number).values_list("content", flat=True)
            self._number, self._part = number, bytes(part.first() or b"")
        piece = self._part[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file of which it is known how it is read: its tables, and what only the creator can say.

    `slug` and `name` are those of the source that it belongs to.
    """

    slug: str
    name: str
    tables: list[tuple[Table, Match, Decisions]]
    questions: list[Question]

    def outcomes(self) -> Iterator[Outcome]:
        for table, match, decisions in self.tables:
            yield from translate(table, match, decisions)


def open_upload(upload: Upload) -> Opened:
    """The file of `upload`, read as was decided. Raises FileProblem with a sentence."""
    tables = tables_of(upload)
    answers = Decisions(**upload.decisions)
    mapping = upload.mapping
    matches = _mapped(mapping["columns"], tables) if mapping else _recognised(tables)
    found: list[tuple[Table, Match, Decisions]] = []
    questions: list[Question] = []
    for table, match in matches:
        decided = decide(table, match, answers)
        found.append((table, match, decided.decisions))
        questions += decided.questions
    platform = matches[0][1].platform
    if not mapping:
        return Opened(platform.slug, platform.name, found, questions)
    name = str(mapping["name"])
    return Opened(f"{TABLE}-{slugify(name, allow_unicode=True)}", name, found, questions)


def tables_of(upload: Upload) -> list[Table]:
    """The tables in the file. Raises FileProblem."""
    file = io.BufferedReader(KeptFile(upload), UploadPart.SIZE)
    return open_tables(cast(Any, file))


def _recognised(tables: list[Table]) -> list[tuple[Table, Match]]:
    found = [(table, match) for table in tables if (match := recognise(table)) is not None]
    if not found:
        raise NotRecognised
    if len({match.platform.slug for _table, match in found}) > 1:
        raise SeveralPlatforms
    return found


def _mapped(columns: dict[str, str], tables: list[Table]) -> list[tuple[Table, Match]]:
    mapping = Mapping(columns)
    return [(table, mapping.match(table)) for table in tables[:1]]


def look_through(*, upload: Upload, now: datetime) -> None:
    """Say what the file is and what would come of it; nothing of it counts yet.

    One of a kind that nobody knows is asked about, with a guess, or as such files were read before.
    Two workers at one file do no harm: what the slower one finds is kept only where it still holds.
    Raises Upload.DoesNotExist if the file was forgotten meanwhile.
    """
    if upload.state not in Upload.WAITING:
        return
    try:
        try:
            opened = open_upload(upload)
        except NotRecognised:
            _ask_for_columns(upload)
        else:
            _tell(upload, opened)
    except FileProblem as problem:
        upload.state, upload.problem = State.FAILED, str(problem)
        upload.finished_at = now
    upload.heard_at = now
    _keep(upload)


def _keep(upload: Upload) -> None:
    """Store what was found, unless the file counts by now, or its creator has said more of it."""
    with transaction.atomic():
        current = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
        is_as_seen = (current.decisions, current.mapping) == (upload.decisions, upload.mapping)
        if current.state not in Upload.WAITING or not is_as_seen:
            return
        if upload.state == State.FAILED:
            upload.parts.all().delete()
        upload.save(update_fields=FOUND)


def _ask_for_columns(upload: Upload) -> None:
    [table, *_others] = tables_of(upload)
    header = list(table.header)
    guessed = guess(table)
    earlier = upload.creator.uploads.filter(mapping__header=header).newest().first()
    columns = earlier.mapping["columns"] if earlier and earlier.mapping else {}
    upload.state = State.ASKS
    upload.summary = {
        "header": header,
        "guess": columns or dict(guessed.mapping.columns),
        "is_remembered": bool(columns),
        "rows": [list(row) for row in guessed.samples],
        "name": earlier.mapping["name"] if earlier and earlier.mapping else "",
    }


def _tell(upload: Upload, opened: Opened) -> None:
    upload.platform = opened.slug
    upload.summary = {
        "name": opened.name,
        "advice": str(opened.tables[0][1].platform.advice),
        "questions": [asdict(question) for question in opened.questions],
        "warning": _warning(opened),
    }
    if opened.questions:
        upload.state = State.ASKS
        return
    known: set[int] = set()

    def meet(identities: list[str]) -> None:
        theirs = Identity.objects.filter(creator=upload.creator_id, value__among=identities)
        known.update(theirs.values_list("fan", flat=True))

    again = Again(upload, slug=opened.slug)
    found = preview(again.watch(opened.outcomes()), zone=upload.creator.zone, meet=meet)
    upload.rows = found.rows
    upload.summary |= summary_of(found) | {"people_known": len(known), "again": again.told()}
    upload.state = State.READY


def _warning(opened: Opened) -> str:
    """What harm a spreadsheet has done to the file, where it has done some; else ""."""
    for table, match, _decisions in opened.tables:
        for place, text in shortened(table, match).items():
            return _(
                "A spreadsheet has shortened the ids in “%(column)s” (%(text)s). What the file says"
                " is told apart by the rest of its rows, but another file with the same payments"
                " would count them again. Better bring the file as it was when you downloaded it."
            ) % {"column": table.header[place], "text": text}
    return ""


def summary_of(found: Preview) -> dict[str, Any]:
    """A preview as an upload keeps it: numbers only, nobody by name. Amounts in minor units."""
    return {
        "rows": found.rows,
        "people": found.people,
        "unknown": found.unknown,
        "repeated": found.repeated,
        "currencies": {code: asdict(sums) for code, sums in sorted(found.currencies.items())},
        "months": [
            {"currency": code, "month": month} | asdict(sums)
            for (code, month), sums in sorted(found.months.items())
        ],
        "totals": {code: asdict(sums) for code, sums in sorted(found.totals.items())},
        "skipped": {str(why): left.count for why, left in found.skipped.items()},
    }
