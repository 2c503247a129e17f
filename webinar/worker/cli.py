"""The commands of the worker; ``mail`` lives here because the worker reaches every feature."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webinar.foundation.stopping import told_to_stop
from webinar.mail.delivery import Tally
from webinar.worker.loop import deliver_once, watch

mail = AppGroup("mail", help="Mails that wait to be sent.")


@mail.command("deliver")
@click.option("--watch", "keep_watching", is_flag=True, help="Go on sending what becomes due, until stopped.")
def deliver_command(keep_watching: bool) -> None:
    """Send the mails that are due."""
    if keep_watching:
        with told_to_stop() as stop:
            tally = watch(stop)
        click.echo(f"Stopped. {_sentence(tally)}")
        return
    once = deliver_once()
    if once is None:
        click.echo("Another sender is at work on this database; it sends what is due.")
        return
    if once.trouble:
        raise click.ClickException(f"{_sentence(once)} The rest waits: {once.trouble}")
    click.echo(_sentence(once))


def _sentence(tally: Tally) -> str:
    parts = [f"{tally.sent} {'mail was' if tally.sent == 1 else 'mails were'} sent"]
    if tally.later:
        parts.append(f"{tally.later} will be tried again later")
    if tally.refused:
        parts.append(f"{tally.refused} refused for good")
    if tally.given_up:
        parts.append(f"{tally.given_up} given up")
    return ", ".join(parts) + "."
