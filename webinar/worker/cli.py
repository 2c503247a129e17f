"""The commands of the worker; ``mail`` lives here because the worker reaches every feature."""

from __future__ import annotations

import signal
from threading import Event
from types import FrameType

import click
from flask.cli import AppGroup

from webinar.mail.delivery import Tally
from webinar.worker.loop import deliver_once, watch

mail = AppGroup("mail", help="Mails that wait to be sent.")


@mail.command("deliver")
@click.option("--watch", "keep_watching", is_flag=True, help="Go on sending what becomes due, until stopped.")
def deliver_command(keep_watching: bool) -> None:
    """Send the mails that are due."""
    if keep_watching:
        click.echo(f"Stopped. {_sentence(watch(_stop_at_a_signal()))}")
        return
    tally = deliver_once()
    if tally is None:
        click.echo("Another sender is at work on this database; it sends what is due.")
        return
    if tally.trouble:
        raise click.ClickException(f"{_sentence(tally)} The rest waits: {tally.trouble}")
    click.echo(_sentence(tally))


def _sentence(tally: Tally) -> str:
    parts = [f"{tally.sent} {'mail was' if tally.sent == 1 else 'mails were'} sent"]
    if tally.later:
        parts.append(f"{tally.later} will be tried again later")
    if tally.refused:
        parts.append(f"{tally.refused} refused for good")
    if tally.given_up:
        parts.append(f"{tally.given_up} given up")
    return ", ".join(parts) + "."


def _stop_at_a_signal() -> Event:
    """Return what is set when the process is asked to end, by a service manager (SIGTERM) or a key (SIGINT)."""
    stop = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop
