"""The further ways to follow a session: what their addresses may be, and setting them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from webinar.catalogue.models import WayKind, WayToFollow, WebinarSession
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.drafts import WayEntry
from webinar.catalogue.services.parts import assign
from webinar.foundation.addresses import is_web_address
from webinar.foundation.digits import latin
from webinar.foundation.errors import DomainError


class NoTelephoneNumber(DomainError):
    """What was written is no telephone number that one can dial from abroad."""

    def __init__(self) -> None:
        super().__init__(
            _l("Write the number as it is dialled from abroad, with + and the code of the country: +34 91 123 45 67.")
        )


class NoSafeAddress(DomainError):
    """What was written is no whole address of a page that is read by TLS."""

    def __init__(self) -> None:
        super().__init__(_l("Write a whole address that begins with https://"))


def address_of_way(kind: WayKind, written: str) -> str:
    """Return the address of a way as it is stored: a web address as written, a telephone number in one manner.

    Such a number has at most fifteen digits (ITU-T E.164, 6), and seven at the least here.

    Raises:
        NoTelephoneNumber: it is none.
        NoSafeAddress: it is no web address, or not one with https.
    """
    if kind is not WayKind.TELEPHONE:
        if not (written.startswith("https://") and is_web_address(written)):
            raise NoSafeAddress
        return written
    # The 0 in brackets is not dialled from abroad.
    number = re.sub(r"[-\s()./\u2010-\u2013]+", " ", latin(written).replace("(0)", " ")).strip()
    if not re.fullmatch(r"\+ ?[0-9](?: ?[0-9]){6,14}", number):
        raise NoTelephoneNumber
    return number.replace("+ ", "+")


def set_ways(session: WebinarSession, entries: Sequence[WayEntry], changes: Changes) -> None:
    """Set the further ways to follow a session, in order, and note what differed; one is known by its address."""
    before = list(session.ways_to_follow)
    known = {(way.kind, way.address): way for way in before}
    ways: list[WayToFollow] = []
    for position, entry in enumerate(entries):
        way = known.get((entry.kind, entry.address))
        countries = " ".join(sorted(entry.countries))
        if way is None:
            way = WayToFollow(kind=entry.kind, address=entry.address, access_code="", countries="", position=position)
            changes[f"way_{entry.kind} {entry.address}"] = [None, entry.address]
        changes.note(f"way_access_code {entry.address}", way.access_code, entry.access_code)
        changes.note(f"way_countries {entry.address}", _listed(way.countries), _listed(countries))
        assign(way, position=position, access_code=entry.access_code, countries=countries)
        ways.append(way)
    for way in before:
        if way not in ways:
            changes[f"way_{way.kind} {way.address}"] = [way.address, None]
    if ways != before:
        if set(ways) == set(before):
            changes.note("ways_to_follow", [way.address for way in before], [way.address for way in ways])
        session.ways_to_follow = ways


def _listed(countries: str) -> str:
    return ", ".join(countries.split())
