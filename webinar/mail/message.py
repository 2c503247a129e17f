"""One mail as the bytes that leave: built by Flask-Mail, corrected where its messages break in real mail programs.

Parts, headers and encodings follow RFC 5322, 2045 to 2047, 3834 and, for the calendar part, RFC 6047.
"""

from __future__ import annotations

import email
import email.policy
import re
import secrets
from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime
from email.charset import Charset
from email.header import Header
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr, make_msgid, parseaddr
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

import flask_mail
import idna
from flask import current_app
from flask_babel import lazy_gettext as _l

from webinar.foundation.errors import DomainError

# Controls and lone surrogates have no business in a header, and CR or LF would begin a new one.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
# What may stand in a header without being encoded: no word too long for a line, nothing that looks encoded already.
_PLAIN = re.compile(r"(?!.*=\?)(?!.*\S{60})[\x20-\x7e]*")

_IN_BRACKETS = re.compile(r"[!-;=?-~]{1,900}")
LONGEST_LINE = 78
"""How many characters a line of a header should have at most, without its end (RFC 5322, 2.1.1)."""

# The older policy writes headers as they were encoded here; the newer one takes twice the time and folds long encoded
# words wrongly in some versions of Python.
_FOLDING = email.policy.Compat32(linesep="\r\n", max_line_length=LONGEST_LINE)

_UTF_8 = Charset("utf-8")

FILE_NAMES = {"REQUEST": "invite.ics", "CANCEL": "cancel.ics", "PUBLISH": "sessions.ics"}


class UnsafeHeader(ValueError):
    """A header was to be built of text that would break it."""


class UndeliverableAddress(DomainError):
    """An address that ordinary mail servers cannot be given."""


class Mailbox(NamedTuple):
    """A name, which may be empty, and an address, in ASCII."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The part of the address after the ``@``."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True)
class CalendarPart:
    """The calendar object that a mail carries: what it asks for, and its text in UTF-8.

    ``REQUEST`` and ``CANCEL`` are for calendars to act on, ``PUBLISH`` is for a person to import.
    ``organizer`` is the address that its entry is bound to, where that may be another than today's sender.
    """

    method: str
    content: bytes
    organizer: str | None = None


@dataclass(frozen=True)
class Unsubscribing:
    """How a mail to a list is stopped: the page that takes a POST, and where mail with a subject is understood, if so.

    ``subject`` is what that mail must be about.
    """

    url: str
    mailbox: str
    subject: str

    def headers(self) -> dict[str, str]:
        """Return what tells mail programs and providers, which show a button for it (RFC 2369, 3.2; RFC 8058, 3.1).

        ``Precedence`` is for the older programs that answer while somebody is on holiday: they leave mail to lists.

        Raises:
            UnsafeHeader: the address of the page would break out of its brackets.
        """
        ways = [self.url]
        if self.mailbox:
            ways.append(f"mailto:{quote(in_ascii(self.mailbox), safe='@+')}?subject={quote(self.subject)}")
        if not all(_IN_BRACKETS.fullmatch(way) for way in ways):
            raise UnsafeHeader("an address to unsubscribe may hold neither blanks nor brackets")
        return {
            # Each way on a line of its own, which is what folding may not do within one.
            "List-Unsubscribe": ",\r\n ".join(f"<{way}>" for way in ways),
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Precedence": "bulk",
        }


def sender() -> Mailbox:
    """Return who all mails come from: MAIL_DEFAULT_SENDER, by the network's name unless it has one of its own.

    Calendar entries must name the same address as their organizer (RFC 6047, 2.2.1).
    """
    return _sender(current_app.config["MAIL_DEFAULT_SENDER"], current_app.config["NETWORK_NAME"])


@lru_cache(maxsize=16)
def _sender(written: str, network: str) -> Mailbox:
    name, address = parseaddr(written)
    return Mailbox(name or network, in_ascii(address))


def in_ascii(address: str) -> str:
    """Return an address as every mail server takes it: the domain in its ASCII form (IDNA 2008).

    Raises:
        UndeliverableAddress: it is no address, or what stands before the ``@`` is not ASCII.
    """
    local, _at, domain = address.rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        ascii_domain = ""
    if not local or not ascii_domain or not local.isascii() or _UNSAFE.search(address) or " " in address:
        raise UndeliverableAddress(
            _l("Mail cannot be sent to %(address)s. Give an address in Latin letters.", address=address)
        )
    return f"{local}@{ascii_domain}"


def new_message_id(domain: str) -> str:
    """Return a Message-ID nobody else has, in angle brackets."""
    return make_msgid(domain=domain)


def build_message(
    *,
    subject: str,
    text: str,
    html: str,
    from_: Mailbox,
    to: Mailbox,
    date: datetime,
    message_id: str,
    calendar: CalendarPart | None = None,
    references: str | None = None,
    unsubscribing: Unsubscribing | None = None,
) -> bytes:
    """Return one mail to one person as bytes with CRLF, the way SMTP carries it.

    ``date`` is aware. Without ``html`` and calendar part it is one plain text. ``references`` is the Message-ID of the
    first mail of a calendar entry, for updates of it. ``unsubscribing`` makes it a mail to a list.

    Raises:
        UnsafeHeader: subject, a name, an address, a Message-ID or the way to unsubscribe holds a control character.
        UndeliverableAddress: an address is none that every mail server takes.
    """
    message = _Message(subject, text, html, from_, to, date, message_id)
    if calendar is not None:
        message.carry(calendar)
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    if references:
        message.extra_headers["References"] = _safe(references)
    if unsubscribing is not None:
        message.headers_as_written = unsubscribing.headers()
    return message.as_bytes()


class _Text(MIMEText):
    """A text part as base64: 8-bit text needs a server's consent, and long lines break (RFC 6047, 2.5)."""

    def __init__(self, content: bytes, content_type: str) -> None:
        MIMENonMultipart.__init__(self, "text", "plain")
        self.replace_header("Content-Type", content_type)
        self["Content-Transfer-Encoding"] = "base64"
        self.set_payload(encodebytes(content).decode("ascii"))


