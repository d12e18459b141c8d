"""Many connections that are kept, each of which asks again as soon as it is answered.

One thread and bare sockets: whoever asks shall cost little beside whoever answers.
"""

import selectors
import socket
from collections import Counter
from collections.abc import Iterator
from typing import cast

Socket = socket.socket


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, body: bytes, **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send(port: int, requests: list[bytes], *, connections: int) -> Counter[str]:
    """How often each status came back; "broken" where a connection ended without an answer.

    On 127.0.0.1; an answer has a Content-Length.
    """
    waiting = iter(requests)
    statuses: Counter[str] = Counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(min(connections, len(requests))):
            link = socket.create_connection(("127.0.0.1", port), timeout=60)
            _ask(selector, link, waiting)
        while selector.get_map():
            for key, _events in selector.select(60) or _raise_silence():
                link, answer = cast(Socket, key.fileobj), key.data
                received = link.recv(65_536)
                answer += received
                if received and not _is_whole(answer):
                    continue
                statuses[answer.split(b" ", 2)[1].decode() if received else "broken"] += 1
                selector.unregister(link)
                _ask(selector, link, waiting) if received else link.close()
    return statuses


def _ask(selector: selectors.BaseSelector, link: Socket, waiting: Iterator[bytes]) -> None:
    """Send the next request; hang up if there is none."""
    request = next(waiting, None)
    if request is None:
        link.close()
        return
    link.sendall(request)
    selector.register(link, selectors.EVENT_READ, bytearray())


def _is_whole(answer: bytearray) -> bool:
    head, found, body = bytes(answer).partition(b"\r\n\r\n")
    if not found:
        return False
    _, _, rest = head.lower().partition(b"content-length:")
    return len(body) >= int(rest.partition(b"\r\n")[0])


def _raise_silence() -> list[tuple[selectors.SelectorKey, int]]:
    raise TimeoutError("The server has not answered for a minute")
