"""Content lines, as an iCalendar object is made of them (RFC 5545, 3.1 to 3.3; RFC 6868).

Written by hand, because each person has their own and all of ten thousand are written anew when a session moves: the
icalendar package takes more than ten times as long, most of it for folding what is not ASCII. It reads them in the
tests, beside two others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

LONGEST = 75
"""How many octets a line may have, the line end aside."""
# RFC 5545, 3.1: no control characters but TAB; a line end is text of its own (3.3.11). Nor what turns round the text
# behind it (UAX 9), which calendars show beside other entries.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
_LINE_END = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# RFC 6868; and libical takes a backslash in a parameter for the beginning of an escape, which the RFC does not know.
_IN_PARAMETERS = str.maketrans({"^": "^^", '"': "^'", "\n": "^n", "\\": "/"})
_BARE = re.compile(r"[A-Za-z0-9-]+")


def content_line(name: str, value: str, **parameters: str) -> str:
    """Return a property with its parameters on one line, which may be long yet.

    ``value`` is as its type writes it: see ``text`` and ``moment``; an address stands as it is.

    Raises:
        ValueError: the value would break the line.
    """
    if _UNFIT.search(value):
        raise ValueError(f"{name} would break its line")
    given = "".join(f";{parameter}={_parameter(told)}" for parameter, told in parameters.items())
    return f"{name}{given}:{value}"


def text(written: str) -> str:
    """Return text as the value of a property: cleaned, and escaped once (3.3.11)."""
    cleaned = _clean(written).replace("\\", r"\\")
    return cleaned.replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")


def moment(when: datetime) -> str:
    """Return a moment in UTC, to the second (3.3.5).

    Raises:
        ValueError: it is not in UTC, so that a reader would need the definition of its zone.
    """
    if when.utcoffset() != timedelta(0):
        raise ValueError(f"a calendar's time must be in UTC: {when!r}")
    return f"{when:%Y%m%dT%H%M%SZ}"


def in_octets(lines: Iterable[str]) -> bytes:
    """Return lines in UTF-8, each ended by CRLF and folded where it is too long, never within a character."""
    return b"".join(_folded(line.encode()) for line in lines)


def _folded(line: bytes) -> bytes:
    pieces = []
    begin, room = 0, LONGEST
    while len(line) - begin > room:
        end = begin + room
        while line[end] & 0xC0 == 0x80:  # in the middle of a character
            end -= 1
        pieces.append(line[begin:end])
        begin, room = end, LONGEST - 1  # the blank at the beginning counts
    pieces.append(line[begin:])
    return b"\r\n ".join(pieces) + b"\r\n"


def _parameter(told: str) -> str:
    cleaned = _clean(told)
    return cleaned if _BARE.fullmatch(cleaned) else f'"{cleaned.translate(_IN_PARAMETERS)}"'


def _clean(written: str) -> str:
    return _CONTROL.sub("", _LINE_END.sub("\n", written))
