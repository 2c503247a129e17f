"""The files of who came to take away: one session, all of a webinar, all of a series.

Taking names and addresses out of the house is for organisers. It is written down who did, so it is done by buttons
that POST: a GET of ours changes nothing, not even the log, and no page elsewhere can make somebody's browser do it.
"""

from __future__ import annotations

import tempfile
from typing import IO

from flask import Response, abort, send_file
from flask.typing import ResponseReturnValue

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.attendance.export import Export, ExportFormat, blocks_of_csv, blocks_of_json, export, write
from webinar.attendance.queries import stays_in_series, stays_in_session, stays_in_webinar
from webinar.attendance.services.note_export import note_export
from webinar.attendance.staff.blueprint import bp
from webinar.catalogue.queries import find_series, find_session_of_any_status, find_webinar

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
