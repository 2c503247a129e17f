"""Commands about the catalogue."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from webinar.catalogue.services.import_catalogue import import_catalogue
from webinar.foundation.errors import DomainError

catalogue = AppGroup("catalogue", help="Series, webinars and sessions.")


@catalogue.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_command(file: Path) -> None:
    """Add and update series, webinars and sessions from one JSON file."""
    try:
        outcome = import_catalogue(file.read_bytes())
    except DomainError as refusal:
        raise click.ClickException(f"{refusal} Nothing was changed.") from None
    click.echo(
        f"The catalogue has been imported: {outcome.added} added, {outcome.changed} changed, "
        f"{outcome.unchanged} as they were."
    )
    for key, codes in outcome.without_title:
        click.echo(f"Public, but its webinar has no title in {', '.join(codes)}: session {key}", err=True)
    for name in outcome.not_understood:
        click.echo(f"Left out, because it means nothing here: {name}", err=True)
