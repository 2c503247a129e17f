"""Figures by language: who hears and reads what in a session, in all of a webinar and in all of a series.

For the order to the interpreters before a session, and afterwards for telling whether a language was worth its money.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from webinar.attendance.by_language import (
    Counts,
    Figures,
    Listeners,
    Offer,
    Part,
    all_together,
    figures_of,
    listeners_in,
    offered_in,
    part_of_series,
    part_of_session,
    part_of_webinar,
    places_in,
)
from webinar.attendance.interpreters import order_for
from webinar.attendance.staff.blueprint import bp
from webinar.catalogue.models import SessionStatus, VersionKind
from webinar.catalogue.queries import (
    find_series,
    find_session_of_any_status,
    find_webinar,
    sessions_page_of_webinar,
    webinars_page,
)
from webinar.catalogue.staff.workspace import frame as frame_of_webinar
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, languages
from webinar.registration.staff import workspace

UNITS_A_PAGE = 10


class Line(NamedTuple):
    """One language: how it is called where the reader is at home, how often it is offered, and who is in it."""

    code: str
    name: str
    offer: Offer
    counts: Counts
    listeners: Sequence[Listeners] = ()

    @property
    def members(self) -> Sequence[Listeners]:
        """For which members somebody is registered."""
        return [one for one in self.listeners if one.key is not None]

    @property
    def others(self) -> int:
        """How many are registered for no member."""
        return sum(one.people for one in self.listeners if one.key is None)


class Table(NamedTuple):
    """The figures of a part: a line a language heard and one a language read, and everybody."""

    everybody: Counts
    members: int
    heard: Sequence[Line]
    read: Sequence[Line]

    @property
    def shows(self) -> Counts:
        """Which columns say anything: more than nothing where anybody is counted in one."""
        lines = [line.counts for line in (*self.heard, *self.read)]
        return Counts(*(sum(column) for column in zip(*lines, self.everybody, strict=True)))


@bp.get("/staff/sessions/<key>/languages")
def languages_of_session(key: str) -> ResponseReturnValue:
    """Show who hears and reads which language in a session, and what to write to the interpreters."""
    session = find_session_of_any_status(key) or abort(404)
    places = places_in(part_of_session(session.id))
    figures, _of_each = figures_of(places)
    listeners = _in_order(listeners_in(places))
    around = workspace.frame(session, "attendance_staff.languages_of_session")
    has_come = figures.everybody.came or figures.everybody.came_without
    offered = {
        version.code: Offer(1, int(version.kind is VersionKind.INTERPRETATION), int(bool(has_come)))
        for version in session.language_versions
    }
    is_interpreted = any(offer.interpreted for offer in offered.values())
    return render_template(
        "attendance/languages_of_session.html",
        **around,
        table=_table(figures, offered, offered, listeners),
        order=order_for(session, around["text"].title, figures.heard, listeners, clock.now())
        if is_interpreted and session.status is not SessionStatus.CANCELLED
        else "",
    )


@bp.get("/staff/webinars/<slug>/languages")
def languages_of_webinar(slug: str) -> ResponseReturnValue:
    """Show who hears and reads which language in all sessions of a webinar together, and in each."""
    webinar = find_webinar(slug) or abort(404)
    page = sessions_page_of_webinar(webinar.id, page=_page_asked(), lines=UNITS_A_PAGE)
    units = [session.id for session in page.sessions]
    return render_template(
        "attendance/languages_of_webinar.html",
        **frame_of_webinar(webinar, "attendance_staff.languages_of_webinar", is_public=page.public > 0),
        **_figures(part_of_webinar(webinar.id), units),
        page=page,
    )


@bp.get("/staff/series/<slug>/languages")
def languages_of_series(slug: str) -> ResponseReturnValue:
    """Show who hears and reads which language in all sessions of a series together, and in each webinar."""
    series = find_series(slug) or abort(404)
    page = webinars_page(series.id, page=_page_asked(), lines=UNITS_A_PAGE)
    units = [webinar.id for webinar in page.webinars]
    return render_template(
        "attendance/languages_of_series.html",
        series=series,
        text=text_in(series.texts, languages.current()),
        **_figures(part_of_series(series.id), units),
        webinars=[
            (webinar, text_in(webinar.texts, languages.current(), webinar.original_language))
            for webinar in page.webinars
        ],
        page=page,
    )


def _page_asked() -> int:
    return request.args.get("page", 1, type=int)


def _figures(part: Part, units: Sequence[int]) -> dict[str, object]:
    """Return the figures of a part and of some of its units, as both templates of several sessions show them."""
    places = places_in(part)
    whole, of_each = figures_of(places, units)
    in_each = offered_in(part)
    offered = all_together(in_each.values())
    order = _by_people({*offered, *whole.heard}, whole.heard)
    return {
        "table": _table(whole, order, offered, _in_order(listeners_in(places))),
        "of_each": of_each,
        "offered_in_each": {unit: in_each.get(unit, {}) for unit in units},
    }


def _in_order(listeners: Mapping[str, Sequence[Listeners]]) -> dict[str, Sequence[Listeners]]:
    """Return the members of each language, the most people first, then by name; who comes for none is last."""
    return {
        code: sorted(some, key=lambda one: (one.key is None, -one.people, languages.in_alphabet(one.name)))
        for code, some in listeners.items()
    }


def _table(
    figures: Figures,
    heard: Iterable[str],
    offered: Mapping[str, Offer],
    listeners: Mapping[str, Sequence[Listeners]],
) -> Table:
    return Table(
        everybody=figures.everybody,
        members=len({one.key for some in listeners.values() for one in some if one.key is not None}),
        heard=[
            Line(
                code,
                languages.name_here(code),
                offered.get(code, Offer()),
                figures.heard.get(code, Counts()),
                listeners.get(code, ()),
            )
            for code in heard
        ],
        read=[
            Line(code, languages.name_here(code), Offer(), figures.read[code])
            for code in _by_people(figures.read, figures.read)
        ],
    )


def _by_people(codes: Iterable[str], counts: Mapping[str, Counts]) -> list[str]:
    """Return codes of languages, the one with the most registered first, else by name."""
    return sorted(
        codes,
        key=lambda code: (
            -counts.get(code, Counts()).registered,
            languages.in_alphabet(languages.name_here(code)),
        ),
    )
