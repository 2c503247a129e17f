"""Reading a calendar as others do: by three programs that are not the one that wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import icalendar
import vobject

from tests.calendars import libical


@dataclass(frozen=True)
class Understood:
    """What a reader understands of one event: of whom, which version, when, and what it says of itself.

    ``answers`` are the PARTSTAT of its attendees, ``alarms`` how many it rings.
    """

    method: str
    uid: str
    sequence: int
    stamped: datetime
    status: str
    starts: datetime
    ends: datetime
    title: str
    description: str
    location: str
    link: str
    organizer: str
    attendees: tuple[str, ...]
    answers: tuple[str, ...]
    alarms: int


def understood(content: bytes) -> list[Understood]:
    """Return the events of a calendar, in its order, on which all readers of this machine agree."""
    first, *others = [(reader.__name__, reader(content)) for reader in READERS]
    for other in others:
        assert other[1] == first[1], f"{other[0]} reads it otherwise than {first[0]}"
    return first[1]


def events_of(content: str) -> list[Any]:
    """Return the events of a calendar as icalendar reads them, in its order."""
    calendar = icalendar.Calendar.from_ical(content)
    return [part for part in calendar.subcomponents if part.name == "VEVENT"]


def by_icalendar(content: bytes) -> list[Understood]:
    """Read by icalendar."""
    calendar = icalendar.Calendar.from_ical(content.decode())
    assert calendar.errors == []
    return [_by_icalendar(calendar, event) for event in calendar.subcomponents]


def _by_icalendar(calendar: Any, event: Any) -> Understood:
    assert event.errors == []
    attendees = event.get("ATTENDEE", [])
    attendees = attendees if isinstance(attendees, list) else [attendees]
    return Understood(
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        stamped=event["DTSTAMP"].dt,
        status=str(event["STATUS"]),
        starts=event["DTSTART"].dt,
        ends=event["DTEND"].dt,
        title=str(event["SUMMARY"]),
        description=str(event["DESCRIPTION"]),
        location=str(event["LOCATION"]),
        link=str(event["URL"]),
        organizer=_address(str(event["ORGANIZER"])),
        attendees=tuple(_address(str(attendee)) for attendee in attendees),
        answers=tuple(attendee.params["PARTSTAT"] for attendee in attendees),
        alarms=len(event.subcomponents),
    )


def by_vobject(content: bytes) -> list[Understood]:
    """Read by vobject."""
    calendar = vobject.readOne(content.decode())
    return [_by_vobject(calendar, event) for event in calendar.contents.get("vevent", [])]


def _by_vobject(calendar: Any, event: Any) -> Understood:
    attendees = event.contents.get("attendee", [])
    return Understood(
        method=calendar.method.value,
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        stamped=event.dtstamp.value,
        status=event.status.value,
        starts=event.dtstart.value,
        ends=event.dtend.value,
        title=event.summary.value,
        description=event.description.value,
        location=event.location.value,
        link=event.url.value,
        organizer=_address(event.organizer.value),
        attendees=tuple(_address(attendee.value) for attendee in attendees),
        answers=tuple(attendee.partstat_param for attendee in attendees),
        alarms=len(event.contents.get("valarm", [])),
    )


def by_libical(content: bytes) -> list[Understood]:
    """Read by libical, which also checks what its METHOD asks for (RFC 5546)."""
    with libical.opened(content) as calendar:
        return [_by_libical(calendar, event) for event in calendar.components("VEVENT")]


def _by_libical(calendar: libical.Component, event: libical.Component) -> Understood:
    return Understood(
        method=calendar.value("METHOD"),
        uid=event.value("UID"),
        sequence=int(event.value("SEQUENCE")),
        stamped=event.moment("DTSTAMP"),
        status=event.value("STATUS"),
        starts=event.moment("DTSTART"),
        ends=event.moment("DTEND"),
        title=event.text("SUMMARY"),
        description=event.text("DESCRIPTION"),
        location=event.text("LOCATION"),
        link=event.value("URL"),
        organizer=_address(event.value("ORGANIZER")),
        attendees=tuple(_address(attendee) for attendee in event.values("ATTENDEE")),
        answers=tuple(event.parameters("ATTENDEE", "PARTSTAT")),
        alarms=len(event.components("VALARM")),
    )


def _address(written: str) -> str:
    scheme, _colon, address = written.partition(":")
    assert scheme == "mailto"
    return address


READERS: tuple[Callable[[bytes], list[Understood]], ...] = (
    by_icalendar,
    by_vobject,
    *([by_libical] if libical.is_here() else []),
)
