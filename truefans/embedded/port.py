"""Ports of this machine."""

import socket
from contextlib import suppress


def claim(port: int, host: str = "127.0.0.1") -> int:
    """`port` if a server can listen there just now, or OSError. 0 stands for any free port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As servers do: a port that was used a moment ago counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return int(probe.getsockname()[1])


def free_port(preferred: int = 0) -> int:
    """`preferred` if nobody listens there, else any other."""
    with suppress(OSError):
        return claim(preferred)
    return claim(0)
