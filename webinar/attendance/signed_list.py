"""Lists of a session on paper: for people to sign where they come in, and of who came for the organiser to sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import and_, select
from sqlalchemy.orm import contains_eager

from webinar.attendance.models import Attendance
from webinar.attendance.stays import full_minutes
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, formats, languages
from webinar.foundation.db import Code, db
from webinar.foundation.errors import DomainError
from webinar.foundation.pdf import Paper, pdf_of
from webinar.foundation.zones import in_zone
from webinar.registration.models import Registration, RegistrationStatus

MOST_ON_PAPER = 1_000
"""So many fill some forty pages, set in half a second; more would take memory that others need."""

EMPTY_LINES = 8
"""For people who come without having registered."""


class Listed(Code):
    """Who is on a list: those who are expected, with a box each to sign in, or those who came, with their minutes."""

    TO_SIGN = "to-sign"
    CAME = "came"

    @property
    def what(self) -> str:
        """What the audit log calls it."""
        return "list to sign" if self is Listed.TO_SIGN else "list of who came"

    @property
    def file_name(self) -> str:
        """What its file is called, before the key of the session."""
        return self.what.replace(" ", "-")


class TooLongForPaper(DomainError):
    """So many people are on a list that nobody would print it."""


class _OnList(NamedTuple):
    registration: Registration
    attendance: Attendance | None


def signed_list(session: WebinarSession, listed: Listed) -> Paper:
    """Return the list as a PDF, in the language of whoever takes it, by name in its alphabet; two queries.

    The session's webinar is loaded with its texts.

    Raises:
        TooLongForPaper: more people are on it than ``MOST_ON_PAPER``.
    """
    people = _people(session.id, listed)
    if len(people) > MOST_ON_PAPER:
        raise TooLongForPaper(
            _l(
                "%(people)s people are on this list, too many to print. Take the export as XLSX.",
                people=formats.number(len(people)),
            )
        )
    came, times = listed is Listed.CAME, session.times_there
    text = text_in(session.webinar.texts, languages.current(), session.webinar.original_language)
    made = in_zone(clock.now(), session.timezone)
    counted = ngettext("%(num)s person", "%(num)s people", len(people))
    return pdf_of(
        "attendance_list.typ",
        {
            "title": _("%(label)s: %(text)s", label=_heading(listed), text=text.title),
            "language": languages.current(),
            "direction": languages.direction(languages.current()),
            "heading": _heading(listed),
            "webinar": {"title": text.title, "language": text.language},
            "when": _(
                "%(date)s, %(time_and_place)s",
                date=formats.full_date(times.starts_here),
                time_and_place=_(
                    "%(hours)s (%(city)s time)",
                    hours=formats.hours(times.starts_here, times.ends_here),
                    city=formats.city(session.timezone),
                ),
            ),
            "counted": counted,
            "note": _note(session, listed),
            "columns": [
                _("No."),
                _("Name"),
                _("Member or organisation"),
                _("Role"),
                _("Minutes") if came else _("Signature"),
            ],
            "people": [
                [
                    formats.number(number),
                    one.registration.full_name,
                    one.registration.member.name if one.registration.member else one.registration.organisation,
                    one.registration.role,
                    _minutes(one.attendance) if came else "",
                ]
                for number, one in enumerate(people, 1)
            ],
            "empty_lines": 0 if came else EMPTY_LINES,
            "to_sign": [_("Place and date"), _("Name and office"), _("Signature")] if came else [],
            "made": _("Made on %(date)s", date=formats.short(made)),
            "page": _("Page"),
        },
    )


def _heading(listed: Listed) -> str:
    return str(_("List of who came") if listed is Listed.CAME else _("Attendance list"))


def _note(session: WebinarSession, listed: Listed) -> str:
    if listed is Listed.TO_SIGN:
        return str(_("By signing I confirm that I attend."))
    threshold = session.attendance_threshold
    enough = ngettext(
        "Whoever was there for at least %(num)s minute came, or of whom it was decided by hand.",
        "Whoever was there for at least %(num)s minutes came, or of whom it was decided by hand.",
        threshold,
    )
    counted = _("Minutes are the time within the session; where there is a dash, only the arrival is known.")
    return f"{enough} {counted}" if threshold else str(counted)


def _minutes(attendance: Attendance | None) -> str:
    if attendance is None or attendance.last_leave_at is None:
        return "–"
    return formats.number(full_minutes(attendance.seconds))


def _people(session_id: int, listed: Listed) -> Sequence[_OnList]:
    """Return who is on a list, by name, with their members; one query."""
    condition = Attendance.came if listed is Listed.CAME else Registration.status == RegistrationStatus.REGISTERED
    rows = db.session.execute(
        select(Registration, Attendance)
        .outerjoin(
            Attendance,
            and_(Attendance.session_id == Registration.session_id, Attendance.person_id == Registration.person_id),
        )
        .outerjoin(Registration.member)
        .where(Registration.session_id == session_id, condition)
        .options(contains_eager(Registration.member))
    )
    in_alphabet = languages.in_alphabet
    return sorted(
        (_OnList(*row) for row in rows),
        key=lambda one: (
            in_alphabet(one.registration.family_name),
            in_alphabet(one.registration.given_name),
            one.registration.id,
        ),
    )
