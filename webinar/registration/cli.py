"""Commands about registrations."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from webinar.foundation.errors import DomainError
from webinar.registration.models import RegistrationStatus
from webinar.registration.services.import_registrations import Imported, import_registrations

registrations = AppGroup("registrations", help="Who is registered.")

WORDS = {
    RegistrationStatus.REGISTERED: "registered",
    RegistrationStatus.WAITING: "waiting",
    RegistrationStatus.CANCELLED: "cancelled",
    RegistrationStatus.UNREGISTERED: "came unregistered",
}


@registrations.command("import")
@click.argument("session")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--quiet", is_flag=True, help="Send no confirmations.")
def import_command(session: str, file: Path, quiet: bool) -> None:
    """Register everybody in a CSV or XLSX file with columns of the attendance export, in any order."""
    try:
        outcome = import_registrations(session, file.read_bytes(), quiet=quiet)
    except DomainError as refusal:
        raise click.ClickException(f"{refusal}\nNothing was imported.") from None
    click.echo(_sentence(session, outcome))
    if outcome.attendance_left_out:
        click.echo("What the file says about attendance and calendar answers was not read.", err=True)
    if outcome.left_out:
        click.echo(f"Left out, because they mean nothing here: {', '.join(outcome.left_out)}.", err=True)


def _sentence(session: str, outcome: Imported) -> str:
    total = sum(outcome.added.values())
    kinds = ", ".join(f"{outcome.added[status]} {word}" for status, word in WORDS.items() if outcome.added.get(status))
    told = f"Imported into session {session}: {_people(total)}"
    if total:
        told += f" ({kinds}), {_people(outcome.written_to)} written to"
    if outcome.known:
        told += f"; {_people(outcome.known)} there already, left as they are"
    return f"{told}."


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
