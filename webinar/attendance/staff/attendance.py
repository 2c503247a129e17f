"""The files of who came to take away: one session, all of a webinar, all of a series.

Taking names and addresses out of the house is for organisers. It is written down who did, so it is done by buttons
that POST: a GET of ours changes nothing, not even the log, and no page elsewhere can make somebody's browser do it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import IO, NamedTuple

from flask import Response, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.attendance.chosen_columns import EVERYTHING, PASSED_ON, Choice, NoSuchColumn
from webinar.attendance.export import Export, ExportFormat, blocks_of_csv, blocks_of_json, export, write
from webinar.attendance.export_form import ExportForm
from webinar.attendance.queries import Stays, stays_in_series, stays_in_session, stays_in_webinar
from webinar.attendance.services.note_export import note_export
from webinar.attendance.signed_list import Listed, TooLongForPaper, signed_list
from webinar.attendance.staff.blueprint import bp
from webinar.catalogue.models import Series, Webinar, WebinarSession
from webinar.catalogue.queries import find_series, find_session_of_any_status, find_webinar
from webinar.catalogue.texts import text_in
from webinar.foundation import formats, languages
from webinar.foundation.security import token_checked_by_form


class Way(NamedTuple):
    """A step of the path above a page: where it leads, and its words, which may be in a language of their own."""

    href: str
    words: str
    language: str = ""


class Subject(NamedTuple):
    """What is exported: as the audit log and a file call it, who is in it, and as the page calls it."""

    name: str
    file_name: str
    stays: Stays
    words: str
    ways: Sequence[Way]


@bp.route("/staff/sessions/<key>/attendance/export", methods=["GET", "POST"])
@needs(Role.ORGANISER)
@token_checked_by_form
def choose_of_session(key: str) -> ResponseReturnValue:
    """Show what an export of one session can have and the lists to print, and give the file that was chosen."""
    session = find_session_of_any_status(key) or abort(404)
    return _chosen(_session(session), session)


@bp.route("/staff/webinars/<slug>/attendance/export", methods=["GET", "POST"])
@needs(Role.ORGANISER)
@token_checked_by_form
def choose_of_webinar(slug: str) -> ResponseReturnValue:
    """Show what an export of a webinar can have, and give the file that was chosen."""
    return _chosen(_webinar(find_webinar(slug) or abort(404)))


@bp.route("/staff/series/<slug>/attendance/export", methods=["GET", "POST"])
@needs(Role.ORGANISER)
@token_checked_by_form
def choose_of_series(slug: str) -> ResponseReturnValue:
    """Show what an export of a series can have, and give the file that was chosen."""
    return _chosen(_series(find_series(slug) or abort(404)))


@bp.post("/staff/sessions/<key>/attendance.<how>")
@needs(Role.ORGANISER)
def export_session(key: str, how: str) -> ResponseReturnValue:
    """Give one session's export as a file."""
    return _file(_session(find_session_of_any_status(key) or abort(404)), _format(how))


@bp.post("/staff/webinars/<slug>/attendance.<how>")
@needs(Role.ORGANISER)
def export_webinar(slug: str, how: str) -> ResponseReturnValue:
    """Give the export of all sessions of a webinar as a file."""
    return _file(_webinar(find_webinar(slug) or abort(404)), _format(how))


@bp.post("/staff/series/<slug>/attendance.<how>")
@needs(Role.ORGANISER)
def export_series(slug: str, how: str) -> ResponseReturnValue:
    """Give the export of all sessions of a series as a file."""
    return _file(_series(find_series(slug) or abort(404)), _format(how))


@bp.post("/staff/sessions/<key>/attendance/list/<listed>")
@needs(Role.ORGANISER)
def list_to_sign(key: str, listed: str) -> ResponseReturnValue:
    """Give the list of a session that people sign, or of those who came, as a PDF."""
    session = find_session_of_any_status(key) or abort(404)
    which = next((one for one in Listed if one.value == listed), None) or abort(404)
    try:
        paper = signed_list(session, which)
    except TooLongForPaper as refusal:
        subject = _session(session)
        return _page(subject, ExportForm(export(subject.stays).answers.names), session, list_refused=str(refusal)), 422
    note_export(f"session {key}", "pdf", what=which.what)
    response = Response(paper.content, content_type="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{which.file_name}-{key}.pdf")
    return response


