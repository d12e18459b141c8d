"""The bytes of a file as lines of text, whatever is in them."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

CHUNK = 256 * 1024
#: No row of an export is longer; of what is, the rest is left out.
LONGEST_LINE = 1024 * 1024
#: What reading a damaged member of a ZIP file raises.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError)


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of `file` as far as they can be read."""
    try:
        while chunk := file.read(CHUNK):
            yield chunk
    except DAMAGED:
        return


class Guard(io.RawIOBase):
    """Hands on the bytes of `file` without NULs and without the rest of endless lines.

    `is_broken` says that the file could not be read to its end.
    """

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        super().__init__()
        self.is_broken = False
        self._file = file
        self._encoding = encoding
        self._is_wide = encoding.startswith("utf-16")
        self._line_length = 0

    def lines(self) -> Iterator[str]:
        text = io.TextIOWrapper(
            io.BufferedReader(self, CHUNK), self._encoding, errors="replace", newline=""
        )
        # In UTF-16 half of the bytes are NULs; a character NUL only shows in the text.
        return (line.replace("\0", "") for line in text) if self._is_wide else text

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        try:
            while chunk := self._file.read(len(buffer)):
                if kept := self._kept(chunk):
                    buffer[: len(kept)] = kept
                    return len(kept)
        except DAMAGED:
            self.is_broken = True
        return 0

    def _kept(self, chunk: bytes) -> bytes:
        if not self._is_wide and b"\0" in chunk:
            chunk = chunk.replace(b"\0", b"")
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        if self._line_length > LONGEST_LINE:
            chunk = chunk[_first_newline(chunk, self._is_wide) :] if last >= 0 else b""
            last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        if last >= 0:
            self._line_length = len(chunk) - last - 1
        else:
            self._line_length += len(chunk)
        return chunk


def _first_newline(chunk: bytes, is_wide: bool) -> int:
    places = [place for place in (chunk.find(b"\n"), chunk.find(b"\r")) if place >= 0]
    first = min(places)
    return first - first % 2 if is_wide else first
