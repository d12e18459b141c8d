"""Locks and private files of a home."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of that name alone; waits for it."""
    with open(path, "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def secret(home: Path, name: str, make: Callable[[], str]) -> str:
    """The secret of that name, made when it is first asked for."""
    path = home / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(path.parent / ".lock"):
            if not path.exists():
                write_private(path, make())
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write all or nothing, for our own eyes only."""
    draft = path.with_name(f"{path.name}.new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
