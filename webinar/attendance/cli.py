"""Commands about attendance."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from webinar.attendance.export import ExportFormat, export, write_file
from webinar.attendance.queries import Stays, stays_in_series, stays_in_session, stays_in_webinar
from webinar.attendance.services.note_export import note_export
from webinar.catalogue.queries import find_series, find_session_of_any_status, find_webinar

attendance = AppGroup("attendance", help="Who came.")


@attendance.command("export")
@click.argument("session", required=False)
@click.option("--webinar", metavar="SLUG", help="All sessions of a webinar, in place of SESSION.")
@click.option("--series", metavar="SLUG", help="All sessions of a series, in place of SESSION.")
@click.option("--format", "how", required=True, type=click.Choice([how.value for how in ExportFormat]))
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def export_command(session: str | None, webinar: str | None, series: str | None, how: str, output: Path) -> None:
    """Write who was registered for SESSION, who came and for how long."""
    subject, stays = _chosen(session, webinar, series)
    try:
        lines = write_file(export(stays), ExportFormat(how), output)
    except OSError as fault:
        raise click.ClickException(f"{output} cannot be written: {fault.strerror}. Nothing was written.") from None
    note_export(subject, how)
    people = "1 line" if lines == 1 else f"{lines} lines"
    click.echo(f"Attendance of {subject} has been written to {output}: {people}.")


def _chosen(session: str | None, webinar: str | None, series: str | None) -> tuple[str, Stays]:
    if sum(one is not None for one in (session, webinar, series)) != 1:
        raise click.UsageError("Give one of SESSION, --webinar SLUG and --series SLUG.")
    if session is not None:
        found_session = find_session_of_any_status(session)
        if found_session is None:
            raise click.ClickException(f"There is no session “{session}”.")
        return f"session {session}", stays_in_session(found_session.id)
    if webinar is not None:
        found_webinar = find_webinar(webinar)
        if found_webinar is None:
            raise click.ClickException(f"There is no webinar “{webinar}”.")
        return f"webinar {webinar}", stays_in_webinar(found_webinar.id)
    found_series = find_series(series or "")
    if found_series is None:
        raise click.ClickException(f"There is no series “{series}”.")
    return f"series {series}", stays_in_series(found_series.id)
