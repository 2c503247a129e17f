"""A name server on this machine that answers what a test tells it to, over UDP (RFC 1035)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset


class NameServer:
    """Answers for TXT with ``records`` by name; of a name that is not there it says so.

    While ``is_silent`` it hears and says nothing; ``fails`` makes it answer that something is wrong with it.
    """

    def __init__(self, records: Mapping[str, Sequence[str]]) -> None:
        self.records = dict(records)
        self.is_silent = False
        self.fails = False
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.port: int = self._socket.getsockname()[1]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._stopped.set()
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while not self._stopped.is_set():
            try:
                asked, address = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            query = dns.message.from_wire(asked)
            name = query.question[0].name.to_text(omit_final_dot=True).lower()
            self.asked.append(name)
            if not self.is_silent:
                self._socket.sendto(self._answer(query, name).to_wire(), address)

    def _answer(self, query: dns.message.Message, name: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if self.fails:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self.records:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif self.records[name]:
            texts = [" ".join(f'"{part}"' for part in _parts(text)) for text in self.records[name]]
            answer.answer.append(dns.rrset.from_text_list(query.question[0].name, 60, "IN", "TXT", texts))
        return answer


def _parts(text: str) -> list[str]:
    """Return a text as the strings of a record, of which none is longer than 255 octets."""
    return [text[start : start + 200] for start in range(0, len(text), 200)] or [""]


@contextmanager
def a_name_server(records: Mapping[str, Sequence[str]]) -> Iterator[NameServer]:
    """Run a name server for the block; it is the one that this process asks."""
    server = NameServer(records)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = server.port
    before, dns.resolver.default_resolver = dns.resolver.default_resolver, resolver
    try:
        yield server
    finally:
        dns.resolver.default_resolver = before
        server.stop()
