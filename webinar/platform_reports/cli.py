"""The command that takes a platform's report over."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from flask.cli import with_appcontext

from webinar.foundation.errors import DomainError
from webinar.platform_reports.matching import Named
from webinar.platform_reports.models import Reason, ReportedKind, Standing
from webinar.platform_reports.reading import name_of
from webinar.platform_reports.report import UnknownLayout
from webinar.platform_reports.services.apply import apply_file, plan_file
from webinar.platform_reports.services.plan import HowToRead, Plan
from webinar.platform_reports.services.refusals import NobodyInIt, NothingBelongs

MOST_TOLD = 100

REASONS = {
    Reason.SAME_NAME: "the same name",
    Reason.OTHER_ORDER: "the same names in another order",
    Reason.WITH_MEMBER: "the same name with a city or member beside it",
    Reason.OTHER_LETTERS: "the same name in other letters",
    Reason.KNOWN_ADDRESS: "somebody of the same name is known at this address",
    Reason.SEVERAL_REGISTERED: "several of this name are registered",
    Reason.SEVERAL_REPORTED: "several people in the report may be the same registrant",
}
KINDS = {
    ReportedKind.HOST: "hosts",
    ReportedKind.PANELLIST: "panellists",
    ReportedKind.STAFF: "of the staff",
    ReportedKind.PHONE: "on the telephone",
    ReportedKind.NAMELESS: "guests without a name",
}


@click.command("import")
@click.argument("session")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--timezone", metavar="ZONE", help="The zone of the times in the file, like Europe/Madrid.")
@click.option("--apply", "applies", is_flag=True, help="Store what is certain; without it nothing is stored.")
@with_appcontext
def import_command(session: str, file: Path, timezone: str | None, applies: bool) -> None:
    """Read a platform's attendance report of SESSION, and say who was there.

    Reports of Zoom, Teams, Webex, BigBlueButton and GoToWebinar, and tables with clear headings, as CSV or XLSX. Where
    the file names no zone, its times are taken to be in the session's. What is certain is stored with --apply; what is
    likely waits for a person, on the page of the session. The same file again changes nothing; a corrected one
    replaces the former report of the same meeting.
    """
    how = HowToRead(timezone=timezone)
    try:
        content = file.read_bytes()
        if not applies:
            plan = plan_file(session, content, how)
            _tell(plan)
            if not plan.report.logins:
                raise NobodyInIt
            if plan.is_of_another_time:
                click.echo(f"Its log-ins are of {', '.join(f'{day:%Y-%m-%d}' for day in plan.days[:5])}.")
                raise NothingBelongs
            click.echo(_outcome(plan))
            return
        done = apply_file(session, content, file_name=file.name, how=how)
    except OSError as fault:
        raise click.ClickException(f"{file} cannot be read: {fault.strerror}. Nothing was stored.") from None
    except UnknownLayout as unknown:
        headings = ", ".join(f"“{heading}”" for heading in unknown.layout.header if heading)
        raise click.ClickException(
            f"{file.name} is a table, but its headings do not say which column is which: {headings[:500]}. "
            "Bring it on the page of the session and name the columns there. Nothing was stored."
        ) from None
    except DomainError as refusal:
        raise click.ClickException(f"{refusal} {_NOTHING}") from None
    if not done.is_new:
        click.echo(f"This very file was taken over before: nothing was changed in session {session}.")
        return
    _tell(done.plan)
    click.echo(_done(session, done.plan))


_NOTHING = "Nothing was stored."


def _tell(plan: Plan) -> None:
    """Say what the report is and whom it names, a line a fact."""
    said, reading = plan.report, plan.reading
    began = "" if said.starts_wall is None else f", began on {said.starts_wall:%Y-%m-%d at %H:%M}"
    topic = f" “{said.topic}”" if said.topic else ""
    click.echo(f"{name_of(said.platform)} report{topic}{began}, times in {reading.timezone}.")
    if said.timezone is None:
        click.echo(f"The file names no time zone; if {reading.timezone} is wrong, say --timezone.")
    if said.is_order_doubtful:
        click.echo("Its dates may be read with the day or with the month first: see that the day is right.")
    for fault in plan.faults[:MOST_TOLD]:
        click.echo(f"Line {fault.line} was left out: {fault.reason}", err=True)
    if len(plan.faults) > MOST_TOLD:
        click.echo(f"{len(plan.faults) - MOST_TOLD} more lines were left out.", err=True)
    if outside := reading.placed.outside:
        were = "log-in was" if outside == 1 else "log-ins were"
        click.echo(f"{outside} {were} before or after the session and {'does' if outside == 1 else 'do'} not count.")
    if unclear := reading.placed.unclear:
        were = "log-in was" if unclear == 1 else "log-ins were"
        click.echo(
            f"{unclear} {were} at a time that the clocks showed twice or skipped that night: "
            "what is nearest to the session counts."
        )
    for one in plan.of(Standing.LIKELY)[:MOST_TOLD]:
        who = "" if one.registered is None else f" is likely {one.registered.full_name}"
        click.echo(f"To confirm: {_named(one)}{who} ({REASONS[one.reason or Reason.SAME_NAME]})")
    for one in plan.of(Standing.OPEN)[:MOST_TOLD]:
        why = f": {REASONS[one.reason]}" if one.reason in REASONS else ""
        click.echo(f"Open: {_named(one)}{why}")
    apart = ", ".join(f"{KINDS[kind]} {count}" for kind, count in sorted(plan.apart.items()))
    if apart:
        click.echo(f"Counted apart: {apart}.")


def _named(one: Named) -> str:
    return one.name if one.email is None or one.email == one.name else f"{one.name} <{one.email}>"


def _figures(counts: Counter[Standing]) -> str:
    figures = {
        "certain": counts[Standing.CERTAIN],
        "decided before": counts[Standing.BY_HAND] + counts[Standing.ADDED] + counts[Standing.SET_ASIDE],
        "to confirm": counts[Standing.LIKELY],
        "open": counts[Standing.OPEN],
        "apart": counts[Standing.APART],
    }
    return ", ".join(f"{count} {what}" for what, count in figures.items() if count or what in {"certain", "to confirm"})


def _outcome(plan: Plan) -> str:
    if plan.same is not None:
        return f"This very file was taken over before: --apply would change nothing. {_NOTHING}"
    replaces = "" if plan.replaces is None else f" It would replace {plan.replaces.file_name}."
    return f"People: {_figures(plan.counts)}.{replaces} {_NOTHING} Say --apply to store what is certain."


def _done(session: str, plan: Plan) -> str:
    replaces = "" if plan.replaces is None else f" It replaces {plan.replaces.file_name}."
    return f"The report has been taken over for session {session}: {_figures(plan.counts)}.{replaces}"
