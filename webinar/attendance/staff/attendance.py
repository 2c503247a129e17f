"""The staff's page of who came to a session, and the files to take away.

Whoever may sign in may look at the page, as at the registrations. Taking names and addresses out of the house is for
organisers. It is written down who did, so it is done by buttons that POST: a GET of ours changes nothing, not even
the log, and no page elsewhere can make somebody's browser do it.
"""

from __future__ import annotations

import tempfile
from typing import IO, NamedTuple

from flask import Response, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.attendance.export import Export, ExportFormat, blocks_of_csv, blocks_of_json, export, write
from webinar.attendance.queries import (
    present_in,
    stays_in_series,
    stays_in_session,
    stays_in_webinar,
    turnout_by_member,
    turnout_of,
)
from webinar.attendance.services.note_export import note_export
from webinar.attendance.staff.blueprint import bp
from webinar.catalogue.queries import find_series, find_session_of_any_status, find_webinar
from webinar.foundation import clock
from webinar.foundation.zones import in_zone
from webinar.registration.staff import workspace

PEOPLE_A_PAGE = 50


class Pages(NamedTuple):
    """Which part of a list is shown."""

    number: int
    last: int


@bp.get("/staff/sessions/<key>/attendance")
def of_session(key: str) -> ResponseReturnValue:
    """Show who came to a session, for which members, and what can be taken away."""
    session = find_session_of_any_status(key) or abort(404)
    turnout = turnout_of(session.id)
    pages = _pages(request.args.get("page", 1, type=int), turnout.came)
    return render_template(
        "attendance/staff.html",
        **workspace.frame(session, "attendance_staff.of_session"),
        turnout=turnout,
        members=turnout_by_member(session.id),
        arrivals=[
            (one.registration, one.attendance.first_join_at and in_zone(one.attendance.first_join_at, session.timezone))
            for one in present_in(session.id, limit=PEOPLE_A_PAGE, offset=(pages.number - 1) * PEOPLE_A_PAGE)
        ],
        pages=pages,
        has_begun=session.starts_at <= clock.now(),
        may_export=acting.signed_in().may(Role.ORGANISER),
        export_formats=list(ExportFormat),
    )


def _pages(asked: int, total: int) -> Pages:
    last = max(1, -(-total // PEOPLE_A_PAGE))
    return Pages(min(max(1, asked), last), last)


@bp.post("/staff/sessions/<key>/attendance.<how>")
@needs(Role.ORGANISER)
def export_session(key: str, how: str) -> ResponseReturnValue:
    """Give one session's export as a file."""
    chosen = _format(how)
    session = find_session_of_any_status(key) or abort(404)
    note_export(f"session {key}", chosen.value)
    return _file(export(stays_in_session(session.id)), chosen, f"attendance-{key}")


@bp.post("/staff/webinars/<slug>/attendance.<how>")
@needs(Role.ORGANISER)
def export_webinar(slug: str, how: str) -> ResponseReturnValue:
    """Give the export of all sessions of a webinar as a file."""
    chosen = _format(how)
    webinar = find_webinar(slug) or abort(404)
    note_export(f"webinar {slug}", chosen.value)
    return _file(export(stays_in_webinar(webinar.id)), chosen, f"attendance-{slug}")


@bp.post("/staff/series/<slug>/attendance.<how>")
@needs(Role.ORGANISER)
def export_series(slug: str, how: str) -> ResponseReturnValue:
    """Give the export of all sessions of a series as a file."""
    chosen = _format(how)
    series = find_series(slug) or abort(404)
    note_export(f"series {slug}", chosen.value)
    return _file(export(stays_in_series(series.id)), chosen, f"attendance-{slug}")


def _format(how: str) -> ExportFormat:
    try:
        return ExportFormat(how)
    except ValueError:
        abort(404)


def _file(whole: Export, how: ExportFormat, name: str) -> Response:
    """Send the first lines while the database still reads the last; XLSX is an archive, so it goes when it is whole."""
    if how is ExportFormat.XLSX:
        # Closed, and so deleted, by the server when it has sent it.
        archive: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        write(whole, how, archive)
        archive.seek(0)
        return send_file(archive, how.media_type, as_attachment=True, download_name=f"{name}.{how.value}")
    blocks = blocks_of_csv(whole) if how is ExportFormat.CSV else blocks_of_json(whole)
    response = Response(blocks, content_type=how.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{how.value}")
    return response
