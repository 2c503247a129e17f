"""The conversation with an IMAP server: a real one, and some that break off, babble or never come to an end."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from tests.mail.imap_server import PASSWORD, ImapServer, Mailbox
from webinar.mail import imap
from webinar.mail.imap import Account, MailboxTrouble, opened
from webinar.mail.incoming import MOST_BYTES

LONG_AGO = datetime(2001, 2, 3, 23, 59, tzinfo=UTC)


def account(port: int, name: str = "webinars", password: str = PASSWORD, seconds: float = 5) -> Account:
    return Account("127.0.0.1", port, name, password, use_ssl=False, folder="INBOX", seconds=seconds)


@pytest.fixture
def mailbox(imap_server: ImapServer) -> Mailbox:
    return imap_server.mailbox()


# A real server.


def test_messages_are_found_by_number_and_day(imap_server: ImapServer, mailbox: Mailbox) -> None:
    for days in (0, 9, 3):
        mailbox.deliver(b"Subject: hello\r\n\r\nhello\r\n", age=timedelta(days=days))
    now = datetime.now(UTC)

    with opened(account(imap_server.port, mailbox.name)) as box:
        assert box.uids(after=0, since=LONG_AGO) == [1, 2, 3]
        assert box.uids(after=1, since=LONG_AGO) == [2, 3]
        assert box.uids(after=0, since=now - timedelta(days=5)) == [1, 3]
        assert box.uids(after=3, since=LONG_AGO) == []
        assert box.uids(after=2**32 - 2, since=LONG_AGO) == []
        assert box.sizes([1, 3]) == {1: 25, 3: 25}
        assert box.content(2) == b"Subject: hello\r\n\r\nhello\r\n"


def test_of_a_large_message_no_more_comes_than_can_be_used(imap_server: ImapServer, mailbox: Mailbox) -> None:
    mailbox.deliver(b"x" * (3 * MOST_BYTES))

    with opened(account(imap_server.port, mailbox.name)) as box:
        assert box.sizes([1]) == {1: 3 * MOST_BYTES}
        content = box.content(1)

    assert content is not None
    assert len(content) == MOST_BYTES + 1


def test_what_others_do_to_the_mailbox_meanwhile_does_no_harm(imap_server: ImapServer, mailbox: Mailbox) -> None:
    for number in range(4):
        mailbox.deliver(b"Subject: %d\r\n\r\n" % number)

    with opened(account(imap_server.port, mailbox.name)) as box:
        assert box.uids(after=0, since=LONG_AGO) == [1, 2, 3, 4]
        with mailbox.read_by_a_person() as person:
            person.store("1", "+FLAGS", "\\Seen \\Flagged")
            person.store("2", "+FLAGS", "\\Deleted")
            person.expunge()
        assert box.sizes([1, 3]) == {1: 14, 3: 14}
        assert box.content(1) == b"Subject: 0\r\n\r\n"
        assert box.content(2) is None
        assert box.content(3) == b"Subject: 2\r\n\r\n"
    assert mailbox.flags() == ["\\Flagged \\Seen", "", ""]


# Servers of every other kind.

USUAL = {
    "CAPABILITY": b"* CAPABILITY IMAP4REV1 AUTH=PLAIN\r\nTAG OK done\r\n",
    "AUTHENTICATE": b"+ \r\n",
    "(proof)": b"TAG OK done\r\n",
    "EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 5] fine\r\nTAG OK [READ-ONLY]\r\n",
    "UID SEARCH": b"* SEARCH 1\r\nTAG OK done\r\n",
    "UID FETCH 1 (RFC822.SIZE)": b"* 1 FETCH (UID 1 RFC822.SIZE 3)\r\nTAG OK done\r\n",
    "UID FETCH 1 (BODY": b"* 1 FETCH (UID 1 BODY[]<0> {3}\r\nabc)\r\nTAG OK done\r\n",
    "LOGOUT": b"* BYE\r\nTAG OK done\r\n",
}
SILENT = b"silent"
ENDLESS = b"endless"
ENDLESS_AND_SLOW = b"endless and slow"
GOES_AWAY = b"goes away"


class ScriptedServer:
    """Takes one conversation; what it answers begins like the commands in ``USUAL``, TAG being that of the command."""

    def __init__(self, otherwise: Mapping[str, bytes]) -> None:
        self.answers = {**otherwise, **{name: said for name, said in USUAL.items() if name not in otherwise}}
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        with suppress(OSError):  # the other side goes away in the middle
            connection, _address = self.listening.accept()
            with connection, connection.makefile("rb") as lines:
                tag = b""
                self._say(connection, self.answers.get("(greeting)", b"* OK here I am\r\n"), tag)
                for line in lines:
                    first, _space, command = line.strip().partition(b" ")
                    tag = first if command else tag
                    name = command.decode() or "(proof)"
                    said = next(said for begins, said in self.answers.items() if name.startswith(begins))
                    if said == GOES_AWAY:
                        return
                    self._say(connection, said, tag)

    def _say(self, connection: socket.socket, said: bytes, tag: bytes) -> None:
        while said == ENDLESS:
            connection.sendall(b"* OK still here\r\n" * 100)
        while said == ENDLESS_AND_SLOW:
            connection.sendall(b"* OK still here\r\n")
            time.sleep(0.02)
        if said != SILENT:
            connection.sendall(said.replace(b"TAG", tag))


@contextmanager
def a_server(otherwise: Mapping[str, bytes]) -> Iterator[int]:
    server = ScriptedServer(otherwise)
    try:
        yield server.port
    finally:
        server.listening.close()
        server.thread.join(10)
    assert not server.thread.is_alive()


def converse(port: int, seconds: float = 5) -> bytes | None:
    with opened(account(port, seconds=seconds)) as box:
        assert box.uids(after=0, since=LONG_AGO) in ([1], [])
        box.sizes([1])
        return box.content(1)


def test_a_scripted_server_that_does_what_is_usual_is_understood() -> None:
    with a_server({}) as port:
        assert converse(port) == b"abc"


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"(greeting)": b"\xff\xfeHTTP/1.1 400\r\n"}, "connecting: the server broke off or cannot be understood"),
        ({"(greeting)": b"* BYE not today\r\n"}, "connecting: the server refused"),
        ({"CAPABILITY": GOES_AWAY}, "connecting: the server broke off or cannot be understood"),
        (
            {"CAPABILITY": b"* CAPABILITY IMAP4REV1 \xff\r\nTAG OK done\r\n"},
            "connecting: the server cannot be understood (UnicodeDecodeError)",
        ),
        ({"AUTHENTICATE": b"TAG NO [UNAVAILABLE] later\r\n"}, "signing in: the server refused (UNAVAILABLE)"),
        ({"(proof)": b"TAG NO ana@lisbon.example\r\n"}, "signing in: the server refused"),
        ({"(proof)": GOES_AWAY}, "signing in: the server broke off or cannot be understood"),
        ({"EXAMINE": b"TAG NO [NOPERM] ana@lisbon.example\r\n"}, "the folder INBOX cannot be opened (NOPERM)"),
        ({"EXAMINE": b"TAG OK done\r\n"}, "the server does not number its messages for good (no UIDVALIDITY)"),
        (
            {"EXAMINE": b"* OK [UIDVALIDITY ana] x\r\nTAG OK done\r\n"},
            "opening the folder: the server cannot be understood (ValueError)",
        ),
        ({"UID SEARCH": b"TAG NO [SERVERBUG] ana@lisbon.example\r\n"}, "reading was refused (SERVERBUG)"),
        ({"UID SEARCH": b"TAG BAD ana@lisbon.example\r\n"}, "reading: the server refused"),
        ({"UID SEARCH": b"* SEARCH ana@lisbon.example\r\nTAG OK done\r\n"}, "reading: the server cannot be understood"),
        ({"UID FETCH": b"ana@lisbon.example\r\n"}, "reading: the server broke off or cannot be understood"),
        ({"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {3}\r\na"}, "reading: the server takes too long to answer"),
        (
            {"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\nabc"},
            "reading: the server broke off or cannot be understood",
        ),
        ({"UID FETCH": b"* 1 FETCH (" + b"a" * 1_100_000 + b"\r\n"}, "reading: the server refused"),
        ({"UID FETCH": SILENT}, "reading: the server takes too long to answer"),
        ({"(greeting)": SILENT}, "connecting: the server takes too long to answer"),
        ({"(greeting)": b"* OK her"}, "connecting: the server takes too long to answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_server_does_wrong_is_said_without_a_word_of_its_own(otherwise: dict[str, bytes], said: str) -> None:
    with a_server(otherwise) as port, pytest.raises(MailboxTrouble) as trouble:
        converse(port, seconds=0.5)

    assert str(trouble.value).startswith(said)
    assert "ana" not in str(trouble.value)
    assert PASSWORD not in str(trouble.value)


@pytest.mark.parametrize("step", ["(greeting)", "CAPABILITY", "EXAMINE", "UID SEARCH", "UID FETCH 1 (BODY"])
def test_a_server_that_never_comes_to_an_end_is_left(step: str) -> None:
    with a_server({step: ENDLESS}) as port, pytest.raises(MailboxTrouble, match="the server broke off or cannot be"):
        converse(port)


def test_a_server_that_takes_its_time_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "MOST_SECONDS", 0.3)

    with a_server({"UID SEARCH": ENDLESS_AND_SLOW}) as port, pytest.raises(MailboxTrouble, match="takes too long"):
        converse(port)


def test_a_goodbye_that_does_not_come_is_not_missed() -> None:
    for farewell in (SILENT, GOES_AWAY, b"TAG NO stay\r\n", b"\xff\r\n"):
        with a_server({"LOGOUT": farewell}) as port:
            assert converse(port, seconds=0.5) == b"abc"


def test_whatever_a_server_says_the_worst_that_comes_of_it_is_trouble() -> None:
    chance = random.Random(30)
    pieces = [
        *(said for said in USUAL.values()),
        b"* ",
        b"+ \r\n",
        b"{5}\r\n",
        b"(UID 1 BODY[] NIL)",
        b'"',
        b"\0",
        b"\xff",
    ]
    pieces += [
        b"\r\n",
        b"* 1 FETCH ",
        b"* SEARCH ",
        b"TAG OK done\r\n",
        b"* NO [ALERT x\r\n",
        b"[UIDVALIDITY 99999999999]",
    ]
    troubles = 0
    for _ in range(150):
        step = chance.choice(["(greeting)", *USUAL])
        said = b"".join(chance.choices(pieces, k=chance.randint(1, 6))) + b"\r\nTAG OK done\r\n"
        with a_server({step: said}) as port:
            try:
                converse(port, seconds=0.05)
            except MailboxTrouble:
                troubles += 1

    assert troubles > 50


def test_nobody_listening_and_no_such_name_are_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    for server in ("127.0.0.1", "a..b", "x" * 70):
        where = Account(server, port, "webinars", PASSWORD, use_ssl=False, folder="INBOX", seconds=0.5)
        with pytest.raises(MailboxTrouble, match=r"^connecting: "), opened(where):
            pass
