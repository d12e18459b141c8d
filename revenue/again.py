"""What of a file the books have already, because it was brought before or told at once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from revenue.files.outcomes import Line, Outcome
from revenue.models import Source, Upload
from revenue.statements import statement_of

#: So many rows are looked for at a time.
AT_ONCE = 2_000


class Again:
    """Counts, of the rows that pass by, those that say anything (`said`) and those of them that the
    books have word for word (`known`); `by` counts these by the upload that said them, None for
    what was told at once."""

    def __init__(self, upload: Upload, *, slug: str) -> None:
        self.said = self.known = 0
        self.by: Counter[int | None] = Counter()
        self._upload = upload
        self._source = Source.objects.filter(
            creator=upload.creator_id, kind=Source.Kind.FILE, account_id=slug
        ).first()

    def watch(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """`outcomes` as they come; of a source that is new nothing is known."""
        if self._source is None:
            yield from outcomes
            return
        rest = iter(outcomes)
        while batch := list(islice(rest, AT_ONCE)):
            self._look_for(batch, self._source)
            yield from batch

    def _look_for(self, batch: Iterable[Outcome], source: Source) -> None:
        said: Counter[tuple[str, str, str]] = Counter()
        subjects = set()
        for outcome in batch:
            told = statement_of(
                outcome, source=source, upload=self._upload, said_at=self._upload.created_at
            )
            if told:
                row, _outcome = told
                rows = 1 + len(outcome.more_lines) if isinstance(outcome, Line) else 1
                said[row["kind"], row["external_id"], row["rank"]] += rows
                subjects.add(row["subject"])
        self.said += said.total()
        # A rank ends with a digest of all that is said.
        counted = source.statements.exclude(upload__state=Upload.State.UNDOING)
        found = counted.filter(subject__among=subjects).order_by("-upload_id")
        for kind, name, rank, by in found.values_list("kind", "external_id", "rank", "upload"):
            rows = said.pop((kind, name, rank), 0)
            self.known += rows
            self.by[by] += rows

    def told(self) -> dict[str, Any]:
        """As an upload keeps it: numbers, and which upload said most of it."""
        [(by, _rows)] = self.by.most_common(1) or [(None, 0)]
        return {"said": self.said, "known": self.known, "by": by}
