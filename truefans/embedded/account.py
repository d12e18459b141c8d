"""Whom root lends its servers to, since PostgreSQL refuses to run as root.

A server runs as the owner of its data. For data that root makes, that is an account without a
login. For anybody but root there is nothing to do, and nothing here does anything.
"""

import os
import pwd
import stat
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from .unavailable import Unavailable

NAME = "truefans"


def lend(path: Path) -> None:
    """Give `path` to the account."""
    if os.geteuid() == 0:
        account = _account()
        os.chown(path, account.pw_uid, account.pw_gid)


def owner_of(directory: Path) -> dict[str, Any]:
    """The arguments by which a subprocess becomes the owner of `directory`."""
    if os.geteuid() != 0:
        return {}
    found = directory.stat()
    return {"user": found.st_uid, "group": found.st_gid, "extra_groups": []}


def let_through(path: Path) -> None:
    """Let the account pass through the folders above `path`, though not list them."""
    if os.geteuid() == 0:
        for folder in path.parents:
            _add(stat.S_IXOTH, folder)


def let_in(package: Path) -> None:
    """Let the account read and run what a wheel installed, should a strict umask forbid it."""
    if os.geteuid() != 0:
        return
    let_through(package)
    for directory in package.parent.glob(f"{package.name}*"):  # also what lies beside, as .libs
        if directory.stat().st_mode & stat.S_IROTH:
            continue
        for path in (directory, *directory.rglob("*")):
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            _add(stat.S_IROTH | (stat.S_IXOTH if runs else 0), path)


def _add(bits: int, path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits != bits:
        path.chmod(mode | bits)


def _account() -> pwd.struct_passwd:
    for _ in range(20):  # another home may be adding it at this moment
        with suppress(KeyError):
            return pwd.getpwnam(NAME)
        with suppress(FileNotFoundError):
            subprocess.run(  # noqa: S603 - fixed words
                ["/usr/sbin/useradd", "--system", "--shell", "/usr/sbin/nologin", NAME],
                capture_output=True,
            )
        time.sleep(0.1)
    raise Unavailable(
        f"PostgreSQL does not run as root, and no account {NAME!r} could be added for it. "
        "Start TrueFans as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )
