"""Commands about attendance."""

from __future__ import annotations

import csv
from pathlib import Path

import click
from flask.cli import AppGroup

from webinar.attendance.chosen_columns import Choice, NoSuchColumn
from webinar.attendance.export import ExportFormat, export, write_file, write_whole
from webinar.attendance.queries import Stays, stays_in_series, stays_in_session, stays_in_webinar
from webinar.attendance.services.note_export import note_export
from webinar.attendance.signed_list import Listed, TooLongForPaper, signed_list
from webinar.catalogue.queries import find_series, find_session_of_any_status, find_webinar

attendance = AppGroup("attendance", help="Who came.")


@attendance.command("export")
@click.argument("session", required=False)
@click.option("--webinar", metavar="SLUG", help="All sessions of a webinar, in place of SESSION.")
@click.option("--series", metavar="SLUG", help="All sessions of a series, in place of SESSION.")
@click.option("--format", "how", required=True, type=click.Choice([how.value for how in ExportFormat]))
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--columns", metavar="A,B,C", help="Only these columns, in this order; in quotes where one has a comma.")
@click.option(
    "--without-personal-data",
    is_flag=True,
    help="To pass on: a line a person, with nothing that tells who it is, and in no order of people.",
)
def export_command(
    session: str | None,
    webinar: str | None,
    series: str | None,
    how: str,
    output: Path,
    columns: str | None,
    without_personal_data: bool,
) -> None:
    """Write who was registered for SESSION, who came and for how long."""
    subject, stays = _chosen(session, webinar, series)
    choice = Choice(None if columns is None else _names(columns), without_personal_data)
    try:
        lines = write_file(export(stays, choice), ExportFormat(how), output)
    except OSError as fault:
        raise click.ClickException(f"{output} cannot be written: {fault.strerror}. Nothing was written.") from None
    except NoSuchColumn as refusal:
        raise click.UsageError(str(refusal)) from None
    note_export(subject, how, choice)
    people = "1 line" if lines == 1 else f"{lines} lines"
    without = " without personal data" if without_personal_data else ""
    click.echo(f"Attendance of {subject} has been written{without} to {output}: {people}.")


@attendance.command("list")
@click.argument("session")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--came", is_flag=True, help="Who came, with their minutes and a place for the organiser's signature.")
def list_command(session: str, output: Path, came: bool) -> None:
    """Write a list of SESSION to print, as PDF: everybody registered, with a box for each to sign in."""
    found = find_session_of_any_status(session)
    if found is None:
        raise click.ClickException(f"There is no session “{session}”.")
    listed = Listed.CAME if came else Listed.TO_SIGN
    try:
        paper = signed_list(found, listed)
        write_whole(output, lambda target: target.write(paper.content))
    except OSError as fault:
        raise click.ClickException(f"{output} cannot be written: {fault.strerror}. Nothing was written.") from None
    except TooLongForPaper as refusal:
        raise click.ClickException(str(refusal)) from None
    note_export(f"session {session}", "pdf", what=listed.what)
    click.echo(f"The {listed.what} of session {session} has been written to {output}.")
    if paper.respelt:
        click.echo(f"No font here has all letters of {len(paper.respelt)} texts; they are in Latin letters.", err=True)


def _names(columns: str) -> list[str]:
    try:
        [names] = csv.reader([columns], skipinitialspace=True) if columns.strip() else [[]]
    except csv.Error:
        raise click.UsageError(
            "The columns cannot be told apart. Write them in one line, with commas between."
        ) from None
    return [name.strip() for name in names if name.strip()]


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
