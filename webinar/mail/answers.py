"""What the answer of a mail server says about an address: nobody there, not for now, or nothing (RFC 3463, 5321)."""

from __future__ import annotations

import re

from webinar.mail.models import Undelivered

# No part of an address of the internet or of a version, which look alike.
_ENHANCED = re.compile(r"(?<![\w.])([245])\.(\d{1,3})\.(\d{1,3})(?![\w-]|\.\d)")
_PLAIN = re.compile(r"(?<![\w.-])([45]\d\d)(?![\w.])")

_ADDRESS, _MAILBOX, _NETWORK, _PROTOCOL = "1", "2", "4", "5"
_DISABLED, _FULL = "1", "2"
_UNKNOWN = "0"
# The address is right (5), or it is the sender's that is not (7, 8), or the server cannot be sent this mail (9).
_NOT_ABOUT_WHO_GETS_IT = {"5", "7", "8", "9"}
_MAYBE_NOBODY = {"550", "551", "553"}


def why_undelivered(said: str, status: str = "") -> Undelivered:
    """Return what a report says about the address; ``status`` is the code that it gives beside what was said, if any.

    What means two things, as 550 alone does, counts as what may pass: one such answer proves nothing, several do. So
    do the codes about the way (X.4.X), which servers give for domains that are gone, and 5.5.0, which some give for
    people who are.
    """
    found = _code(said, status)
    if found is None:
        plain = _PLAIN.search(said)
        may_pass = plain is None or plain[1].startswith("4") or plain[1] in _MAYBE_NOBODY
        return Undelivered.FOR_NOW if may_pass else Undelivered.OTHER
    kind, subject, detail = found.groups()
    if kind == "4":
        return Undelivered.FOR_NOW
    if kind != "5":
        return Undelivered.OTHER
    if (subject == _ADDRESS and detail not in _NOT_ABOUT_WHO_GETS_IT) or (subject, detail) == (_MAILBOX, _DISABLED):
        return Undelivered.NO_MAILBOX
    may_pass = subject in {_NETWORK, _UNKNOWN} or (subject, detail) in {(_MAILBOX, _FULL), (_PROTOCOL, _UNKNOWN)}
    return Undelivered.FOR_NOW if may_pass else Undelivered.OTHER


def why_refused(said: str) -> Undelivered:
    """Return what the server that we hand mails to says about the address when it does not take one.

    It may be our own server speaking of itself, and saying so to every mail: only a code about an address, a mailbox
    or the way there counts, or a bad day of it would stop everybody's mail.
    """
    found = _code(said)
    if found is None or found[2] not in {_ADDRESS, _MAILBOX, _NETWORK}:
        return Undelivered.OTHER
    return why_undelivered(said)


def is_lasting(said: str) -> bool:
    """Tell whether the words of a report say that trying again makes no sense."""
    found = _code(said) or _PLAIN.search(said)
    return found is not None and found[1].startswith("5")


def _code(said: str, status: str = "") -> re.Match[str] | None:
    found = _ENHANCED.match(status.strip())
    if found is None or found[2] == _UNKNOWN:
        # Some servers report 5.0.0 for everything and have the code that counts in their words.
        found = _ENHANCED.search(said) or found
    return found
