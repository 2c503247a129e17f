"""Commands about sessions that change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import click
from flask.cli import AppGroup, with_appcontext

from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.session_notice import put_up_notice, take_down_notice
from webinar.catalogue.zone_changes import ZoneChange, zone_changes
from webinar.foundation import clock, languages
from webinar.foundation.errors import DomainError
from webinar.foundation.zones import in_zone
from webinar.updates.models import UpdateKind
from webinar.updates.queries import audience_of
from webinar.updates.services import cancel_session, move_session, tell_session
from webinar.updates.services.rehearse import Plan, Rehearsed, rehearse

session = AppGroup("session", help="Moving and cancelling a session, telling and reminding everybody who comes.")


def _said(_context: click.Context, _option: click.Parameter, pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    words = dict(pairs)
    for language, _text in pairs:
        if not languages.is_known(language):
            raise click.BadParameter(f"“{language}” is no language; write its code, as in: --say fr “…”.")
    if len(words) < len(pairs):
        raise click.BadParameter("Say it once in each language.")
    return words


_TIME = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
_says = click.option(
    "--say",
    "words",
    nargs=2,
    multiple=True,
    callback=_said,
    metavar="LANGUAGE TEXT",
    help="A sentence more, in a language; again for each.",
)
_rehearses = click.option("--dry-run", is_flag=True, help="Only say who would be told, and in which languages.")


@session.command("move")
@click.argument("key")
@click.option("--start", type=_TIME, required=True, help="The new start, by the clocks where the session is held.")
@click.option("--end", type=_TIME, required=True, help="The new end, by the same clocks.")
@_says
@_rehearses
def move_command(key: str, start: datetime, end: datetime, words: Mapping[str, str], dry_run: bool) -> None:
    """Hold a session at another time: everybody's calendar follows, and everybody who comes is told."""
    plan = Plan(UpdateKind.MOVED, start, end, words)
    seen = _decided(key, plan, dry_run, lambda: move_session(key, start, end, words=words))
    when = f"{seen.then.starts_there:%Y-%m-%dT%H:%M} in {seen.then.held_zone}"
    _tell(key, f"would be moved to {when}" if dry_run else f"has been moved to {when}", seen, dry_run)


@session.command("cancel")
@click.argument("key")
@_says
@_rehearses
def cancel_command(key: str, words: Mapping[str, str], dry_run: bool) -> None:
    """Do not hold a session: it leaves everybody's calendar, and everybody who comes is told."""
    seen = _decided(key, Plan(UpdateKind.CANCELLED, words=words), dry_run, lambda: cancel_session(key, words=words))
    _tell(key, "would be cancelled" if dry_run else "has been cancelled", seen, dry_run)


@session.command("tell")
@click.argument("key")
@_says
@_rehearses
def tell_command(key: str, words: Mapping[str, str], dry_run: bool) -> None:
    """Bring the title and texts of a session in everybody's calendar up to date."""
    seen = _decided(key, Plan(UpdateKind.CHANGED, words=words), dry_run, lambda: tell_session(key, words=words))
    _tell(key, "would be told anew" if dry_run else "is told anew", seen, dry_run)


@session.command("notice")
@click.argument("key")
@_says
@click.option("--off", is_flag=True, help="Take the notice down.")
def notice_command(key: str, words: Mapping[str, str], off: bool) -> None:
    """Put a line up on the pages of a session at once, or take it down."""
    if off == bool(words):
        raise click.UsageError("Say what the notice is by --say LANGUAGE TEXT, or take it down by --off.")
    try:
        if off:
            take_down_notice(key)
        else:
            put_up_notice(key, words)
    except DomainError as refusal:
        raise _refused(refusal) from None
    done = "is down" if off else f"is up in {', '.join(words)}"
    click.echo(f"The notice of session {key} {done}.")


def _decided(key: str, plan: Plan, dry_run: bool, decide: Callable[[], None]) -> Rehearsed:
    """Do what a plan says, unless it is only to be looked at, and return what was to come of it."""
    try:
        seen = rehearse(key, plan)
        if not dry_run:
            decide()
    except DomainError as refusal:
        raise _refused(refusal) from None
    return seen


def _refused(refusal: DomainError) -> click.ClickException:
    about = f" ({refusal.field})" if isinstance(refusal, EditRefused) else ""
    return click.ClickException(f"{refusal}{about} Nothing was changed.")


def _tell(key: str, done: str, seen: Rehearsed, dry_run: bool) -> None:
    told = f"{_people(seen.people)} {'would be' if dry_run else 'is' if seen.people == 1 else 'are'} told"
    languages_of = ", ".join(f"{one.people} in {one.language}" for one in seen.audience)
    click.echo(f"Session {key} {done}; {f'{told}: {languages_of}' if seen.people else 'there is nobody to tell'}.")


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
