"""The command that loads the sample network."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webinar.foundation import clock
from webinar.foundation.errors import DomainError
from webinar.sample.services import ORGANISER, Loaded, load

sample = AppGroup("sample", help="The sample network, for whoever tries the program.")


@sample.command("load")
def load_command() -> None:
    """Load members, past and coming sessions and invented people; what is there already stays as it is."""
    try:
        loaded = load(clock.now())
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(_sentence(loaded))


def _sentence(loaded: Loaded) -> str:
    things = [
        f"{count} {name}"
        for count, name in (
            (loaded.members, "members"),
            (loaded.series, "series"),
            (loaded.registrations, "registrations"),
            (loaded.stays, "records of attendance"),
            (loaded.contacts, "contacts"),
        )
        if count
    ]
    if loaded.accounts:
        things.append(f"the account {ORGANISER}")
    if not things:
        return "The sample network is here already; nothing was changed."
    *most, last = things
    return f"Loaded the sample network: {', '.join(most)}{' and ' if most else ''}{last}."