def _chosen(subject: Subject, session: WebinarSession | None = None) -> ResponseReturnValue:
    whole = export(subject.stays)
    form = ExportForm(whole.answers.names)
    if not form.validate_on_submit():
        return _page(subject, form, session), 422 if request.method == "POST" else 200
    try:
        return _file(subject, form.chosen_format(), form.choice())
    except NoSuchColumn as refusal:
        form.columns.errors = [str(refusal)]
        return _page(subject, form, session), 422


def _page(subject: Subject, form: ExportForm, session: WebinarSession | None, list_refused: str = "") -> str:
    return render_template(
        "attendance/export.html",
        subject=subject,
        form=form,
        passed_on=PASSED_ON,
        session=session,
        listed=list(Listed),
        list_refused=list_refused,
    )


def _session(session: WebinarSession) -> Subject:
    times = session.times_there
    return Subject(
        f"session {session.key}",
        f"attendance-{session.key}",
        stays_in_session(session.id),
        _("One session: %(session)s", session=formats.full_date(times.starts_here)),
        [
            *_above(session.webinar),
            _way_to_webinar(session.webinar),
            Way(url_for("attendance_staff.of_session", key=session.key), _("Attendance")),
        ],
    )


def _webinar(webinar: Webinar) -> Subject:
    return Subject(
        f"webinar {webinar.slug}",
        f"attendance-{webinar.slug}",
        stays_in_webinar(webinar.id),
        _("All sessions of this webinar"),
        [*_above(webinar), _way_to_webinar(webinar)],
    )


def _series(series: Series) -> Subject:
    return Subject(
        f"series {series.slug}",
        f"attendance-{series.slug}",
        stays_in_series(series.id),
        _("All sessions of the series"),
        _ways_to_series(series),
    )


def _above(webinar: Webinar) -> list[Way]:
    return _ways_to_series(webinar.series, webinar.original_language)


def _ways_to_series(series: Series, original: str = "") -> list[Way]:
    text = text_in(series.texts, languages.current(), original)
    return [
        Way(url_for("catalogue_staff.list_series"), _("Series")),
        Way(url_for("catalogue_staff.series", slug=series.slug), text.title, text.language),
    ]


def _way_to_webinar(webinar: Webinar) -> Way:
    text = text_in(webinar.texts, languages.current(), webinar.original_language)
    return Way(url_for("catalogue_staff.webinar", slug=webinar.slug), text.title, text.language)


def _format(how: str) -> ExportFormat:
    try:
        return ExportFormat(how)
    except ValueError:
        abort(404)


def _file(subject: Subject, how: ExportFormat, choice: Choice = EVERYTHING) -> Response:
    """Send the first lines while the database still reads the last; XLSX is an archive, so it goes when it is whole.

    Raises:
        NoSuchColumn: nothing was taken, and nothing is written down.
    """
    whole = export(subject.stays, choice)
    whole.columns(how)
    note_export(subject.name, how.value, choice)
    # A name of its own, so that nobody passes on the other one by mistake.
    kept_back = "-without-personal-data" if choice.without_personal_data else ""
    return _sent(whole, how, f"{subject.file_name}{kept_back}.{how.value}")


def _sent(whole: Export, how: ExportFormat, name: str) -> Response:
    if how is ExportFormat.XLSX:
        # Closed, and so deleted, by the server when it has sent it.
        archive: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        write(whole, how, archive)
        archive.seek(0)
        return send_file(archive, how.media_type, as_attachment=True, download_name=name)
    blocks = blocks_of_csv(whole) if how is ExportFormat.CSV else blocks_of_json(whole)
    response = Response(blocks, content_type=how.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
