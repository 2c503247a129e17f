"""Content lines, as an iCalendar object is made of them (RFC 5545, 3.1 to 3.3; RFC 6868).

The icalendar package writes values and parameters; put together and folded they are here. Each person has their own
object, and all of ten thousand are written anew when a session moves: by the package's components it takes some five
times as long, most of it for sorting, looking up types and folding what is not ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from icalendar import Parameters, vText

LONGEST = 75
"""How many octets a line may have, the line end aside."""
# RFC 5545, 3.1: no control characters but TAB; a line end is text of its own (3.3.11). Nor what turns round the text
# behind it (UAX 9), which calendars show beside other entries.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
_LINE_END = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def content_line(name: str, value: str, **parameters: str) -> str:
    """Return a property with its parameters on one line, which may be long yet.

    ``value`` is as its type writes it: see ``text`` and ``moment``; an address stands as it is.

    Raises:
        ValueError: the value would break the line.
    """
    if _UNFIT.search(value):
        raise ValueError(f"{name} would break its line")
    if not parameters:
        return f"{name}:{value}"
    return f"{name};{_written(*parameters.items())}:{value}"


@lru_cache(maxsize=256)  # most are the same in the entries of one session
def _written(*parameters: tuple[str, str]) -> str:
    # libical takes a backslash in a parameter for the beginning of an escape, which RFC 6868 does not know.
    told = Parameters({parameter: _clean(words).replace("\\", "/") for parameter, words in parameters})
    return str(told.to_ical(sorted=False).decode())


def text(written: str) -> str:
    """Return text as the value of a property: cleaned, and escaped once (3.3.11)."""
    return str(vText(_clean(written)).to_ical().decode())


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


def _clean(written: str) -> str:
    return _CONTROL.sub("", _LINE_END.sub("\n", written))
