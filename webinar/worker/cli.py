"""The commands of the worker; ``mail`` lives here because the worker reaches every feature."""

from __future__ import annotations

import logging
import os
import sys
from typing import BinaryIO

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from webinar.foundation.stopping import told_to_stop
from webinar.mail.delivery import Tally
from webinar.mail.imap import MailboxTrouble
from webinar.mail.incoming import MOST_BYTES
from webinar.worker.loop import deliver_once, watch
from webinar.worker.polling import account_of, read_lot
from webinar.worker.receiving import receive

logger = logging.getLogger(__name__)

STEPS_ASIDE = 3
"""How much nicer than the site's processes a worker is that goes on: people who wait for a page go before mails."""

mail = AppGroup("mail", help="Mails that wait to be sent, and those that come in.")


@mail.command("deliver")
@click.option("--watch", "keep_watching", is_flag=True, help="Go on sending what becomes due, until stopped.")
def deliver_command(keep_watching: bool) -> None:
    """Send the mails that are due."""
    if keep_watching:
        os.nice(STEPS_ASIDE)
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


@mail.command("receive")
@click.option("--recipient", default="", help="The address it was handed to, as the mail server knows it.")
def receive_command(recipient: str) -> None:
    """Read one message from standard input: a calendar's answer, a mail of ours that came back, a complaint about one,
    or that somebody unsubscribes.

    Exits with 0 whatever the message is, and with 75 (try again later) where it could not be dealt with now.
    """
    content = _read(sys.stdin.buffer)
    try:
        said = receive(content, recipient)
    except SQLAlchemyError as trouble:
        logger.error("a message could not be taken: %s", trouble)
        click.echo("The database cannot be used now; the message should be given to us again later.", err=True)
        sys.exit(os.EX_TEMPFAIL)
    click.echo(said)


@mail.command("poll")
def poll_command() -> None:
    """Read what has come into the mailbox that IMAP_SERVER and the settings with it name.

    The worker does so by itself; this says at once whether the settings are right.
    """
    account = account_of(current_app)
    if account is None:
        raise click.ClickException("IMAP_SERVER is not set, so there is no mailbox to read.")
    count = 0
    is_more = True
    while is_more:
        try:
            lot = read_lot(account)
        except MailboxTrouble as trouble:
            raise click.ClickException(f"The mailbox cannot be read: {trouble}") from None
        if lot is None:
            click.echo("A worker is reading this mailbox just now.")
            return
        count += lot.read
        is_more = lot.is_more
    click.echo(f"{count} {'message was' if count == 1 else 'messages were'} read.")


def _read(stream: BinaryIO) -> bytes:
    """Return a message, or so much of it that it is known to be too large; read to its end, so that nobody waits."""
    content = stream.read(MOST_BYTES + 1)
    while stream.read(MOST_BYTES):
        pass
    return content


def _sentence(tally: Tally) -> str:
    parts = [f"{tally.sent} {'mail was' if tally.sent == 1 else 'mails were'} sent"]
    if tally.later:
        parts.append(f"{tally.later} will be tried again later")
    if tally.refused:
        parts.append(f"{tally.refused} refused for good")
    if tally.given_up:
        parts.append(f"{tally.given_up} given up")
    return ", ".join(parts) + "."