class _Message(flask_mail.Message):
    """Flask-Mail's message with our encodings and headers."""

    extra_headers: dict[str, str]
    charset: str

    def __init__(
        self, subject: str, text: str, html: str, from_: Mailbox, to: Mailbox, date: datetime, message_id: str
    ) -> None:
        # Flask-Mail's own beginning is left out on purpose: it asks the network for the name of this machine, for a
        # Message-ID that is not wanted, and so waits for a name server inside the caller's transaction.
        self.from_ = from_
        self.to = to
        self.written = date
        self.subject = _text_header("Subject", _safe(subject))
        self.sender = ("", in_ascii(from_.address))
        self.recipients = [("", in_ascii(to.address))]
        self.cc = []
        self.bcc = []
        self.reply_to = None
        self.body = text
        self.alts = {"html": html} if html else {}
        self.date = date.timestamp()
        self.msgId = _safe(message_id)
        self.charset = "utf-8"
        self.extra_headers = {}
        self.headers_as_written: dict[str, str] = {}
        self.attachments = []

    def carry(self, calendar: CalendarPart) -> None:
        """Add the calendar object twice, with the same bytes: some programs look at one place, some at the other.

        What is for a person to import is only attached: programs that act by themselves take one entry of several.
        """
        name = FILE_NAMES[calendar.method]
        if calendar.method != "PUBLISH":
            # After the HTML: of several alternatives programs take the last one they know (RFC 2046, 5.1.4).
            kind = f"calendar; charset=utf-8; method={calendar.method}; component=VEVENT"
            self.alts[kind] = calendar.content.decode()
        self.attach(name, f'application/ics; name="{name}"', calendar.content)

    def as_bytes(self) -> bytes:
        """Return the message with CRLF and every header folded."""
        as_written = "".join(f"{name}: {value}\r\n" for name, value in self.headers_as_written.items())
        return as_written.encode("ascii") + _written(self._message())

    def _message(self) -> MIMEBase:
        tree: Any = super()._message()
        tree.policy = _FOLDING  # Flask-Mail's decodes headers that are read, and takes line ends out of them
        if not self.attachments and tree.is_multipart():
            (alternative,) = tree.get_payload()
            for header, value in tree.items():
                if header not in {"Content-Type", "MIME-Version"}:
                    alternative[header] = value
            tree = alternative
        for part in tree.walk():
            del part["MIME-Version"]
        tree["MIME-Version"] = "1.0"
        tree.replace_header("From", _mailbox_header("From", self.from_))
        tree.replace_header("To", _mailbox_header("To", self.to))
        tree.replace_header("Date", format_datetime(self.written))
        message: MIMEBase = tree
        return message

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        if subtype.startswith("calendar;"):  # it brings its parameters, and its bytes are those of the attachment
            return _Text((text or "").encode(), f"text/{subtype}")
        return _Text(_with_crlf(text or "").encode(), f"text/{subtype}; charset=utf-8")


