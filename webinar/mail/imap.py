"""The way in: a mailbox on an IMAP server, looked through and left as it is (RFC 3501). Nothing else talks IMAP.

A person reads the same mailbox, so it is opened read-only (EXAMINE) and looked into by PEEK: nothing is marked as
read, moved or deleted. ``imaplib`` does it, with what it lacks: patience that ends, limits to what a server may send,
sign-in and folders in any letters. A larger package would bring its own idea of flags and of messages.
"""

from __future__ import annotations

import base64
import email.utils
import imaplib
import re
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webinar.mail.incoming import MOST_BYTES

MOST_SECONDS = 120
MOST_LINES = 100_000
"""After so many seconds or lines a conversation ends, however lively the server is."""

_CODE = re.compile(r"\[([A-Z-]+)\]")
_UID = re.compile(rb"\bUID (\d+)\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)\b")


class MailboxTrouble(Exception):
    """The mailbox cannot be read now. Says why, without a word of any message and without the password."""


@dataclass(frozen=True)
class Account:
    """A folder of somebody's mailbox and the way to it; ``seconds`` are those to wait for each answer."""

    server: str
    port: int
    username: str
    password: str = field(repr=False)
    use_ssl: bool
    folder: str
    seconds: float = 15

    @property
    def name(self) -> str:
        """What tells this mailbox from every other one."""
        return f"{self.username} {self.server} {self.folder}"


class OpenMailbox:
    """A folder while it is open. Messages are known by UID, which only grows as long as ``uid_validity`` is the same.

    All methods raise MailboxTrouble.
    """

    def __init__(self, connection: imaplib.IMAP4, folder: str) -> None:
        self._connection = connection
        with _trouble("opening the folder"):
            status, said = connection.select(_quoted(folder), readonly=True)
            if status != "OK":
                raise MailboxTrouble(f"the folder {folder} cannot be opened{_code(said)}")
            [validity] = connection.response("UIDVALIDITY")[1]
            if not validity:
                raise MailboxTrouble("the server does not number its messages for good (no UIDVALIDITY)")
            self.uid_validity = int(validity)

    def uids(self, *, after: int, since: datetime) -> list[int]:
        """Return the UIDs behind one of what came in on the day of ``since`` or later, in their order."""
        day = "-".join(email.utils.format_datetime(since).split()[1:4])
        found = self._ask("SEARCH", f"UID {after + 1}:*", "SINCE", day)
        with _trouble("reading"):
            uids = {int(word) for line in found if isinstance(line, bytes) for word in line.split()}
        # "7:*" has the last message in it even where that is the fifth (RFC 3501, 6.4.8).
        return sorted(uid for uid in uids if uid > after)

    def sizes(self, uids: Iterable[int]) -> dict[int, int]:
        """Return how many bytes messages have; those that are gone by now are missing."""
        sizes = {}
        for line in self._ask("FETCH", ",".join(map(str, uids)), "(RFC822.SIZE)"):
            # Others read this mailbox too, and the server tells between the lines what they do.
            if isinstance(line, bytes) and (uid := _UID.search(line)) and (size := _SIZE.search(line)):
                sizes[int(uid[1])] = int(size[1])
        return sizes

    def content(self, uid: int) -> bytes | None:
        """Return the bytes of a message, of a larger one no more than MOST_BYTES and one; None if it is gone by now."""
        for part in self._ask("FETCH", str(uid), f"(BODY.PEEK[]<0.{MOST_BYTES + 1}>)"):
            if isinstance(part, tuple) and b"BODY[]" in part[0]:
                return part[1]
        return None

    def _ask(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes] | None]:
        with _trouble("reading"):
            status, answer = self._connection.uid(command, *arguments)
            if status != "OK":
                raise MailboxTrouble(f"reading was refused{_code(answer)}")
            return answer


