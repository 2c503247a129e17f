"""Choosing and confirming the dates of sessions, and all sessions of a year."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.dates import (
    Chosen,
    ClockChange,
    NoDate,
    Place,
    RegionHours,
    clock_changes,
    day_of,
    hours_by_region,
    overlaps,
    read_date,
)
from webinar.catalogue.models import Webinar, WebinarSession
from webinar.catalogue.planning import other_starts, places_of_members, sessions_between, sessions_of_year
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.services.publish import confirm_date
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, formats, languages, reader
from webinar.foundation.when import When
from webinar.foundation.zones import YEARS, in_zone
from webinar.registration.attention import Title, titles_of
from webinar.registration.staff.blueprint import bp


@dataclass(frozen=True)
class Neighbour:
    """Another session on the day that is looked at."""

    session: WebinarSession
    title: Title
    times: When
    is_at_the_same_time: bool


@dataclass(frozen=True)
class LookedAt:
    """What a date means: its hours, the regions, what else is on that day, and what one should think of."""

    times: When
    warnings: list[str]
    neighbours: list[Neighbour]
    regions: list[RegionHours]


@bp.get("/staff/dates")
@needs(Role.ORGANISER)
def look_at_date() -> ResponseReturnValue:
    """Show what a date means, as a part of a page: a script asks for it while somebody types."""
    return render_template("staff/sessions/dates.html", **meaning_of_date(request.args))


def dates_beside_form(webinar: Webinar, key: str = "") -> dict[str, Any]:
    """Return what ``staff/sessions/dates.html`` needs in the form of a session of a webinar.

    The date is looked at where somebody has pressed the button for it; a script asks for it by itself.
    """
    about = {"webinar": webinar.slug, "session": key}
    is_asked = "look" in request.form
    return {
        **(meaning_of_date({**request.form, **about}) if is_asked else {"date_meant": None, "no_date": ""}),
        "date_address": url_for("registration_staff.look_at_date", webinar=webinar.slug, session=key),
    }


def meaning_of_date(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return what ``staff/sessions/dates.html`` shows of a date, typed as ``catalogue.dates.read_date`` reads it.

    ``webinar`` and ``session`` are the slug and the key of what it is looked at for.
    """
    try:
        chosen = read_date(typed)
    except NoDate as refusal:
        return {"date_meant": None, "no_date": str(refusal)}
    places = places_of_members()
    key = typed.get("session", "")
    others = other_starts(typed.get("webinar", ""), but=key)
    return {
        "date_meant": LookedAt(
            times=When(chosen.starts_at, chosen.ends_at or chosen.starts_at, chosen.zone, chosen.zone, True),
            warnings=list(_warnings(chosen, clock.now(), clock_changes(chosen, others, places))),
            neighbours=_neighbours(chosen, sessions_between(*day_of(chosen), but=key)),
            regions=_regions(chosen, places),
        ),
        "no_date": "",
        "hour_there": lambda moment, weekday: _hour_there(moment, chosen, weekday),
        "country": lambda code: formats.locale().territories.get(code, code),
    }


def _regions(chosen: Chosen, places: Sequence[Place]) -> list[RegionHours]:
    return hours_by_region(chosen.starts_at, places, languages.current())


def _hour_there(moment: datetime, chosen: Chosen, weekday: Callable[[datetime], str]) -> str:
    """Return an hour, behind its weekday where that is another than in the chosen zone."""
    if moment.date() == chosen.is_on:
        return formats.hour(moment)
    return f"{weekday(moment)} {formats.hour(moment)}"


def _warnings(chosen: Chosen, now: datetime, changes: Sequence[ClockChange]) -> Iterator[str]:
    if chosen.starts_at <= now:
        yield _("This date is in the past.")
    for change in changes:
        told = {
            "time": formats.length(abs(change.later)),
            "day": formats.date(in_zone(change.other, chosen.zone)),
            "members": formats.joined(
                [
                    ngettext("%(num)s member in %(region)s", "%(num)s members in %(region)s", count, region=region)
                    for region, count in sorted(change.members.items(), key=lambda one: languages.in_alphabet(one[0]))
                ]
            ),
        }
        if change.later > timedelta():
            yield _("Clocks change in between: it begins %(time)s later than on %(day)s for %(members)s.", **told)
        else:
            yield _("Clocks change in between: it begins %(time)s earlier than on %(day)s for %(members)s.", **told)


def _neighbours(chosen: Chosen, sessions: Sequence[WebinarSession]) -> list[Neighbour]:
    titles = titles_of(session.webinar_id for session in sessions)
    return [
        Neighbour(
            session,
            text_in(titles[session.webinar_id], languages.current(), session.webinar.original_language),
            session.times_there,
            overlaps(chosen, session.starts_at, session.ends_at),
        )
        for session in sessions
    ]


@bp.post("/staff/sessions/<key>/confirm-date")
@needs(Role.ORGANISER)
def confirm(key: str) -> ResponseReturnValue:
    """Let the provisional date of a session stand."""
    find_session_of_any_status(key) or abort(404)
    confirm_date(key)
    flash(_("The date is confirmed. The session can be published now."))
    return redirect(reader.came_from() or url_for(".overview", key=key), code=303)


class PlannedSession(NamedTuple):
    """One session in the view of a year."""

    session: WebinarSession
    title: Title
    times: When


@bp.get("/staff/year/<int:year>")
def year(year: int) -> ResponseReturnValue:
    """Show all sessions of a year by month, whatever their status."""
    if year not in YEARS:
        abort(404)
    sessions = sessions_of_year(year)
    titles = titles_of(session.webinar_id for session in sessions)
    # Said once for the hundreds of days and hours of the page, for each of which the request would be asked.
    with languages.speaking(languages.current()):
        return _year_page(year, sessions, titles)


def _year_page(year: int, sessions: Sequence[WebinarSession], titles: Mapping[int, Sequence[Title]]) -> str:
    months: dict[int, list[PlannedSession]] = {month: [] for month in range(1, 13)}
    for session in sessions:
        title = text_in(titles[session.webinar_id], languages.current(), session.webinar.original_language)
        months[session.starts_wall.month].append(PlannedSession(session, title, session.times_there))
    return render_template(
        "staff/sessions/year.html",
        year=year,
        months=[(formats.month_name(datetime(year, month, 1, tzinfo=UTC)), of) for month, of in months.items()],
        count=len(sessions),
        before=year - 1 if year - 1 in YEARS else None,
        after=year + 1 if year + 1 in YEARS else None,
    )
