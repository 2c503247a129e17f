"""Commands about mailings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from webinar.foundation import clock
from webinar.foundation.errors import DomainError
from webinar.foundation.formats import utc_text
from webinar.invitations.models import Mailing
from webinar.invitations.progress import Standing, progress_of
from webinar.invitations.queries import counted, find_mailing, fingerprint_of, mailings_page, unfinished_mailings
from webinar.invitations.services.confirm import confirm, what_is_missing, who_get_it
from webinar.invitations.services.going import go_on, pause, stop
from webinar.invitations.services.schedule import Schedule, schedule
from webinar.invitations.services.try_again import try_again

mailing = AppGroup("mailing", help="What is written to many at once.")

_TIME = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
_DAY = click.DateTime(["%Y-%m-%d"])


@mailing.command("list")
@click.option("--page", default=1, show_default=True, help="Thirty are on a page, the latest first.")
def list_command(page: int) -> None:
    """Name the mailings, each with its number and how far it is."""
    listing = mailings_page(page)
    unfinished = unfinished_mailings([one.id for one in listing.mailings])
    for one in listing.mailings:
        state = "sent" if one.is_or_was_on_its_way and one.id not in unfinished else one.state.value
        click.echo(f"{one.id}: {one.kind.value}, {state}, “{one.name}”.")
    more = f" This is page {listing.page} of {listing.pages}." if listing.pages > 1 else ""
    click.echo(f"There {'is 1 mailing' if listing.total == 1 else f'are {listing.total} mailings'}.{more}")


@mailing.command("show")
@click.argument("number", type=int)
def show_command(number: int) -> None:
    """Say who gets a draft and what it lacks, or how far a confirmed mailing has come."""
    found = _found(number)
    if found.is_draft:
        click.echo(_said_of_draft(found))
    else:
        click.echo(_said_of_progress(found))


@mailing.command("schedule")
@click.argument("number", type=int)
@click.option("--at", type=_TIME, help="The moment, by the clocks of --timezone.")
@click.option("--timezone", metavar="ZONE", help="As in Europe/Madrid; left out, that of the network.")
@click.option("--nine-on", "day", type=_DAY, help="The day on which it goes at nine o'clock where each person lives.")
@click.option("--now", "at_once", is_flag=True, help="Once it is confirmed.")
def schedule_command(
    number: int, at: datetime | None, timezone: str | None, day: datetime | None, at_once: bool
) -> None:
    """Choose when a draft goes out."""
    if sum((at is not None, day is not None, at_once)) != 1:
        raise click.UsageError("Give one of --at, --nine-on and --now.")
    zone = (timezone or current_app.config["DEFAULT_TIMEZONE"]) if at is not None else None
    wanted = Schedule(at, zone, day.date() if day is not None else None)
    found = _found(number)
    _done(lambda: schedule(number, wanted, found.revision))
    when = (
        f"at {at:%Y-%m-%dT%H:%M} in {zone}" if at else f"at nine on {day:%Y-%m-%d} in each city" if day else "at once"
    )
    click.echo(f"Mailing {number} goes out {when}, when it is confirmed.")


@mailing.command("confirm")
@click.argument("number", type=int)
@click.option("--list", "shown", metavar="LIST", required=True, help="Who gets it, as `mailing show` names the list.")
def confirm_command(number: int, shown: str) -> None:
    """Confirm a draft for exactly those of a list: its mails are written and sent from then on."""
    found = _found(number)
    counts: list[int] = []
    _done(lambda: counts.append(confirm(number, shown, found.revision)))
    click.echo(f"Mailing {number} is confirmed for {_people(counts[0])}.")


@mailing.command("pause")
@click.argument("number", type=int)
def pause_command(number: int) -> None:
    """Write no more mails of a mailing until it goes on."""
    _done(lambda: pause(_found(number).id))
    click.echo(f"Mailing {number} is paused.")


@mailing.command("continue")
@click.argument("number", type=int)
def continue_command(number: int) -> None:
    """Let a paused mailing go on."""
    _done(lambda: go_on(_found(number).id))
    click.echo(f"Mailing {number} goes on.")


@mailing.command("stop")
@click.argument("number", type=int)
def stop_command(number: int) -> None:
    """Send nothing more of a mailing, for good."""
    _done(lambda: stop(_found(number).id))
    click.echo(f"Mailing {number} is stopped.")


@mailing.command("try-again")
@click.argument("number", type=int)
def try_again_command(number: int) -> None:
    """Send once more what was refused or given up, where that may work; some hundred at a time."""
    counts: list[int] = []
    _done(lambda: counts.append(try_again(_found(number).id)))
    click.echo(f"{counts[0]} mails of mailing {number} are in the queue again.")


def _found(number: int) -> Mailing:
    found = find_mailing(number) if number > 0 else None
    if found is None:
        raise click.ClickException(f"There is no mailing {number}.")
    return found


def _done(do: Callable[[], object]) -> None:
    try:
        do()
    except DomainError as refusal:
        raise click.ClickException(f"{refusal} Nothing was changed.") from None


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _said_of_draft(found: Mailing) -> str:
    planned = counted(found)
    left_out = sum(one.people for one in planned if one.left_out is not None)
    get_it = ", ".join(f"{one.people} in {one.language}" for one in planned if one.left_out is None)
    missing = " ".join(str(one) for one in what_is_missing(found, planned, clock.now()))
    said = f"Mailing {found.id} is a draft: {_people(who_get_it(planned))} would get it"
    named = missing or f"Their list is {fingerprint_of(planned)}."
    return f"{said}{f' ({get_it})' if get_it else ''}, {left_out} are left out. {named}"


def _said_of_progress(found: Mailing) -> str:
    now = clock.now()
    progress = progress_of(found, now)
    counts = ", ".join(
        f"{progress.of(standing)} {standing.value.replace('_', ' ')}"
        for standing in Standing
        if progress.of(standing) or standing is Standing.SENT
    )
    said = f"Mailing {found.id} is {found.state.value}, of {_people(progress.people)}: {counts}."
    if progress.last_at is not None:
        return f"{said} The last are due at {utc_text(progress.last_at)}."
    return f"{said} About {progress.minutes_left} minutes to go." if progress.minutes_left else said
