"""Commands about the members of the network."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from webinar.foundation.errors import DomainError
from webinar.members.services.import_members import import_members

members = AppGroup("members", help="The members of the network.")


@members.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_command(file: Path) -> None:
    """Add and update members from a CSV or XLSX file.

    Columns: name, country_code, region, timezone, and optionally official_name, aliases and mail_domains (several
    joined by |), key, latitude, longitude. A member is known by its key, else by its name. An empty cell leaves
    what is known; nobody is deleted.
    """
    try:
        outcome = import_members(file.read_bytes())
    except DomainError as refusal:
        raise click.ClickException(f"{refusal}\nNothing was changed.") from None
    if outcome.added or outcome.changed:
        click.echo(
            f"The members have been imported: {outcome.added} added, {outcome.changed} changed, "
            f"{outcome.unchanged} as they were."
        )
    else:
        click.echo(f"No change: all {outcome.unchanged} members are as the file says.")
    for column in outcome.not_understood:
        click.echo(f"Left out, because it means nothing here: column {column}", err=True)
