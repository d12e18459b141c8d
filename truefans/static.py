"""Static files with their fingerprint in the name, compressed once, when they are collected."""

from collections.abc import Iterable, Iterator

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Leaves the admin's many files uncompressed: that would be most of a first start's time."""

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        ours = [path for path in paths if not path.startswith("admin/")]
        yield from super().compress_files(ours)
