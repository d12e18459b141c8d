"""What can be wrong with a file as a whole, each with a sentence for the creator.

A row that cannot be understood is no problem of its file: it becomes a `Skipped` outcome.
"""

from django.utils.translation import gettext as _


class FileProblem(Exception):
    """A foreseen reason why nothing can be read from a file; the message is for the creator."""


class Empty(FileProblem):
    def __init__(self) -> None:
        super().__init__(_("This file is empty."))


class NoRows(FileProblem):
    def __init__(self) -> None:
        super().__init__(_("This file has the names of its columns, and no rows."))


class TooLarge(FileProblem):
    def __init__(self, megabytes: int) -> None:
        super().__init__(
            _(
                "This file is larger than %(megabytes)d MB. Export a shorter period, and bring the"
                " periods one after another: nothing is counted twice."
            )
            % {"megabytes": megabytes}
        )


class TooWide(FileProblem):
    def __init__(self, columns: int) -> None:
        super().__init__(
            _("This file has more than %(columns)d columns, so it is no export of payments.")
            % {"columns": columns}
        )


class NoTable(FileProblem):
    def __init__(self) -> None:
        super().__init__(
            _(
                "There is no table in this file: no line with the names of columns, separated by"
                " commas, semicolons, tabs or bars."
            )
        )


class NotText(FileProblem):
    def __init__(self) -> None:
        super().__init__(_("This file holds no text. Export it as CSV, and bring that file."))


class OtherKind(FileProblem):
    """A file of a known kind that holds no table; `kind` says which, with its article."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            _("This is %(kind)s. Export or save it as CSV, and bring that file.") % {"kind": kind}
        )


class DamagedArchive(FileProblem):
    def __init__(self) -> None:
        super().__init__(_("This ZIP file is damaged or was cut off. Download it once more."))


class LockedArchive(FileProblem):
    def __init__(self) -> None:
        super().__init__(
            _("This ZIP file is locked with a password. Unpack it, and bring the file inside.")
        )


class ArchiveBomb(FileProblem):
    def __init__(self) -> None:
        super().__init__(
            _(
                "This ZIP file unpacks to far more than it should. If it is truly yours, unpack"
                " it and bring the files inside one by one."
            )
        )


class NoTableInside(FileProblem):
    def __init__(self) -> None:
        super().__init__(_("There is no CSV file with a table inside this ZIP file."))


class NotUsable(FileProblem):
    """A file that is recognised, and that says nothing about any person; `reason` says it."""