@contextmanager
def opened(account: Account) -> Iterator[OpenMailbox]:
    """Open a mailbox for the block.

    Raises:
        MailboxTrouble: no connection, no trust in the certificate, sign-in refused, no such folder.
    """
    connection = _connected(account)
    try:
        yield OpenMailbox(connection, account.folder)
        with suppress(MailboxTrouble), _trouble("ending"):
            connection.logout()
    finally:
        with suppress(OSError):
            connection.shutdown()


def _connected(account: Account) -> imaplib.IMAP4:
    with _trouble("connecting"):
        connection: imaplib.IMAP4
        if account.use_ssl:
            connection = _SecuredConversation(
                account.server, account.port, ssl_context=ssl.create_default_context(), timeout=account.seconds
            )
        else:
            connection = _Conversation(account.server, account.port, timeout=account.seconds)
    try:
        with _trouble("signing in"):
            # Not LOGIN, which knows ASCII only; every server has to take this (RFC 3501, 6.2.2 and 11.2).
            proof = f"\0{account.username}\0{account.password}".encode()
            connection.authenticate("PLAIN", lambda _challenge: proof)
    except MailboxTrouble:
        with suppress(OSError):
            connection.shutdown()
        raise
    return connection


class _Conversation(imaplib.IMAP4):
    """A conversation that ends some time and in which nothing larger than a message is taken."""

    def open(self, *where: Any, **how: Any) -> None:
        """Connect, and let the time run."""
        self._ends_at = time.monotonic() + MOST_SECONDS
        self._lines = 0
        super().open(*where, **how)

    def readline(self) -> bytes:
        """Return the next line of the server, unless the time is over or there were too many."""
        self._lines += 1
        if self._lines > MOST_LINES:
            raise self.abort("too many lines")
        if time.monotonic() > self._ends_at:
            raise TimeoutError
        return super().readline()

    def read(self, size: int) -> bytes:
        """Return so many bytes of the server, unless that is more than a message may have."""
        if size > MOST_BYTES + 1:
            raise self.abort("more than was asked for")
        return super().read(size)


class _SecuredConversation(_Conversation, imaplib.IMAP4_SSL):
    pass


@contextmanager
def _trouble(doing: str) -> Iterator[None]:
    """Say what cannot be done and why, in words that no message and no person stands in.

    What ``imaplib`` says may hold lines of a message, so it is not repeated; the code in it is (RFC 5530). A server
    that talks nonsense brings about faults of every other kind in it.
    """
    try:
        yield
    except MailboxTrouble:
        raise
    except TimeoutError as error:
        raise MailboxTrouble(f"{doing}: the server takes too long to answer") from error
    except ssl.SSLCertVerificationError as error:
        raise MailboxTrouble(f"{doing}: the certificate is not trusted: {error.verify_message}") from error
    except OSError as error:
        raise MailboxTrouble(f"{doing}: {error.strerror or type(error).__name__}") from error
    except imaplib.IMAP4.abort as error:
        raise MailboxTrouble(f"{doing}: the server broke off or cannot be understood") from error
    except imaplib.IMAP4.error as error:
        raise MailboxTrouble(f"{doing}: the server refused{_code(error.args)}") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise MailboxTrouble(f"{doing}: the server cannot be understood ({type(error).__name__})") from error


def _code(said: Iterable[object]) -> str:
    """Return the code of a refusal, in parentheses, where the server gave one."""
    found = _CODE.search(" ".join(str(word) for word in said))
    return f" ({found[1]})" if found else ""


def _quoted(folder: str) -> str:
    """Return the name of a folder as it goes over the wire: quoted, other letters in modified UTF-7 (RFC 3501, 5.1.3).

    A backslash or a quotation mark stands behind a backslash.
    """
    ascii_only = re.sub(r"[^ -~]+", lambda found: f"&{_modified(found[0])}-", folder.replace("&", "&-"))
    return '"' + re.sub(r'(["\\])', r"\\\1", ascii_only) + '"'


def _modified(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",")
