"""The iCalendar text of one session: as a request, a cancellation, or published (RFC 5545, 5546, 7986)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration, vText, vUri

from webinar.calendars.models import CalendarAnswer, CalendarEntry, EntryStatus
from webinar.foundation.lines import one_line

PRODUCT = "-//webinar//City network webinars//EN"
ALARM_BEFORE = timedelta(minutes=15)
ASK_AGAIN_AFTER = timedelta(hours=4)
"""How long a calendar that has subscribed may wait before it asks again; most do as they like."""
# RFC 5545, 3.1: no control characters but TAB; a line end is text of its own (3.3.11). Nor what turns round the text
# behind it (UAX 9), which calendars show beside other entries.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]")


@dataclass(frozen=True)
class Occasion:
    """What a calendar shows of one session, in one language (BCP 47).

    ``starts_at`` and ``ends_at`` are aware, in UTC: every calendar shows them in its owner's zone, with no zone
    definition to misread. ``link`` leads to the session and is never the meeting's own address; ``host`` is who
    invites to it.
    """

    title: str
    description: str
    language: str
    starts_at: datetime
    ends_at: datetime
    link: str
    link_label: str
    host: str


@dataclass(frozen=True)
class Published:
    """A session as it stands in a file or a feed, which nobody is asked to answer.

    ``changed_at`` is when anything it tells was last changed. What is personal holds somebody's own link.
    """

    occasion: Occasion
    uid: str
    sequence: int
    changed_at: datetime
    is_cancelled: bool
    organizer: str
    is_personal: bool = False


@dataclass(frozen=True)
class Subscription:
    """What a feed says of itself: its name, in which language, and the address where it is asked for again."""

    name: str
    language: str
    source: str


def request(entry: CalendarEntry, occasion: Occasion) -> bytes:
    """Return the METHOD:REQUEST that puts one person's entry where it now belongs (RFC 5546, 3.2.2).

    The UID stays the same for the life of the entry; a change of time is told by a higher SEQUENCE, so calendars
    move the entry instead of adding a second. Times are UTC, lines CRLF, at most 75 octets. The entry's
    ``dtstamp`` becomes DTSTAMP and must have grown.
    """
    return _personal("REQUEST", entry, occasion)


def cancellation(entry: CalendarEntry, occasion: Occasion) -> bytes:
    """Return the METHOD:CANCEL that takes one person's entry out of their calendar (RFC 5546, 3.2.5).

    It repeats UID, ORGANIZER, the one ATTENDEE, times and title, which calendars show, under a SEQUENCE that has
    been raised.
    """
    return _personal("CANCEL", entry, occasion)


def published(sessions: Iterable[Published], subscription: Subscription | None = None) -> bytes:
    """Return the METHOD:PUBLISH of sessions for whoever downloads it or subscribes to it (RFC 5546, 3.2.1).

    It names no attendee, and each DTSTAMP is that of the last change, so that the same sessions have the same bytes
    (RFC 5545, 3.8.7.2). A feed has a name and says how often to ask again (RFC 7986), also as older programs read it.
    """
    calendar = _calendar("PUBLISH")
    if subscription is not None:
        calendar.add("name", _text(subscription.name, subscription.language))
        calendar.add("x-wr-calname", vText(_clean(subscription.name)))
        calendar.add("source", vUri(subscription.source, params={"VALUE": "URI"}))
        calendar.add("refresh-interval", vDuration(ASK_AGAIN_AFTER, params={"VALUE": "DURATION"}))
        calendar.add("x-published-ttl", vDuration(ASK_AGAIN_AFTER))
    for session in sessions:
        calendar.add_component(_published(session))
    return bytes(calendar.to_ical())


def _published(session: Published) -> Event:
    event = _event(session.occasion)
    event.add("uid", session.uid)
    event.add("sequence", session.sequence)
    event.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE" if session.is_personal else "PUBLIC")
    event.add("dtstamp", session.changed_at.replace(microsecond=0))
    event.add("last-modified", session.changed_at.replace(microsecond=0))
    event.add("organizer", _address(session.organizer, session.occasion.host))
    return event


def _personal(method: str, entry: CalendarEntry, occasion: Occasion) -> bytes:
    if entry.dtstamp is None or entry.address is None:
        raise ValueError("an entry is announced before it is written, and not after its address is erased")
    event = _event(occasion)
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("status", entry.status.value)
    event.add("class", "PRIVATE")
    event.add("dtstamp", entry.dtstamp)
    event.add("last-modified", entry.dtstamp)
    event.add("organizer", _address(entry.organizer, occasion.host))
    event.add("attendee", _attendee(entry.address, entry.name or "", entry.answer))
    if entry.status is EntryStatus.CONFIRMED:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _clean(occasion.title))
        alarm.add("trigger", -ALARM_BEFORE)
        event.add_component(alarm)
    calendar = _calendar(method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(occasion: Occasion) -> Event:
    for moment in (occasion.starts_at, occasion.ends_at):
        if moment.utcoffset() != timedelta(0):
            raise ValueError(f"a calendar's time must be in UTC: {moment!r}")
    event = Event()
    event.add("dtstart", occasion.starts_at)
    event.add("dtend", occasion.ends_at)
    event.add("summary", _text(occasion.title, occasion.language))
    event.add("description", _text(f"{occasion.link}\n\n{occasion.description}", occasion.language))
    event.add("location", _text(occasion.link, occasion.language))
    event.add("url", occasion.link)
    event.add(
        "conference",
        vUri(occasion.link, params={"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": _clean(occasion.link_label)}),
    )
    event.add("transp", "OPAQUE")
    return event


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _text(text: str, language: str) -> vText:
    return vText(_clean(text), params={"LANGUAGE": language})


def _address(address: str, name: str) -> vCalAddress:
    # RFC 6047, 2.3: a mailto: address is lower case, anything unusual in it percent-encoded.
    calendar_address = vCalAddress("mailto:" + quote(address.lower(), safe="@.+-_!#$&'*/=?^`{|}~"))
    if name := one_line(name):
        calendar_address.params["CN"] = name
    return calendar_address


def _attendee(address: str, name: str, answer: CalendarAnswer | None) -> vCalAddress:
    attendee = _address(address, name)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    # A known answer is repeated, never taken back to "not answered yet" (RFC 5546, 3.2.2).
    attendee.params["PARTSTAT"] = answer.value.upper() if answer else "NEEDS-ACTION"
    attendee.params["RSVP"] = "FALSE" if answer else "TRUE"
    return attendee


def _clean(text: str) -> str:
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
