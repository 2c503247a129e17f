"""Figures by member: for whom people came to a session, a webinar, a series, from where, and for whom nobody did.

The heart of a page is a table of members and sessions. Both may be many, so it is shown in parts: some of the
members, some of the sessions, each chosen in the address. The figures beside it are of all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts import acting
from webinar.accounts.models import Role
from webinar.attendance.by_language import (
    Counts,
    OneSession,
    Part,
    part_of_series,
    part_of_session,
    part_of_webinar,
    sessions_in,
)
from webinar.attendance.by_member import (
    FiguresByMember,
    Line,
    MemberLine,
    OneMember,
    Presence,
    figures_by_member,
    presence,
)
from webinar.attendance.export import ExportFormat
from webinar.attendance.staff.blueprint import bp
from webinar.catalogue.models import Webinar
from webinar.catalogue.queries import find_series, find_session_of_any_status, find_webinar, webinars_with_texts
from webinar.catalogue.staff.workspace import frame as frame_of_webinar
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, formats, languages
from webinar.foundation.charts import BarChart, Dot, bar_chart, dot
from webinar.foundation.zones import in_zone
from webinar.registration.staff import workspace
from webinar.registration.staff.registrations import AFFILIATION_NAMES

MEMBERS_A_PAGE = 50
SESSIONS_A_PAGE = 12


class Column(NamedTuple):
    """A session in the table: its day there, how many came and for how many members, as far as one knows."""

    session: OneSession
    day: datetime
    counts: Counts
    members_came: int

    @property
    def came(self) -> int:
        """How many came, with a place or without."""
        return self.counts.came + self.counts.came_without


class Cell(NamedTuple):
    """What became of a member in one session: as a kind, as the few signs there is room for, and in words."""

    presence: Presence
    signs: str
    words: str


class MatrixRow(NamedTuple):
    """A member, or who comes for none, with a cell for all sessions and then one for each that is shown."""

    member: OneMember | None
    cells: Sequence[Cell]
    is_first_time: bool = False


class Shown(NamedTuple):
    """Which part of something long is shown; parts count from 1."""

    page: int
    pages: int
    first: int
    last: int
    total: int


@bp.get("/staff/sessions/<key>/attendance/members")
def members_of_session(key: str) -> ResponseReturnValue:
    """Show for which members people came to a session."""
    session = find_session_of_any_status(key) or abort(404)
    return render_template(
        "attendance/members_of_session.html",
        **workspace.frame(session, "attendance_staff.of_session"),
        **_figures(part_of_session(session.id), lambda _ids: {session.webinar_id: session.webinar}),
    )


@bp.get("/staff/webinars/<slug>/attendance")
def attendance_of_webinar(slug: str) -> ResponseReturnValue:
    """Show for which members people came to the sessions of a webinar."""
    webinar = find_webinar(slug) or abort(404)
    return render_template(
        "attendance/members_of_webinar.html",
        **frame_of_webinar(webinar, "attendance_staff.attendance_of_webinar"),
        **_figures(part_of_webinar(webinar.id), lambda _ids: {webinar.id: webinar}),
    )


@bp.get("/staff/series/<slug>/attendance")
def attendance_of_series(slug: str) -> ResponseReturnValue:
    """Show for which members people came to the sessions of a series."""
    series = find_series(slug) or abort(404)
    return render_template(
        "attendance/members_of_series.html",
        series=series,
        text=text_in(series.texts, languages.current()),
        **_figures(part_of_series(series.id), webinars_with_texts),
    )


def _figures(part: Part, webinars: Callable[[Iterable[int]], Mapping[int, Webinar]]) -> dict[str, object]:
    """Return what all three templates show: the figures of a part, and of its sessions and members those asked for."""
    now = clock.now()
    sessions = _webinar_by_webinar(sessions_in(part))
    which = _shown(request.args.get("sessions", type=int) or _latest(sessions, now), len(sessions), SESSIONS_A_PAGE)
    some = sessions[which.first - 1 : which.last]
    figures = figures_by_member(part, sessions, now, [session.id for session in some])
    region = request.args.get("region", "")
    by_name = request.args.get("sort") == "name"
    rows = _in_order([one for one in figures.members if _is_in_table(one, region)], by_name=by_name)
    page = _shown(request.args.get("page", 1, type=int), len(rows), MEMBERS_A_PAGE)
    columns = [_column(session, figures) for session in some]
    cells = _Cells(some)
    held = [session for session in sessions if session.starts_at <= now]
    known = [session for session in held if session.is_known]
    all_known = bool(known) and known == held
    its_webinars = webinars({session.webinar_id for session in some})
    return {
        "figures": figures,
        "held": len(held),
        "known": len(known),
        "dots": _dots(figures, came=bool(known)),
        "chart": _chart(columns),
        "columns": columns,
        "webinars": [
            (its_webinars[webinar_id], _title(its_webinars[webinar_id]), list(of_webinar))
            for webinar_id, of_webinar in groupby(columns, attrgetter("session.webinar_id"))
        ],
        "rows": [
            MatrixRow(one.member, cells.of(one.line, one.presence), one.is_first_time)
            for one in rows[page.first - 1 : page.last]
        ],
        "more_rows": [
            (label, MatrixRow(None, cells.of(line, presence(line.whole, is_known=all_known))))
            for label, line in ((_("For no member"), figures.nobodys), (_("Everybody"), figures.everybody))
        ],
        "which_sessions": which,
        "page": page,
        "region": region,
        "by_name": by_name,
        "address": _address,
        "sessions_of": Counter(session.webinar_id for session in sessions),
        "known_of": Counter(session.webinar_id for session in known),
        "on_behalf": [(AFFILIATION_NAMES[one], group) for one, group in figures.affiliations.items()],
        "heard": sorted(
            ((languages.name_here(code), group) for code, group in figures.heard.items()),
            key=lambda one: languages.in_alphabet(one[0]),
        ),
        "absent": figures.with_presence(Presence.ABSENT),
        "not_known": figures.with_presence(Presence.NOT_KNOWN),
        "not_registered": figures.with_presence(Presence.NOT_REGISTERED),
        "first_timers": figures.first_timers(),
        "may_export": acting.signed_in().may(Role.ORGANISER),
        "export_formats": list(ExportFormat),
    }


def _address(**changes: str | int) -> str:
    """Return the address of this page with something chosen anew; another order or region begins with the first."""
    chosen = {name: request.args[name] for name in ("region", "sort", "sessions") if name in request.args}
    asked = {name: value for name, value in {**chosen, **changes}.items() if value}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **asked})


def _title(webinar: Webinar) -> object:
    return text_in(webinar.texts, languages.current(), webinar.original_language)


def _webinar_by_webinar(sessions: Sequence[OneSession]) -> list[OneSession]:
    """Return sessions with those of one webinar beside each other, in the order in which the webinars began."""
    began: dict[int, datetime] = {}
    for session in sessions:
        began.setdefault(session.webinar_id, session.starts_at)
    return sorted(sessions, key=lambda one: (began[one.webinar_id], one.webinar_id, one.starts_at, one.id))


def _latest(sessions: Sequence[OneSession], now: datetime) -> int:
    """Return which part of some sessions has the one that began last."""
    begun = [(session.starts_at, place) for place, session in enumerate(sessions) if session.starts_at <= now]
    return 1 + max(begun)[1] // SESSIONS_A_PAGE if begun else 1


def _shown(asked: int, total: int, most: int) -> Shown:
    pages = max(1, -(-total // most))
    page = min(max(1, asked), pages)
    return Shown(page, pages, (page - 1) * most + 1, min(page * most, total), total)


def _is_in_table(one: MemberLine, region: str) -> bool:
    return one.presence is not Presence.NOT_REGISTERED and region in ("", one.member.region)


def _in_order(members: Sequence[MemberLine], *, by_name: bool) -> Sequence[MemberLine]:
    """Return members in the alphabet, as they come, or those first of whom most came."""
    if by_name:
        return members
    return sorted(members, key=lambda one: (-_all_who_came(one.line.whole), -one.line.whole.registered))


def _all_who_came(counts: Counts) -> int:
    return counts.came + counts.came_without


def _column(session: OneSession, figures: FiguresByMember) -> Column:
    return Column(
        session,
        in_zone(session.starts_at, session.timezone),
        figures.everybody.in_sessions.get(session.id, Counts()),
        figures.members_came.get(session.id, 0),
    )


class _Cells:
    """The cells of the rows of some sessions. The same figures stand in many, so they are put into words once."""

    def __init__(self, sessions: Sequence[OneSession]) -> None:
        self.sessions = sessions
        self.made: dict[tuple[Counts, Presence], Cell] = {}

    def of(self, line: Line, whole: Presence) -> Sequence[Cell]:
        """Return the cells of a row of figures: one of all sessions, where it is as said, and one a session."""
        cells = [self._made(line.whole, whole)]
        for session in self.sessions:
            counts = line.in_sessions.get(session.id, Counts())
            cells.append(self._made(counts, presence(counts, is_known=session.is_known)))
        return cells

    def _made(self, counts: Counts, what: Presence) -> Cell:
        if (counts, what) not in self.made:
            self.made[counts, what] = _cell(counts, what)
        return self.made[counts, what]


def _cell(counts: Counts, what: Presence) -> Cell:
    came, registered = formats.number(_all_who_came(counts)), formats.number(counts.registered)
    in_words = ngettext("%(num)s registered", "%(num)s registered", counts.registered)
    match what:
        case Presence.NOT_REGISTERED:
            return Cell(what, "·", _("Nobody is registered"))
        case Presence.NOT_KNOWN:
            return Cell(what, f"?/{registered}", formats.in_a_row([in_words, _("not known who came")]))
        case _:
            came_in_words = ngettext("%(num)s came", "%(num)s came", _all_who_came(counts))
            return Cell(what, f"{came}/{registered}", formats.in_a_row([came_in_words, in_words]))


def _dots(figures: FiguresByMember, *, came: bool) -> list[Dot]:
    """Return the members on the map by how many came, or are registered as long as one knows of nobody who came."""
    people = [
        (one.member, _all_who_came(one.line.whole) if came else one.line.whole.registered) for one in figures.members
    ]
    return [
        dot(member.name, member.latitude, member.longitude, count)
        for member, count in sorted(people, key=lambda one: -one[1])
        if member.latitude is not None and member.longitude is not None
    ]


def _chart(columns: Sequence[Column]) -> BarChart:
    """Return the chart of how many came to the sessions of which one knows."""
    return bar_chart(
        [
            (formats.date(one.day), formats.day_in_short(one.day), one.came)
            for one in sorted(columns, key=attrgetter("session.starts_at"))
            if one.session.is_known
        ]
    )
