"""Commands about sessions that change."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webinar.catalogue.zone_changes import ZoneChange, zone_changes
from webinar.foundation import clock
from webinar.foundation.errors import DomainError
from webinar.foundation.zones import in_zone
from webinar.updates.models import UpdateKind
from webinar.updates.queries import audience_of
from webinar.updates.services.move_session import move_session


@click.command("check-times")
@click.option("--apply", is_flag=True, help="Move these sessions to where the clocks put them now, and tell everybody.")
@with_appcontext
def check_times(apply: bool) -> None:
    """Say of which sessions to come the hour has changed with the world's zone data.

    Exits with 1 as long as there is one, so that a nightly job is noticed.
    """
    changes = zone_changes(clock.now())
    left = sum(not _settle(change, apply) for change in changes)
    if not changes:
        click.echo("The zone data has changed no session to come.")
    elif not left:
        click.echo(f"The zone data had changed {_sessions(len(changes))}: corrected, and whoever comes is told.")
    else:
        raise click.ClickException(
            f"The zone data has changed {_sessions(len(changes))}, {left} of them to be corrected: "
            "by --apply, or by “session move” where a person has to choose the time."
        )


def _settle(change: ZoneChange, apply: bool) -> bool:
    """Say what has changed, and correct it if that is wanted and can be; tell whether it has been corrected."""
    session = change.session
    decided = f"{session.starts_wall:%Y-%m-%dT%H:%M} to {session.ends_wall:%Y-%m-%dT%H:%M} in {session.timezone}"
    if change.refusal is not None:
        click.echo(f"Session {session.key}, {decided}: {change.refusal}")
        return False
    starts, ends = (in_zone(moment, session.timezone) for moment in (session.starts_at, session.ends_at))
    told = f"{starts:%Y-%m-%dT%H:%M} to {ends:%Y-%m-%dT%H:%M}"
    people = sum(audience.people for audience in audience_of(session.id, UpdateKind.MOVED))
    click.echo(f"Session {session.key}, {decided}: calendars show {told} there, {_people(people)} to tell.")
    if not apply:
        return False
    try:
        # From the revision that was compared: whoever has moved it since knows better.
        move_session(session.key, session.starts_wall, session.ends_wall, made_from=session.revision)
    except DomainError as refusal:
        click.echo(f"Session {session.key} stays as it is: {refusal}", err=True)
        return False
    return True


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
