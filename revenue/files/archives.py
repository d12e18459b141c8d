"""The tables in a ZIP file, and what keeps a hostile one from doing harm."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import PurePosixPath
from typing import IO

from revenue.files.problems import ArchiveBomb, DamagedArchive, LockedArchive, NoTableInside

SIGNATURE = b"PK\x03\x04"
EMPTY_SIGNATURE = b"PK\x05\x06"
#: Stands before the end of an archive of more than 4 GB or 65,535 members.
LARGE_SIGNATURE = b"PK\x06\x07"
SUFFIXES = {".csv", ".tsv", ".tab", ".txt"}
#: Nobody exports more files at once; a report of every reward of a campaign has some dozens. The
#: list of them is read again with each.
MOST_MEMBERS = 1_000
#: As long as the list of so many members and of what else is in an archive may be.
MOST_DIRECTORY_BYTES = 4 * 1024 * 1024
#: The end of an archive, with the longest remark that may stand there.
END_BYTES = 22 + 65_535
#: Text shrinks to a twentieth at best; what claims more, and is large, is made to fill a disk.
WORST_RATIO = 200
HARMLESS_BYTES = 10 * 1024 * 1024
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


def members_of(file: IO[bytes], *, most_bytes: int) -> Sequence[zipfile.ZipInfo]:
    """The members of the archive that may be tables; raises a FileProblem for one to beware of."""
    _refuse_a_huge_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            every = archive.infolist()
    except DAMAGED:
        raise DamagedArchive from None
    if len(every) > MOST_MEMBERS:
        raise ArchiveBomb
    members = [member for member in every if _may_be_a_table(member.filename)]
    if not members:
        raise NoTableInside
    if any(member.flag_bits & 1 for member in members):
        raise LockedArchive
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    is_swollen = size > HARMLESS_BYTES and size > WORST_RATIO * max(packed, 1)
    if is_swollen or size > most_bytes:
        raise ArchiveBomb
    return members


def opener_of(
    open_archive: Callable[[], AbstractContextManager[IO[bytes]]], member: zipfile.ZipInfo
) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    """Opens `member` of the archive as a stream, which gives no more bytes than it said it has."""

    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        with open_archive() as file:
            try:
                archive = zipfile.ZipFile(file)
                inside = archive.open(member)
            except (*DAMAGED, RuntimeError):
                raise DamagedArchive from None
            with archive, inside:
                yield inside

    return opened


def is_archive(head: bytes) -> bool:
    return head.startswith((SIGNATURE, EMPTY_SIGNATURE))


def is_workbook(file: IO[bytes]) -> bool:
    """Whether the archive is a workbook of Excel, LibreOffice or Numbers."""
    _refuse_a_huge_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except DAMAGED:
        return False
    return any(
        name.startswith(("xl/", "Index/")) or name in {"mimetype", "content.xml"} for name in names
    )


def _refuse_a_huge_directory(file: IO[bytes]) -> None:
    """The library reads all of an archive's list of members at once, whatever its size."""
    file.seek(max(0, file.seek(0, io.SEEK_END) - END_BYTES))
    before, found, end = file.read().rpartition(EMPTY_SIGNATURE)
    file.seek(0)
    size = int.from_bytes(end[8:12], "little")
    if found and (size > MOST_DIRECTORY_BYTES or LARGE_SIGNATURE in before[-20:]):
        raise ArchiveBomb


def _may_be_a_table(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden
