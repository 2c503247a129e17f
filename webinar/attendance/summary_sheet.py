"""The last sheet of an export: what it is, and what one must know to read it, in the language of whoever takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import and_, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from webinar.attendance.by_language import Part
from webinar.attendance.chosen_columns import Choice
from webinar.attendance.language_sheet import Minutes
from webinar.attendance.member_sheet import Members
from webinar.attendance.models import Attendance
from webinar.catalogue.models import Series, Webinar, WebinarSession
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, formats, languages
from webinar.foundation.db import db
from webinar.foundation.spreadsheet import Cell, Sheet
from webinar.foundation.zones import in_zone
from webinar.registration.models import Registration, RegistrationStatus


class _Counted(NamedTuple):
    """What there is in a session: people by their place, who came, and what one does not know of them."""

    registered: int = 0
    waiting: int = 0
    came: int = 0
    came_without: int = 0
    without_minutes: int = 0
    disputed: int = 0


def summary_sheet(members: Members, choice: Choice, columns: Sequence[str], minutes: Minutes) -> Sheet:
    """Return the sheet; its rows are counted when they are asked for, after the lines of the export have passed."""
    from_right = languages.direction(languages.current()) == "rtl"
    rows = _rows(members, choice, columns, minutes)
    return Sheet(_("Summary"), (_("Attendance"), *[""] * 12), rows, is_prose=True, right_to_left=from_right)


def _rows(members: Members, choice: Choice, columns: Sequence[str], minutes: Minutes) -> Iterator[Sequence[Cell]]:
    sessions = _sessions(members.part)
    counted = _counted(members.part)
    yield from _about(sessions)
    yield (_("Exported"), clock.now())
    yield (_("Lines in “Participants”"), minutes.lines)
    yield (_("Columns"), ", ".join(columns))
    if choice.without_personal_data:
        yield (
            _("Without personal data"),
            _(
                "Names, addresses, organisations, roles, answers and exact times are left out, minutes are whole ones "
                "and the lines are in no order of people. Where few come for a member, somebody who knows them may "
                "still recognise a person."
            ),
        )
    yield from _in_words(members)
    yield (
        _("How minutes are counted"),
        _(
            "The time between the start and the end of the session in which at least one log-in of a person lasted. "
            "Several devices at once count once. The first join and the last leave are as they were told, outside "
            "the session too."
        ),
    )
    for sentence in _unknown(members, counted):
        yield (_("What is not known"), sentence)
    yield ()
    yield (
        _("Session"),
        _("Webinar"),
        _("Start"),
        _("End"),
        _("Time zone"),
        _("Start (UTC)"),
        _("Minutes to have come"),
        _("Registered"),
        _("Waiting"),
        _("Came"),
        _("Came without a place"),
        _("Came, minutes not known"),
        _("Sources disagree"),
    )
    known = {session.id for session in members.sessions if session.is_known}
    for session in sessions:
        yield _of_session(session, counted.get(session.id, _Counted()), is_known=session.id in known)


def _sessions(part: Part) -> Sequence[WebinarSession]:
    """Return the sessions with the titles of their webinars and series, the earliest first; three queries."""
    return db.session.scalars(
        select(WebinarSession)
        .join(WebinarSession.webinar)
        .where(part.which)
        .options(
            contains_eager(WebinarSession.webinar).options(
                selectinload(Webinar.texts), joinedload(Webinar.series).selectinload(Series.texts)
            )
        )
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    ).all()


def _counted(part: Part) -> dict[int, _Counted]:
    """Count what is in each session, by its id; one query."""
    is_registered = Registration.status == RegistrationStatus.REGISTERED
    rows = db.session.execute(
        select(
            Registration.session_id,
            func.count().filter(is_registered),
            func.count().filter(Registration.status == RegistrationStatus.WAITING),
            func.count().filter(Attendance.came, is_registered),
            func.count().filter(Attendance.came, ~is_registered),
            func.count().filter(Attendance.came, Attendance.last_leave_at.is_(None)),
            func.count().filter(Attendance.is_disputed),
        )
        .join(WebinarSession, WebinarSession.id == Registration.session_id)
        .join(Webinar, Webinar.id == WebinarSession.webinar_id)
        .outerjoin(
            Attendance,
            and_(Attendance.session_id == Registration.session_id, Attendance.person_id == Registration.person_id),
        )
        .where(part.which)
        .group_by(Registration.session_id)
    )
    return {session_id: _Counted(*row) for session_id, *row in rows}


def _about(sessions: Sequence[WebinarSession]) -> Iterator[Sequence[Cell]]:
    webinars = list(dict.fromkeys(session.webinar for session in sessions))
    for webinar in webinars[:1]:
        yield (_("Series"), text_in(webinar.series.texts, languages.current(), webinar.original_language).title)
    yield (_("Webinar"), _title(webinars[0])) if len(webinars) == 1 else (_("Webinars"), len(webinars))
    if len(sessions) == 1:
        [session] = sessions
        times = session.times_there
        hours = formats.hours(times.starts_here, times.ends_here)
        when = _("%(date)s, %(time_and_place)s", date=formats.full_date(times.starts_here), time_and_place=hours)
        yield (_("Session"), f"{session.key}: {when} ({formats.city(session.timezone)})")
    else:
        yield (_("Sessions that were not cancelled"), len(sessions))


def _in_words(members: Members) -> Iterator[Sequence[Cell]]:
    counts = members.figures.everybody.whole
    sentences = [ngettext("%(num)s person registered.", "%(num)s people registered.", counts.registered)]
    if members.is_known:
        sentences.append(ngettext("%(num)s of them came.", "%(num)s of them came.", counts.came))
        if counts.came_without:
            sentences.append(
                ngettext(
                    "%(num)s person more came without a place.",
                    "%(num)s people more came without a place.",
                    counts.came_without,
                )
            )
        present = sum(one.line.whole.came + one.line.whole.came_without > 0 for one in members.figures.members)
        sentences.append(ngettext("%(num)s member was present.", "%(num)s members were present.", present))
    yield (_("In words"), " ".join(sentences))


def _unknown(members: Members, counted: dict[int, _Counted]) -> Iterator[str]:
    silent = sum(not session.is_known for session in members.sessions)
    without_minutes = sum(one.without_minutes for one in counted.values())
    disputed = sum(one.disputed for one in counted.values())
    if silent:
        yield ngettext(
            "Of %(num)s session nothing is recorded of who came.",
            "Of %(num)s sessions nothing is recorded of who came.",
            silent,
        )
    if without_minutes:
        yield ngettext(
            "%(num)s time somebody is known to have come, but not for how long: the join link does not tell. "
            "It stands as 0.00 minutes.",
            "%(num)s times somebody is known to have come, but not for how long: the join link does not tell. "
            "It stands as 0.00 minutes.",
            without_minutes,
        )
    if disputed:
        yield ngettext(
            "%(num)s time the sources disagree on whether somebody came.",
            "%(num)s times the sources disagree on whether somebody came.",
            disputed,
        )
    if not (silent or without_minutes or disputed):
        yield _("Nothing: of everybody here one knows whether they came, and for how long.")


def _of_session(session: WebinarSession, counted: _Counted, *, is_known: bool) -> Sequence[Cell]:
    starts, ends = (in_zone(moment, session.timezone) for moment in (session.starts_at, session.ends_at))
    return (
        session.key,
        _title(session.webinar),
        starts.replace(tzinfo=None),
        ends.replace(tzinfo=None),
        session.timezone,
        session.starts_at,
        session.attendance_threshold,
        counted.registered,
        counted.waiting,
        *(counted[2:] if is_known else ()),
    )


def _title(webinar: Webinar) -> str:
    return text_in(webinar.texts, languages.current(), webinar.original_language).title
