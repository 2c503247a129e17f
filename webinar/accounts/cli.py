"""Commands about the staff."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from webinar.accounts import services
from webinar.foundation.errors import DomainError

staff = AppGroup("staff", help="Who may sign in to the staff area.")


@staff.command()
@click.argument("email")
@click.option("--role", required=True, metavar="admin|organiser|viewer", help="What the person may do.")
@click.option("--name", default="", help="How the person is called.")
@click.option("--language", default="", help="The language that the staff area speaks to them.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
def create(email: str, role: str, name: str, language: str, password_stdin: bool) -> None:
    """Create an account, with a password or with a link that signs in once."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    try:
        account = services.create_account(email, role, name=name, language=language, password=password)
        made = f"The account of {account.email} ({account.role.value}) has been created."
        if password is None:
            made += f" This link signs in once, within 24 hours: {services.sign_in_link_for(account.email)}"
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(made)


@staff.command()
@click.argument("email")
def link(email: str) -> None:
    """Print a link that signs somebody in once, within 24 hours."""
    try:
        address = services.sign_in_link_for(email)
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"This link signs {email} in once, within 24 hours: {address}")


@staff.command()
@click.argument("email")
@click.argument("role", metavar="admin|organiser|viewer")
def role(email: str, role: str) -> None:
    """Give an account another role."""
    try:
        services.change_role(email, role)
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"The account of {email} has the role {role}.")


@staff.command()
@click.argument("email")
def close(email: str) -> None:
    """Close an account; its sessions end, what it did stays on record."""
    try:
        services.close_account(email)
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"The account of {email} is closed.")


@staff.command("open")
@click.argument("email")
def open_again(email: str) -> None:
    """Open a closed account again."""
    try:
        services.open_account(email)
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"The account of {email} is open.")
