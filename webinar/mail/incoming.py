"""Mail that comes in: bytes from anybody, read into the few things that may matter, at a bounded cost.

It knows no webinar: it says who wrote, whether our own mail server vouches for that, whether a program or a person
wrote, which calendar object is in it, and which mails could not be delivered (RFC 5322, 3464, 3834, 6047, 8601).
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message

from webinar.foundation.lines import one_line

MOST_BYTES = 1 << 20
MOST_BYTES_OF_CALENDAR = 64 * 1024
MOST_PARTS = 20
# A mail of MOST_BYTES has 14,000 lines in base64. The standard library asks for each line whether it ends each of the
# parts around it, so many short lines within many parts would cost minutes.
MOST_LINES = 40_000
MOST_OF_A_HEADER = 2_000
MOST_RESULTS = 10

CALENDAR_TYPES = ("text/calendar", "application/ics")
_PART_BEGINS = re.compile(rb"(?:^|[\r\n])content-type[ \t]*:", re.IGNORECASE)
_ADDRESS = r"[^\s@<>()\[\]\",;:\\]{1,64}@[A-Za-z0-9.-]{1,253}"
_FROM = re.compile(rf"(?:[^<>]*<\s*({_ADDRESS})\s*>|\s*({_ADDRESS})\s*)")
_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


class Unreadable(ValueError):
    """A message is none that a mail program would send: too large, too many parts, or broken. Says which."""


@dataclass(frozen=True)
class CalendarText:
    """The calendar object of a mail, not read yet, and the METHOD that stands in the part's type, if one does."""

    method: str
    text: str


@dataclass(frozen=True)
class Failure:
    """One mail of ours that could not be delivered: its Message-ID, whom it was for, and what was said.

    ``is_lasting`` tells an address that does not work from one that did not for the time being (RFC 3463, 2).
    """

    message_id: str
    address: str
    is_lasting: bool
    said: str


@dataclass(frozen=True)
class Incoming:
    """One message from outside.

    ``sender`` is the address after From, in lower case, empty unless there is exactly one; ``is_vouched_for`` says
    that our own mail server found it to be true. ``is_automatic`` says that no person wrote it.
    """

    sender: str
    is_vouched_for: bool
    is_automatic: bool
    is_report: bool
    calendar: CalendarText | None
    failures: tuple[Failure, ...]


def read_incoming(content: bytes, authserv_id: str) -> Incoming:
    """Read a message; ``authserv_id`` is the name under which our own mail server writes what it found out.

    Without a name nobody is vouched for: what a message says of itself proves nothing (RFC 8601, 7.1).

    Raises:
        Unreadable: it is too large, has too many parts or lines, or cannot be taken apart.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable("it is larger than a megabyte")
    if len(_PART_BEGINS.findall(content)) > 2 * MOST_PARTS:
        raise Unreadable(f"it has more than {MOST_PARTS} parts")
    if content.count(b"\n") + content.count(b"\r") > 2 * MOST_LINES:
        raise Unreadable("it has too many lines")
    try:
        return _read(email.message_from_bytes(content, policy=email.policy.compat32), authserv_id)
    except Unreadable:
        raise
    # Strangers write this, and Python's parser leaves more than its own errors to them: whatever they bring about, a
    # mail server must not keep the message and try again.
    except Exception as fault:
        raise Unreadable(f"it cannot be taken apart ({type(fault).__name__})") from fault


def _read(message: Message, authserv_id: str) -> Incoming:
    parts = list(_own_parts(message))
    if len(parts) > MOST_PARTS:
        raise Unreadable(f"it has more than {MOST_PARTS} parts")
    sender = _sender(message)
    is_report = message.get_content_type() == "multipart/report"
    return Incoming(
        sender=sender,
        is_vouched_for=bool(sender and authserv_id) and _is_vouched_for(message, sender, authserv_id.lower()),
        is_automatic=_is_automatic(message),
        is_report=is_report,
        calendar=_calendar(parts),
        failures=tuple(_failures(parts)) if is_report else (),
    )


def _own_parts(message: Message) -> Iterator[Message]:
    """Yield the message and its parts, but not what is inside of a message that it carries."""
    yield message
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _own_parts(part)


def _header(message: Message, name: str) -> str:
    return one_line(str(message.get(name, ""))[:MOST_OF_A_HEADER])


def _sender(message: Message) -> str:
    given = message.get_all("From", [])
    found = _FROM.fullmatch(_header(message, "From")) if len(given) == 1 else None
    return (found[1] or found[2]).lower() if found else ""


def _is_automatic(message: Message) -> bool:
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in {"", "no"}
        or _header(message, "Precedence").lower() in {"bulk", "junk", "list", "auto_reply"}
        or _header(message, "Return-Path").replace(" ", "") == "<>"
    )


def _is_vouched_for(message: Message, sender: str, authserv_id: str) -> bool:
    """Tell whether our mail server says DMARC, or DKIM for the sender's own domain, has passed (RFC 8601, 2)."""
    domain = sender.rpartition("@")[2]
    for header in message.get_all("Authentication-Results", [])[:MOST_RESULTS]:
        server, *results = _without_asides(one_line(str(header)[:MOST_OF_A_HEADER])).lower().split(";")
        if server.split()[:1] != [authserv_id]:
            continue
        for result in results:
            verdict, *rest = re.sub(r"\s*=\s*", "=", result).split() or [""]
            about = dict(word.split("=", 1) for word in rest if "=" in word)
            if verdict == "dmarc=pass" and about.get("header.from") == domain:
                return True
            signed_for = about.get("header.d") or about.get("header.i", "").rpartition("@")[2]
            if verdict == "dkim=pass" and _is_aligned(signed_for, domain):
                return True
    return False