def _with_crlf(text: str) -> str:
    """Return text in the form that base64 must be made of (RFC 2045, 6.8)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def _safe(text: str) -> str:
    if _UNSAFE.search(text):
        raise UnsafeHeader("a header may not hold line breaks or control characters")
    return text


def _written(part: Any) -> bytes:
    """Return a part of a message and what is in it, with CRLF; what it carries is in base64 by now.

    The generators of the library copy a mail several times and look at each of its lines.
    """
    if not part.is_multipart():
        return _head(part) + part.get_payload().replace("\n", "\r\n").encode("ascii")  # type: ignore[no-any-return]
    boundary = f"=_{secrets.token_hex(12)}"  # "=_" is in no base64
    part.replace_header("Content-Type", f'{part.get_content_type()}; boundary="{boundary}"')
    edge = b"--" + boundary.encode("ascii")
    inner = [edge + b"\r\n" + _written(one) + b"\r\n" for one in part.get_payload()]
    return b"".join([_head(part), *inner, edge, b"--\r\n"])


def _head(part: Any) -> bytes:
    return b"".join(_header(name, value) for name, value in part.items()) + b"\r\n"


def _header(name: str, value: str) -> bytes:
    """Return a header with CRLF; what has line ends is folded already, for none comes here from outside."""
    if "\r\n " in value or len(name) + len(": ") + len(value) <= LONGEST_LINE:
        return f"{name}: {value}\r\n".encode("ascii")
    folded: bytes = _FOLDING.fold_binary(name, value)
    return folded


@lru_cache(maxsize=256)  # ten thousand people are told of one session
def _text_header(name: str, text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return Header(text, "utf-8", header_name=name).encode(linesep="\r\n", maxlinelen=LONGEST_LINE)


@lru_cache(maxsize=256)
def _mailbox_header(header_name: str, mailbox: Mailbox) -> str:
    name, address = _safe(mailbox.name), in_ascii(mailbox.address)
    if _PLAIN.fullmatch(name):
        return formataddr((name, address))
    word = _UTF_8.header_encode(name)
    if len(header_name) + len(": ") + len(word) + len(f" <{address}>") <= LONGEST_LINE - 2:
        return f"{word} <{address}>"
    # formataddr() would write a long name as one encoded word of any length; 75 characters are allowed (RFC 2047, 2).
    header = Header(name, "utf-8", header_name=header_name)
    header.append(f"<{address}>", "us-ascii")
    return header.encode(linesep="\r\n", maxlinelen=LONGEST_LINE)


@dataclass(frozen=True)
class OpenedMail:
    """What is inside a stored mail, to be shown as it looks."""

    subject: str
    from_: str
    to: str
    text: str
    html: str
    calendar: str
    headers: tuple[tuple[str, str], ...]


def open_message(content: bytes) -> OpenedMail:
    """Read a stored mail back into its parts; a part it does not have is empty."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    texts: dict[str, str] = {}
    for part in message.walk():
        if part.get_content_maintype() == "text" and isinstance(part, EmailMessage):
            texts.setdefault(part.get_content_subtype(), part.get_content())
        elif part.get_content_type() == "application/ics" and isinstance(part, EmailMessage):
            texts.setdefault("calendar", part.get_content().decode())
    return OpenedMail(
        subject=str(message["Subject"] or ""),
        from_=str(message["From"] or ""),
        to=str(message["To"] or ""),
        text=texts.get("plain", ""),
        html=texts.get("html", ""),
        calendar=texts.get("calendar", ""),
        headers=tuple((name, str(value)) for name, value in message.items()),
    )
