"""The PostgreSQL and the Valkey that TrueFans brings along, for whoever has none of their own.

Both come as Python wheels. Every process that needs them calls `ensure`: the first one starts
them, later ones join, and the last one to leave stops them. All of it lives in TRUEFANS_HOME:

- `services.lock` is held, shared, by every process that uses the servers. The kernel lets go of
  it at any death, so it is never wrong about who is there. Only who holds it alone may stop the
  servers, and newcomers wait until that is done.
- `start.lock` is held by the one process that starts them.
- `keeper.lock` is held by the keeper: a small process that waits to hold `services.lock` alone,
  so that the servers are stopped also when their last user was killed.
- `postgres/`, `valkey/` and `secrets/` are what a backup must hold.

The keeper runs without the application, and every command waits for this package: here only the
standard library is imported at the top, and psutil where it is needed.
"""

import atexit
import fcntl
import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import IO

from .files import locked, secret
from .postgres import Postgres
from .server import Server, detached, wait_for
from .unavailable import Unavailable
from .valkey import Valkey

__all__ = ["Unavailable", "ensure", "home", "join", "keep", "leave", "tend"]

PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parent.parent
SERVERS: tuple[type[Server], ...] = (Postgres, Valkey)
SECRETS = {
    "SECRET_KEY": lambda: token_urlsafe(50),
    "FIELD_ENCRYPTION_KEYS": lambda: urlsafe_b64encode(token_bytes(32)).decode(),
}
KEEPER = "import sys; sys.path.append(sys.argv[1]); from embedded import keep; keep(*sys.argv[2:])"

# What this process uses, by home: the lock, open and so held until it ends, and the servers.
_used: dict[Path, tuple[IO[str], list[Server]]] = {}


def home() -> Path:
    """The absolute path of TRUEFANS_HOME, by default `var` in the project.

    Reads the project's `.env` first, as the settings do, since any name may be given there.
    """
    if (PROJECT / ".env").exists():
        import environ

        environ.Env.read_env(PROJECT / ".env")
    return (PROJECT / (os.environ.get("TRUEFANS_HOME") or "var")).resolve()


def ensure() -> None:
    """Set DATABASE_URL, REDIS_URL, SECRET_KEY and FIELD_ENCRYPTION_KEYS where nobody gave them.

    Starts the servers behind the URLs if they are not up. Raises Unavailable if that fails.
    """
    join(home())


def join(home: Path, *, durable: bool = True) -> None:
    """`ensure`, for one home. Servers that need not be durable are faster, but for tests only."""
    os.environ["TRUEFANS_HOME"] = str(home)
    servers = [server(home, durable=durable) for server in SERVERS if not _given(server.variable)]
    with _disk_problems_explained(home):
        if servers:
            _enter(home, servers)
            tend()
        for server in servers:
            os.environ[server.variable] = server.url()
        for name, make in SECRETS.items():
            if not _given(name):
                os.environ[name] = secret(home, name.lower(), make)


def tend() -> None:
    """Bring up what is down of the servers that this process uses; quick if nothing is."""
    for home, (_, servers) in _used.items():
        with _disk_problems_explained(home):
            _hire_keeper(home)
            if not all(server.answers() for server in servers):
                with locked(home / "start.lock"):
                    for server in servers:
                        if not server.answers():
                            server.start()


def leave(home: Path) -> None:
    """Stop the servers if nobody else uses them. Happens by itself when a process ends."""
    if home not in _used:
        return
    lock, _ = _used.pop(home)
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Either others stay, or somebody is stopping the servers: then wait till it is done.
            fcntl.flock(lock, fcntl.LOCK_SH)
        else:
            _stop_all(home)


def keep(home: str, keeper_lock: str) -> None:
    """The keeper's whole life. `keeper_lock` is the open file that it inherited, and holds."""
    with locked(Path(home) / "services.lock"):
        _stop_all(Path(home))
        os.close(int(keeper_lock))  # before newcomers may enter, so that they hire the next one


@contextmanager
def _disk_problems_explained(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"TrueFans cannot keep its data in {home} ({error}).") from error


def _given(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _enter(home: Path, servers: list[Server]) -> None:
    if home not in _used:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = open(home / "services.lock", "a")  # noqa: SIM115 - held until this process ends
        fcntl.flock(lock, fcntl.LOCK_SH)
        _used[home] = lock, servers
        atexit.register(leave, home)


def _hire_keeper(home: Path) -> None:
    with open(home / "keeper.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # there is one
        # The keeper inherits the open file and with it the lock: there is no moment without.
        command = [sys.executable, "-P", "-c", KEEPER, str(PACKAGE.parent), str(home)]
        detached(
            [*command, str(lock.fileno())],
            cwd=Path("/"),
            log=home / "keeper.log",
            pass_fds=[lock.fileno()],
        )


def _stop_all(home: Path) -> None:
    wait_for([process for server in SERVERS for process in server(home).bid_farewell()])


def _forget() -> None:
    """A forked child is no user of its own: its copies of the locks must not outlive us."""
    for lock, _ in _used.values():
        lock.close()
    _used.clear()


os.register_at_fork(after_in_child=_forget)
