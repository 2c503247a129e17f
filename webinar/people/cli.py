"""Commands about the contacts of the network."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from webinar.foundation.errors import DomainError
from webinar.people.contact_lines import DO_NOT_WRITE
from webinar.people.models import LegalBasis
from webinar.people.services.import_contacts import Fate, Plan, import_contacts, plan_import

MOST_TOLD = 100

contacts = AppGroup("contacts", help="The people whom the network keeps on its lists.")


@contacts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--source", default="", help="Where the addresses are from; else the name of the file.")
@click.option(
    "--basis",
    type=click.Choice([basis.value for basis in LegalBasis]),
    default=LegalBasis.LEGITIMATE_INTEREST.value,
    help="The legal basis on which they are kept, where the file does not tell; else legitimate interest.",
)
def import_command(file: Path, dry_run: bool, source: str, basis: str) -> None:
    """Add and change contacts from a CSV or XLSX file, or from one of Mailchimp's three exports.

    Columns, in English, Spanish or French and in any order: the mail address, and optionally given name, family name
    (or the whole name), member, organisation, role, language, focal point, kinds of mail, source, basis, since. A
    person is known by the address. An empty cell leaves what is known; nobody is deleted. Lines that cannot be placed
    are left out and named. Mailchimp's lists of unsubscribed and cleaned addresses say who is not to be written to.
    """
    try:
        content = file.read_bytes()
        plan = (
            plan_import(content)
            if dry_run
            else import_contacts(content, source=source.strip()[:300] or file.name[:300], basis=LegalBasis(basis))
        )
    except DomainError as refusal:
        raise click.ClickException(f"{refusal}\nNothing was changed.") from None
    for fault in plan.faults[:MOST_TOLD]:
        click.echo(f"Line {fault.line}: {fault.reason}", err=True)
    if len(plan.faults) > MOST_TOLD:
        click.echo(f"{len(plan.faults) - MOST_TOLD} more lines cannot be placed.", err=True)
    for name, count in plan.unknown_members.items():
        click.echo(f"Not found among the members: {name[:80]} ({count})", err=True)
    for column in plan.left_out:
        click.echo(f"Left out, because it means nothing here: column {column}", err=True)
    if plan.faults and not plan.lines:
        raise click.ClickException("No line could be placed. Nothing was changed.")
    click.echo(_sentence(plan, dry_run))


def _sentence(plan: Plan, dry_run: bool) -> str:
    new, changed, same = (plan.counts[fate] for fate in (Fate.NEW, Fate.CHANGED, Fate.SAME))
    not_placed = f"{len(plan.faults)} not placed."
    if plan.kind in DO_NOT_WRITE:
        done = "would be" if dry_run else "are"
        return f"Not to be written to: {new} addresses {done} added, {same} were known, {not_placed}"
    if dry_run:
        return f"Nothing was stored. It would be {new} added, {changed} changed, {same} as they were, {not_placed}"
    if not plan.changes_something:
        return f"No change: {same} contacts are as the file says, {not_placed}"
    return f"The contacts have been imported: {new} added, {changed} changed, {same} as they were, {not_placed}"
