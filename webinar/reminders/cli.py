"""The command that chooses when people are reminded of a session."""

from __future__ import annotations

import click

from webinar.foundation.errors import DomainError
from webinar.reminders.services.choose import choose_reminders


@click.command("remind")
@click.argument("key")
@click.option(
    "--before", "minutes", type=int, multiple=True, metavar="MINUTES", help="So long before the start; again for each."
)
@click.option("--never", is_flag=True, help="Remind nobody of it.")
@click.option("--as-usual", is_flag=True, help="As the setting REMINDERS says.")
def remind_command(key: str, minutes: tuple[int, ...], never: bool, as_usual: bool) -> None:
    """Choose when everybody who has a place in a session is reminded of it."""
    if [bool(minutes), never, as_usual].count(True) != 1:
        raise click.UsageError("Say when by --before MINUTES, or --never, or --as-usual.")
    try:
        choose_reminders(key, None if as_usual else minutes)
    except DomainError as refusal:
        raise click.ClickException(f"{refusal} Nothing was changed.") from None
    if minutes:
        times = ", ".join(str(one) for one in sorted(minutes, reverse=True))
        click.echo(f"People are reminded of session {key} {times} minutes before its start.")
    elif never:
        click.echo(f"Nobody is reminded of session {key}.")
    else:
        click.echo(f"People are reminded of session {key} as usual.")
