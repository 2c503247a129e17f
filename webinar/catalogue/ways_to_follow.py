"""The further ways to follow a session as people are told of them: which concern whom, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.catalogue.models import WayKind, WayToFollow, WebinarSession
from webinar.foundation import countries, formats
from webinar.foundation.isolation import isolated

WAY_NAMES = {
    WayKind.STREAM: _l("Live stream"),
    WayKind.TELEPHONE: _l("By telephone"),
    WayKind.RECORDING: _l("To watch later"),
}


class ToldWay(NamedTuple):
    """One way in the language of the page or mail; ``link`` is where a press on the address leads.

    ``whom`` says for which countries it is; it is empty where it is for everybody. ``lines`` say it in plain text.
    """

    name: str
    address: str
    link: str
    access_code: str
    whom: str
    lines: tuple[str, ...]


def ways_on_page(session: WebinarSession, country: str | None, *, is_over: bool = False) -> list[ToldWay]:
    """Return all ways for who comes from a country (its code): those meant for it first, then those for everybody.

    Those of other countries follow, for who travels. When the session is over, only what can be watched later is left.
    """
    ways = [way for way in session.ways_to_follow if not is_over or way.kind is WayKind.RECORDING]
    return _told(sorted(ways, key=lambda way: _distance(way, country)))


def ways_in_messages(session: WebinarSession, country: str | None) -> list[ToldWay]:
    """Return the ways that are for who comes from a country (its code), or for everybody, in the same order."""
    ways = [way for way in session.ways_to_follow if way.is_for(country)]
    return _told(sorted(ways, key=lambda way: _distance(way, country)))


def _distance(way: WayToFollow, country: str | None) -> int:
    return 0 if country in way.country_codes else 2 if way.countries else 1


def _told(ways: Iterable[WayToFollow]) -> list[ToldWay]:
    return [_told_one(way) for way in ways]


def _told_one(way: WayToFollow) -> ToldWay:
    name = str(WAY_NAMES[way.kind])
    whom = formats.joined([countries.name_here(code) for code in way.country_codes])
    whom = _("for %(countries)s", countries=whom) if whom else ""
    label = f"{name} ({whom})" if whom else name
    lines = [_("%(label)s: %(text)s", label=label, text=isolated(way.address))]
    if way.access_code:
        lines.append(_("%(label)s: %(text)s", label=_("Access code"), text=isolated(way.access_code)))
    link = f"tel:{way.address.replace(' ', '')}" if way.kind is WayKind.TELEPHONE else way.address
    return ToldWay(name, way.address, link, way.access_code, whom, tuple(lines))


def as_lines(ways: Iterable[ToldWay]) -> list[str]:
    """Return ways as lines of plain text, under one that says what they are; nothing where there are none."""
    lines = [line for way in ways for line in way.lines]
    return [_("If you cannot come into the room, there are other ways to follow it:"), *lines] if lines else []
