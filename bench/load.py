"""A load client that costs little itself: plain sockets, many connections, one process."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass


@dataclass
class Load:
    """What came back: how many answers a second, and how long the slowest hundredth took, in seconds."""

    per_second: float
    p99: float
    answers: int


class Connection:
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.request = request
        self.received = b""
        self.asked_at = 0.0

    def ask(self) -> None:
        """Send the request."""
        self.received = b""
        self.asked_at = time.perf_counter()
        self.socket.sendall(self.request)

    def is_answered(self) -> bool:
        """Read what has come, and tell whether the answer is complete.

        Raises:
            RuntimeError: the answer is not 200, or the connection was closed.
        """
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise RuntimeError("the server closed the connection")
        self.received += chunk
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.split(b"\r\n")[0].decode())
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return len(body) >= int(length.partition(b":")[2])


def ask_for(port: int, path: str, *, seconds: float = 8, connections: int = 16) -> Load:
    """Ask for a page over several connections for some seconds, after three seconds that do not count.

    In those every process reads its templates and fills its caches.
    """
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Language: en\r\n\r\n".encode()
    selector = selectors.DefaultSelector()
    everybody = [Connection(port, request) for _ in range(connections)]
    for connection in everybody:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.ask()
    begin = time.perf_counter() + 3
    took: list[float] = []
    while (now := time.perf_counter()) < begin + seconds:
        for key, _events in selector.select(timeout=1):
            connection = key.data
            if connection.is_answered():
                if now >= begin:
                    took.append(time.perf_counter() - connection.asked_at)
                connection.ask()
    for connection in everybody:
        selector.unregister(connection.socket)
        connection.socket.close()
    took.sort()
    return Load(len(took) / seconds, took[int(len(took) * 0.99)], len(took))
