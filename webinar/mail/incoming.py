"""Mail that comes in: bytes from anybody, read into the few things that may matter, at a bounded cost.

It knows no webinar: it says who wrote, whether our own mail server vouches for that, whether a program or a person
wrote, which calendar object is in it, and which mails could not be delivered or were complained about (RFC 5322, 3464,
3834, 5965, 6047, 8601).
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message

from webinar.foundation.lines import one_line
from webinar.mail.answers import is_lasting, why_undelivered
from webinar.mail.models import Undelivered

MOST_BYTES = 1 << 20
MOST_BYTES_OF_CALENDAR = 64 * 1024
MOST_PARTS = 20
# A mail of MOST_BYTES has 14,000 lines in base64. The standard library asks for each line whether it ends each of the
# parts around it, so many short lines within many parts would cost minutes.
MOST_LINES = 40_000
MOST_OF_A_HEADER = 2_000
MOST_RESULTS = 10
MOST_OF_A_TEXT = 16_000

# Whom a message was handed to, by the names that mail servers write it under; most telling first. To is what the report
# itself says: servers that add none of the others leave it alone.
RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To")

CALENDAR_TYPES = ("text/calendar", "application/ics")
_PART_BEGINS = re.compile(rb"(?:^|[\r\n])content-type[ \t]*:", re.IGNORECASE)
_ADDRESS = r"[^\s@<>()\[\]\",;:\\]{1,64}@[A-Za-z0-9.-]{1,253}"
_FROM = re.compile(rf"(?:[^<>]*<\s*({_ADDRESS})\s*>|\s*({_ADDRESS})\s*)")
_COMMENT = re.compile(r"\([^()]*\)")
_POSTMASTERS = ("mailer-daemon@", "postmaster@")
_DELAY = re.compile(r"\b(?:delay|warning)", re.IGNORECASE)
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

    What the report does not say is empty. ``address`` is where it ended, ``original_address`` where it was sent.
    ``is_lasting`` tells what makes no sense to try again; ``undelivered`` what that says about the address.
    """

    message_id: str
    address: str
    original_address: str
    is_lasting: bool
    undelivered: Undelivered
    said: str


@dataclass(frozen=True)
class Complaint:
    """That somebody called a mail of ours unwanted (RFC 5965): its Message-ID and its envelope sender, as reported."""

    message_id: str
    mail_from: str


@dataclass(frozen=True)
class Incoming:
    """One message from outside.

    ``sender`` is the address after From, in lower case, empty unless there is exactly one; ``is_vouched_for`` says
    that our own mail server found it to be true. ``is_automatic`` says that no person wrote it. ``recipients`` are the
    headers in which mail servers write whom it was handed to. ``failures`` may lack both Message-ID and address: such
    a one means something only where it came to the envelope of one mail.
    """

    sender: str
    subject: str
    recipients: tuple[str, ...]
    is_vouched_for: bool
    is_automatic: bool
    is_report: bool
    calendar: CalendarText | None
    failures: tuple[Failure, ...]
    complaint: Complaint | None


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
    report_type = str(message.get_param("report-type", "")).lower() if is_report else ""
    return Incoming(
        sender=sender,
        subject=_header(message, "Subject"),
        recipients=tuple(_recipients(message)),
        is_vouched_for=bool(sender and authserv_id) and _is_vouched_for(message, sender, authserv_id.lower()),
        is_automatic=_is_automatic(message),
        is_report=is_report,
        calendar=_calendar(parts),
        failures=tuple(_failures(message, parts, report_type)),
        complaint=_complaint(parts) if report_type == "feedback-report" else None,
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


def _recipients(message: Message) -> Iterator[str]:
    for name in RECIPIENT_HEADERS:
        for value in message.get_all(name, [])[:MOST_RESULTS]:
            yield one_line(str(value)[:MOST_OF_A_HEADER])


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


def _failures(message: Message, parts: list[Message], report_type: str) -> Iterator[Failure]:
    """Yield what a report says could not be delivered; where no part of it says so to programs, what its words say."""
    if report_type not in {"", "delivery-status"}:
        return
    message_id = next(filter(None, map(_returned_message_id, parts)), "")
    blocks = [block for part in parts for block in _status_blocks(part)]
    for block in blocks:
        if _header(block, "Action").lower() == "failed":
            status = _header(block, "Status")
            said = _header(block, "Diagnostic-Code").partition(";")[2].strip() or status
            yield Failure(
                message_id=message_id,
                address=_typed(block, "Final-Recipient"),
                original_address=_typed(block, "Original-Recipient"),
                is_lasting=not status.startswith("4"),
                undelivered=why_undelivered(said, status),
                said=said[:500],
            )
    if not any(_header(block, "Action") for block in blocks) and (report_type or _is_from_a_postmaster(message)):
        said = _words(parts)
        yield Failure(
            message_id=message_id,
            address="",
            original_address="",
            is_lasting=is_lasting(said),
            undelivered=why_undelivered(said),
            said=_telling_line(said)[:500],
        )


def _status_blocks(part: Message) -> list[Message]:
    blocks = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
    if not isinstance(blocks, list):
        return []
    return [block for block in blocks[:MOST_PARTS] if isinstance(block, Message)]


def _typed(block: Message, name: str) -> str:
    """Return an address that stands behind its type: ``rfc822; ana@lisbon.example``."""
    return _header(block, name).partition(";")[2].strip().strip("<>").lower()


def _is_from_a_postmaster(message: Message) -> bool:
    """Tell whether a mail server wrote to say that it failed, in words.

    An answer while somebody is on holiday has an empty return path too (RFC 3834, 3.3), but comes from their address;
    and a mail server also says when something only takes longer.
    """
    return (
        _header(message, "Return-Path").replace(" ", "") == "<>"
        and (_sender(message).startswith(_POSTMASTERS) or _header(message, "X-Failed-Recipients") != "")
        and not _DELAY.search(_header(message, "Subject"))
    )


def _words(parts: list[Message]) -> str:
    """Return the beginning of the first text; what the mail was that came back stands further down, if at all."""
    for part in parts:
        content = part.get_payload(decode=True) if part.get_content_type() == "text/plain" else None
        if isinstance(content, bytes):
            return content[:MOST_OF_A_TEXT].decode("utf-8", "replace")
    return ""


def _telling_line(said: str) -> str:
    """Return the line of a text that has a code in it, or the first one."""
    lines = [one_line(line) for line in said.splitlines() if line.strip()]
    return next((line for line in lines if re.search(r"\b[45]\d\d\b|\b[45]\.\d+\.\d+\b", line)), (lines or [""])[0])


def _complaint(parts: list[Message]) -> Complaint | None:
    """Return what a report of abuse is about; reports that somebody wanted a mail after all, and the like, are none."""
    for part in parts:
        payload = part.get_payload() if part.get_content_type() == "message/feedback-report" else None
        told = payload[0] if isinstance(payload, list) and payload else None
        if isinstance(told, Message) and _header(told, "Feedback-Type").lower() == "abuse":
            message_id = next(filter(None, map(_returned_message_id, parts)), "")
            return Complaint(message_id, _header(told, "Original-Mail-From"))
    return None


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
