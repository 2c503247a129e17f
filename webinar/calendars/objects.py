"""The iCalendar text of one session: as a request, a cancellation, or published (RFC 5545, 5546, 7986)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

from webinar.calendars.content_lines import content_line, in_octets, moment, text
from webinar.calendars.models import CalendarAnswer, CalendarEntry, EntryStatus
from webinar.foundation.lines import one_line

PRODUCT = "-//webinar//City network webinars//EN"
ALARM_BEFORE = "-PT15M"
ASK_AGAIN_AFTER = "PT4H"
"""How long a calendar that has subscribed may wait before it asks again; most do as they like."""


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
    return in_octets(_published(sessions, subscription))


def _published(sessions: Iterable[Published], subscription: Subscription | None) -> Iterator[str]:
    yield from _begin("PUBLISH")
    if subscription is not None:
        yield content_line("NAME", text(subscription.name), LANGUAGE=subscription.language)
        yield content_line("X-WR-CALNAME", text(subscription.name))
        yield content_line("SOURCE", subscription.source, VALUE="URI")
        yield content_line("REFRESH-INTERVAL", ASK_AGAIN_AFTER, VALUE="DURATION")
        yield content_line("X-PUBLISHED-TTL", ASK_AGAIN_AFTER)
    for session in sessions:
        yield "BEGIN:VEVENT"
        yield from _version(session.uid, session.sequence, session.changed_at)
        yield content_line("STATUS", "CANCELLED" if session.is_cancelled else "CONFIRMED")
        yield content_line("CLASS", "PRIVATE" if session.is_personal else "PUBLIC")
        yield _person("ORGANIZER", session.organizer, session.occasion.host)
        yield from _told(session.occasion)
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _personal(method: str, entry: CalendarEntry, occasion: Occasion) -> bytes:
    if entry.dtstamp is None or entry.address is None:
        raise ValueError("an entry is announced before it is written, and not after its address is erased")
    lines = [
        *_begin(method),
        "BEGIN:VEVENT",
        *_version(entry.uid, entry.sequence, entry.dtstamp),
        content_line("STATUS", entry.status.value),
        content_line("CLASS", "PRIVATE"),
        _person("ORGANIZER", entry.organizer, occasion.host),
        _attendee(entry.address, entry.name or "", entry.answer),
        *_told(occasion),
    ]
    if entry.status is EntryStatus.CONFIRMED:
        lines += [
            "BEGIN:VALARM",
            content_line("ACTION", "DISPLAY"),
            content_line("DESCRIPTION", text(occasion.title)),
            content_line("TRIGGER", ALARM_BEFORE),
            "END:VALARM",
        ]
    return in_octets([*lines, "END:VEVENT", "END:VCALENDAR"])


def _begin(method: str) -> tuple[str, ...]:
    return (
        "BEGIN:VCALENDAR",
        content_line("VERSION", "2.0"),
        content_line("PRODID", PRODUCT),
        content_line("CALSCALE", "GREGORIAN"),
        content_line("METHOD", method),
    )


def _version(uid: str, sequence: int, stamped: datetime) -> tuple[str, ...]:
    return (
        content_line("UID", uid),
        content_line("SEQUENCE", str(sequence)),
        content_line("DTSTAMP", moment(stamped)),
        content_line("LAST-MODIFIED", moment(stamped)),
    )


def _told(occasion: Occasion) -> tuple[str, ...]:
    return (
        content_line("DTSTART", moment(occasion.starts_at)),
        content_line("DTEND", moment(occasion.ends_at)),
        content_line("SUMMARY", text(occasion.title), LANGUAGE=occasion.language),
        content_line("DESCRIPTION", text(f"{occasion.link}\n\n{occasion.description}"), LANGUAGE=occasion.language),
        content_line("LOCATION", text(occasion.link), LANGUAGE=occasion.language),
        content_line("URL", occasion.link),
        content_line("CONFERENCE", occasion.link, VALUE="URI", FEATURE="VIDEO", LABEL=occasion.link_label),
        content_line("TRANSP", "OPAQUE"),
    )


@lru_cache(maxsize=256)  # the organizer is the same for all
def _person(name: str, address: str, called: str, **parameters: str) -> str:
    if called := one_line(called):
        parameters = {"CN": called, **parameters}
    # RFC 6047, 2.3: a mailto: address is lower case, anything unusual in it percent-encoded.
    return content_line(name, "mailto:" + quote(address.lower(), safe="@.+-_!#$&'*/=?^`{|}~"), **parameters)


def _attendee(address: str, name: str, answer: CalendarAnswer | None) -> str:
    return _person(
        "ATTENDEE",
        address,
        name,
        CUTYPE="INDIVIDUAL",
        ROLE="REQ-PARTICIPANT",
        # A known answer is repeated, never taken back to "not answered yet" (RFC 5546, 3.2.2).
        PARTSTAT=answer.value.upper() if answer else "NEEDS-ACTION",
        RSVP="FALSE" if answer else "TRUE",
    )
