"""What somebody's calendar says about an entry of ours, read from the calendar object of a mail (RFC 5545, 5546).

Only what decides is read, and by hand: rules, zones and alarms of strangers are never worked out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from webinar.foundation.lines import one_line, several_lines
from webinar.mail.incoming import CalendarText

METHODS = {"REPLY", "COUNTER", "REFRESH"}
DEEPEST = 4
MOST_OF_A_COMMENT = 1_000
YEARS = range(1970, 2200)
HIGHEST_SEQUENCE = 2**31 - 1

_NAME = re.compile(r"[A-Za-z0-9-]+")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*')
_MOMENT = re.compile(r"(\d{8}T\d{6})(Z?)")


class NoReply(ValueError):
    """A calendar object that answers nothing of ours, or not as calendars do. Says why."""


@dataclass(frozen=True)
class Reply:
    """One person's answer to one entry.

    ``method`` is REPLY, COUNTER (asks for another time) or REFRESH (asks for the entry again). ``attendee`` and
    ``organizer`` are addresses in lower case, the second empty where Outlook leaves it out. ``stamped`` is aware, by
    the clock of who answers. ``starts_at`` and ``ends_at`` are what a COUNTER proposes, where that can be told.
    """

    method: str
    uid: str
    sequence: int
    stamped: datetime | None
    attendee: str
    organizer: str
    partstat: str
    comment: str
    starts_at: datetime | None
    ends_at: datetime | None
    repeats: bool


@dataclass(frozen=True)
class _Property:
    name: str
    parameters: dict[str, str]
    value: str


def read_reply(calendar: CalendarText) -> Reply:
    """Read an answer: one event about one person, under a METHOD that the part's type does not contradict.

    Raises:
        NoReply: it is something else.
    """
    method, event = _only_event(calendar.text)
    if method not in METHODS:
        raise NoReply("it is no answer to an invitation")
    if calendar.method and calendar.method != method:
        raise NoReply("its two methods contradict each other")
    attendees = [line for line in event if line.name == "ATTENDEE"]
    if len(attendees) != 1:
        raise NoReply("it does not speak for exactly one person")
    uid = _only(event, "UID")
    if uid is None or not uid.value.strip():
        raise NoReply("it names no entry")
    comment = _only(event, "COMMENT")
    starts, ends = _only(event, "DTSTART"), _only(event, "DTEND")
    stamped, organizer = _only(event, "DTSTAMP"), _only(event, "ORGANIZER")
    return Reply(
        method=method,
        uid=uid.value.strip().lower()[:200],
        sequence=_sequence(_only(event, "SEQUENCE")),
        stamped=_moment(stamped),
        attendee=_address(attendees[0]),
        organizer=_address(organizer) if organizer else "",
        partstat=attendees[0].parameters.get("PARTSTAT", "").upper(),
        comment=_text(comment.value)[:MOST_OF_A_COMMENT] if comment else "",
        starts_at=_moment(starts) if method == "COUNTER" else None,
        ends_at=_moment(ends) if method == "COUNTER" else None,
        repeats=any(line.name == "RECURRENCE-ID" for line in event),
    )


def _only_event(text: str) -> tuple[str, list[_Property]]:
    """Return METHOD and the properties of the one event of the one calendar."""
    within: list[str] = []
    methods: list[str] = []
    event: list[_Property] = []
    events = calendars = 0
    for line in _lines(text):
        if line.name == "BEGIN":
            within.append(line.value.strip().upper())
            calendars += within == ["VCALENDAR"]
            events += within == ["VCALENDAR", "VEVENT"]
            if len(within) > DEEPEST:
                raise NoReply("its parts are nested too deep")
        elif line.name == "END":
            if not within or within.pop() != line.value.strip().upper():
                raise NoReply("its parts do not end where they begin")
        elif within == ["VCALENDAR"] and line.name == "METHOD":
            methods.append(line.value.strip().upper())
        elif within == ["VCALENDAR", "VEVENT"]:
            event.append(line)
    if within or calendars != 1 or events != 1 or len(methods) != 1:
        raise NoReply("it is not one calendar with one event and one method")
    return methods[0], event


def _lines(text: str) -> Iterator[_Property]:
    for line in re.split(r"\r\n|\n|\r", re.sub(r"(?:\r\n|\n|\r)[ \t]", "", text)):
        named = _NAME.match(line)
        if named is None:
            continue
        parameters: dict[str, str] = {}
        at = named.end()
        while parameter := _PARAMETER.match(line, at):
            parameters.setdefault(parameter[1].upper(), parameter[2].strip('"'))
            at = parameter.end()
        if line[at : at + 1] == ":":
            yield _Property(named[0].upper(), parameters, line[at + 1 :])


def _only(event: list[_Property], name: str) -> _Property | None:
    """Return the one property of a name, or None; of comments there may be several, and the first one is taken."""
    found = [line for line in event if line.name == name]
    if len(found) > 1 and name != "COMMENT":
        raise NoReply(f"it has more than one {name}")
    return found[0] if found else None


def _sequence(written: _Property | None) -> int:
    """Return SEQUENCE, which is 0 where it does not stand (RFC 5545, 3.8.7.4)."""
    if written is None:
        return 0
    digits = written.value.strip()
    if not re.fullmatch(r"[0-9]{1,10}", digits) or int(digits) > HIGHEST_SEQUENCE:
        raise NoReply("its SEQUENCE is no number")
    return int(digits)


def _moment(written: _Property | None) -> datetime | None:
    """Return a moment in UTC; None where it is none, or stands in a zone that only its writer knows."""
    found = _MOMENT.fullmatch(written.value.strip()) if written else None
    if written is None or found is None:
        return None
    zone = "UTC" if found[2] else written.parameters.get("TZID", "")
    if zone not in available_timezones():
        return None
    try:
        moment = datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(zone))
    except ValueError:  # a 31st of February
        return None
    return moment.astimezone(UTC) if moment.year in YEARS else None


def _address(written: _Property) -> str:
    scheme, _colon, address = written.value.strip().partition(":")
    return one_line(unquote(address)).lower()[:254] if scheme.lower() == "mailto" else ""


def _text(value: str) -> str:
    unescaped = re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)
    return several_lines(unescaped)
