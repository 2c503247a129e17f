"""A mail server on this machine that does what a test tells it to, and keeps what it took.

It speaks as much SMTP (RFC 5321) as our way out needs, over plain sockets, so that it can also be silent, refuse or
go away at any point of the conversation.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

CERTIFICATES = Path(__file__).parent / "certificates"

GO_AWAY = "go away"
KEEP_SILENT = "keep silent"


class Taken(NamedTuple):
    """A mail the server took: envelope and bytes as they came over the wire."""

    sender: str
    to: str
    content: bytes


class SmtpServer:
    """Answers on a free port of this machine.

    ``answer(command, argument)`` is asked at ``CONNECT``, ``EHLO``, ``MAIL``, ``RCPT``, ``DATA`` and ``DONE`` (after
    the mail's last byte): a line like ``450 later``, GO_AWAY, KEEP_SILENT, or None for what is usual.
    ``tls`` is ``starttls`` or ``from the start``, with a certificate nobody knows.
    """

    def __init__(
        self, answer: Callable[[str, str], str | None] = lambda _command, _argument: None, *, tls: str = ""
    ) -> None:
        self.answer = answer
        self.tls = tls
        self.taken: list[Taken] = []
        self.connections = 0
        self.commands: Counter[str] = Counter()
        self._stopped = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def message_ids(self) -> Counter[str]:
        """Count how often each Message-ID was taken."""
        found: Counter[str] = Counter()
        for mail in self.taken:
            header, _empty, _body = mail.content.partition(b"\r\n\r\n")
            found.update(line[12:].decode() for line in header.split(b"\r\n") if line.startswith(b"Message-ID: "))
        return found

    def stop(self) -> None:
        """End all conversations."""
        self._stopped.set()
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for a connection
        for thread in self._threads:
            thread.join(5)
        self._listening.close()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _address = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.tls == "from the start":
                connection = _secured(connection)
            self._talk(connection)
        except OSError:
            pass  # the other side has gone, killed by the test perhaps
        finally:
            connection.close()

    def _talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            if self._say(connection, "CONNECT", "", "220 here I am"):
                self._converse(connection, lines)

    def _converse(self, connection: socket.socket, lines: BinaryIO) -> None:
        sender = to = ""
        while line := lines.readline().decode():
            command, _space, argument = line.strip().partition(" ")
            command = command.upper()
            self.commands[command] += 1
            usual = "250 fine"
            if command == "EHLO":
                usual = "250-here\r\n250-SIZE 9999999" + (
                    "\r\n250 STARTTLS" if self.tls == "starttls" else "\r\n250 HELP"
                )
            elif command == "MAIL":
                sender = argument.split("<")[1].split(">")[0]
                argument = sender
            elif command == "RCPT":
                to = argument.split("<")[1].split(">")[0]
                argument = to
            elif command == "STARTTLS":
                connection.sendall(b"220 go on\r\n")
                with _secured(connection) as secured, secured.makefile("rb") as more:
                    self._converse(secured, more)
                return
            elif command == "DATA":
                argument = to
                usual = "354 go on"
            elif command == "QUIT":
                connection.sendall(b"221 goodbye\r\n")
                return
            said = self._say(connection, command, argument, usual)
            if not said:
                return
            if said.startswith("354"):
                content = self._read_mail(lines)
                if content is None:
                    return
                # Before the answer is on its way: a server answers for what it has.
                planned = self.answer("DONE", to)
                if planned is None or planned.startswith("250") or planned == GO_AWAY:
                    self.taken.append(Taken(sender, to, content))
                if not self._say(connection, "DONE", to, "250 taken", planned):
                    return

    def _read_mail(self, lines: BinaryIO) -> bytes | None:
        content = []
        while (line := lines.readline()) != b".\r\n":
            if not line:
                return None
            content.append(line[1:] if line.startswith(b".") else line)
        return b"".join(content)

    def _say(
        self, connection: socket.socket, command: str, argument: str, usual: str, planned: str | None = None
    ) -> str:
        said = planned or (self.answer(command, argument) if command != "DONE" else None) or usual
        if said == GO_AWAY:
            return ""
        if said == KEEP_SILENT:
            self._stopped.wait(10)
            return ""
        connection.sendall(f"{said}\r\n".encode())
        return "" if said.startswith("421") else said


def _secured(connection: socket.socket) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "certificate.pem", CERTIFICATES / "key.pem")
    return context.wrap_socket(connection, server_side=True)


@contextmanager
def a_mail_server(
    answer: Callable[[str, str], str | None] = lambda _command, _argument: None, *, tls: str = ""
) -> Iterator[SmtpServer]:
    """Run a mail server for the block."""
    server = SmtpServer(answer, tls=tls)
    try:
        yield server
    finally:
        server.stop()
