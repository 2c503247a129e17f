"""The other side: mailboxes that take our mails in the order of sending, and calendars that do what these ask for.

A calendar is as RFC 5546 describes one: it knows an entry by its UID, orders what it hears of it by SEQUENCE, then
DTSTAMP (2.1.5), puts in what a REQUEST says (3.2.2) and takes out what a CANCEL names (3.2.5).
"""

from __future__ import annotations

import email
import email.policy
from collections import defaultdict
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from types import TracebackType
from typing import Self

from tests.calendars.reading import Understood, understood
from tests.mailbox import calendar_parts
from webinar.mail.transport import Letter, Refused

STRICT = email.policy.strict.clone(raise_on_defect=True)


class WorkerDied(BaseException):
    """The worker is gone in the middle of its work, and no ``except`` of its own keeps it."""


class Told:
    """What all mails so far have said of one entry, by which later ones are judged."""

    def __init__(self) -> None:
        self.first: EmailMessage | None = None
        self.versions: dict[tuple[int, datetime], bytes] = {}
        self.events: list[Understood] = []

    def note(self, mail: EmailMessage, part: bytes, event: Understood) -> None:
        """Check what one more mail says against all before it."""
        version = (event.sequence, event.stamped)
        same = self.versions.setdefault(version, part)
        assert same == part, f"two contents of one version: {version}"
        if self.first is None or self.first["Message-ID"] == mail["Message-ID"]:
            self.first = mail
            assert mail["References"] is None
        else:
            assert mail["References"] == self.first["Message-ID"]
        if self.events:
            before = self.events[-1]
            assert event.organizer == before.organizer
            assert event.attendees == before.attendees
            assert event.stamped >= before.stamped, "DTSTAMP steps back"
            assert event.sequence >= before.sequence, "SEQUENCE steps back"
            is_other = (event.starts, event.ends, event.status) != (before.starts, before.ends, before.status)
            assert event.sequence > before.sequence or not is_other, "SEQUENCE has not risen"
            if event.sequence == before.sequence and event.method == "REQUEST" and before.answers != ("NEEDS-ACTION",):
                assert event.answers != ("NEEDS-ACTION",), "a known answer was taken back"
        self.events.append(event)

    def note_imported(self, mail: EmailMessage, content: bytes, event: Understood) -> None:
        """Note that an entry came among others, in a file, before any mail of its own."""
        self.first = self.first or mail
        self.versions[event.sequence, event.stamped] = content


class Post:
    """A mail server that brings each mail to its mailbox, and the calendars behind these.

    ``refuses`` are addresses for which it takes nothing for now; ``dies_after`` lets the worker die when the server
    has taken so many mails more, before it has written that down. ``faults`` are what is wrong with mails: delivery
    itself survives whatever happens to one.
    """

    def __init__(self) -> None:
        self.faults: list[Exception] = []
        self.refuses: set[str] = set()
        self.dies_after: int | None = None
        self.calendars: dict[str, dict[str, Understood]] = defaultdict(dict)
        self.mails: dict[str, list[EmailMessage]] = defaultdict(list)
        self.told: dict[str, Told] = defaultdict(Told)
        self._versions: dict[tuple[str, str], tuple[int, datetime]] = {}

    def send(self, letter: Letter) -> str:
        """Take a mail for its one recipient."""
        if letter.to in self.refuses:
            raise Refused(450, "later, please")
        try:
            self._take(letter)
        except Exception as fault:
            self.faults.append(fault)
            raise
        if self.dies_after is not None:
            self.dies_after -= 1
            if self.dies_after < 0:
                self.dies_after = None
                raise WorkerDied
        return "250 taken"

    def check(self) -> None:
        """Raise what was wrong with the first faulty mail, if any was."""
        for fault in self.faults:
            raise fault

    def _take(self, letter: Letter) -> None:
        mail = email.message_from_bytes(letter.content, policy=STRICT)
        assert isinstance(mail, EmailMessage)
        assert parseaddr(mail["To"])[1] == letter.to
        if not any(known["Message-ID"] == mail["Message-ID"] for known in self.mails[letter.to]):
            self.mails[letter.to].append(mail)
        if any(part.get_filename() == "sessions.ics" for part in mail.walk()):
            self._import(letter.to, mail)
        else:
            for event in self._entries(letter, mail):
                self._receive(letter.to, event)

    def _import(self, address: str, mail: EmailMessage) -> None:
        """Take in all entries of a file, as a person who imports it does."""
        (content,) = calendar_parts(mail)
        for event in understood(content):
            assert (event.method, event.attendees, event.status) == ("PUBLISH", (), "CONFIRMED")
            self.told[event.uid].note_imported(mail, content, event)
            self._receive(address, event)

    def _entries(self, letter: Letter, mail: EmailMessage) -> list[Understood]:
        """Return what a mail asks calendars to do, after a look at all that a calendar part must be."""
        parts = calendar_parts(mail)
        if not parts:
            return []
        part, copy = parts
        assert part == copy, "the two copies differ"
        assert part.endswith(b"\r\n")
        assert b"\n" not in part.replace(b"\r\n", b"")
        assert all(len(line) <= 75 for line in part.split(b"\r\n"))
        events = understood(part)
        (event,) = events
        calendar = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
        assert calendar.get_param("method") == event.method
        assert parseaddr(mail["From"])[1] == letter.sender == event.organizer
        assert event.attendees == (letter.to,)
        assert (event.method, event.status) in {("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")}
        assert event.alarms == (1 if event.method == "REQUEST" else 0)
        is_again = part in self.told[event.uid].versions.values()  # the worker had died: the same mail once more
        if not is_again:
            self.told[event.uid].note(mail, part, event)
        return events

    def _receive(self, address: str, event: Understood) -> None:
        version = (event.sequence, event.stamped)
        known = self._versions.get((address, event.uid))
        if known is not None and version < known:
            return
        self._versions[address, event.uid] = version
        if event.method != "CANCEL":
            self.calendars[address][event.uid] = event
        else:
            self.calendars[address].pop(event.uid, None)

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