def _without_asides(text: str) -> str:
    """Return a header without what was quoted and without comments, in which anything may stand."""
    text = _QUOTED.sub("", text)
    while (shorter := _COMMENT.sub("", text)) != text:
        text = shorter
    return text


def _is_aligned(signed_for: str, domain: str) -> bool:
    return "." in signed_for and (domain == signed_for or domain.endswith("." + signed_for))


def _calendar(parts: Iterable[Message]) -> CalendarText | None:
    """Return the first calendar object: the one to act on, else the one that is only attached. Types decide, no names.

    Raises:
        Unreadable: it is too large.
    """
    found = sorted(
        (part for part in parts if part.get_content_type() in CALENDAR_TYPES),
        key=lambda part: CALENDAR_TYPES.index(part.get_content_type()),
    )
    if not found:
        return None
    content = found[0].get_payload(decode=True)
    if not isinstance(content, bytes):
        raise Unreadable("its calendar part is none")
    if len(content) > MOST_BYTES_OF_CALENDAR:
        raise Unreadable("its calendar part is larger than 64 KB")
    method = found[0].get_param("method", "")
    # Whatever charset is claimed: calendar objects are UTF-8 (RFC 5545, 6), and what decides in them is ASCII.
    return CalendarText(method.upper() if isinstance(method, str) else "", content.decode("utf-8", "replace"))


def _failures(parts: list[Message]) -> Iterator[Failure]:
    message_id = next(filter(None, map(_returned_message_id, parts)), "")
    for part in parts:
        blocks = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
        if not message_id or not isinstance(blocks, list):
            continue
        for block in blocks[:MOST_PARTS]:
            if isinstance(block, Message) and _header(block, "Action").lower() == "failed":
                said = _header(block, "Diagnostic-Code").partition(";")[2].strip() or _header(block, "Status")
                yield Failure(
                    message_id=message_id,
                    address=_header(block, "Final-Recipient").partition(";")[2].strip().lower(),
                    is_lasting=not _header(block, "Status").startswith("4"),
                    said=said[:500],
                )


def _returned_message_id(part: Message) -> str:
    """Return the Message-ID of the mail that a report gives back, whole or its headers alone (RFC 3462, 2)."""
    payload = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and isinstance(payload[0], Message):
        return _header(payload[0], "Message-ID")
    if part.get_content_type() == "text/rfc822-headers":
        headers = part.get_payload(decode=True)
        if isinstance(headers, bytes):
            return _header(email.message_from_bytes(headers, policy=email.policy.compat32), "Message-ID")
    return ""
