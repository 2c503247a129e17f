"""Links that put a copy of a session into a calendar on the web, as its maker lets one fill in a new entry.

No calendar knows such a copy again: neither a new date nor a cancellation reaches it. The maker reads the link, so it
holds what everybody may know and nothing else.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlencode

from webinar.calendars.objects import Occasion
from webinar.calendars.occasions import public_occasion
from webinar.catalogue.models import Access, SessionStatus, WebinarSession
from webinar.foundation.languages import of_pages, speaking
from webinar.foundation.lines import one_line

MOST_OF_AN_ADDRESS = 2000
"""How long an address may be in all browsers, in characters; what is too long is cut from the title."""
_BASIC, _EXTENDED = "%Y%m%dT%H%M%SZ", "%Y-%m-%dT%H:%M:%SZ"
_OUTLOOK = ("Outlook.com", "outlook.live.com"), ("Microsoft 365", "outlook.office.com")


class Copy(NamedTuple):
    """A way to a copy: the name of a calendar, and the address that fills in a new entry of it."""

    calendar: str
    address: str


def copies_of(session: WebinarSession, language: str) -> list[Copy]:
    """Return the ways to copy a session into a calendar on the web, in a language.

    There are none where it was cancelled or is not public yet, or where one needs a link to see it.
    """
    if session.status is not SessionStatus.PUBLISHED or session.access is Access.WITH_LINK:
        return []
    language = of_pages(language)
    with speaking(language):
        occasion = public_occasion(session, language, follows=False)
    return [_google(occasion), *(_outlook(name, host, occasion) for name, host in _OUTLOOK)]


def _google(occasion: Occasion) -> Copy:
    told = {
        "action": "TEMPLATE",
        "text": one_line(occasion.title),
        "dates": f"{occasion.starts_at:{_BASIC}}/{occasion.ends_at:{_BASIC}}",
        "details": occasion.link,
        "location": occasion.link,
    }
    return Copy("Google Calendar", _fitting("https://calendar.google.com/calendar/render", told, "text"))


def _outlook(name: str, host: str, occasion: Occasion) -> Copy:
    told = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "startdt": f"{occasion.starts_at:{_EXTENDED}}",
        "enddt": f"{occasion.ends_at:{_EXTENDED}}",
        "subject": one_line(occasion.title),
        "body": occasion.link,
        "location": occasion.link,
    }
    return Copy(name, _fitting(f"https://{host}/calendar/deeplink/compose", told, "subject"))


def _fitting(address: str, told: dict[str, str], title: str) -> str:
    """Return an address with its query, the title cut where it would be too long."""
    while len(written := f"{address}?{urlencode(told, quote_via=quote)}") >= MOST_OF_AN_ADDRESS and told[title]:
        told[title] = told[title][:-1]
    return written
