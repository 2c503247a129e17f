"""``make run``: the program with everything it needs, on this machine, until Ctrl-C.

The parent of two processes: gunicorn with the site, and the worker that sends the mail. It stays small and
serves nothing itself. On a real server systemd is the parent: see deploy/.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import MutableMapping

import click
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from config import PROJECT, Config, Reader, SettingsError
from webinar import create_app
from webinar.accounts.models import StaffAccount
from webinar.accounts.queries import find_by_email
from webinar.accounts.services import sign_in_link_for
from webinar.catalogue.models import Series
from webinar.foundation import clock, schema
from webinar.foundation.db import db
from webinar.foundation.stopping import Stop, told_to_stop
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.sample.services import ORGANISER, load

DEFAULT_PORT = 5000
PATIENCE = 30
"""Seconds that a child may take to end, or to begin answering."""

WEB = (sys.executable, "-m", "gunicorn", "wsgi:app")
WORKER = (sys.executable, "-m", "flask", "--app", "wsgi", "mail", "deliver", "--watch")


class CannotStart(Exception):
    """Something is in the way; the message says what, and what to do."""


def main() -> int:
    """Prepare the database, start the two processes, and stay until asked to stop or until one of them ends."""
    try:
        port = choose_port(os.environ)
        app = create_app(Config(os.environ))
        with app.app_context():
            prepare_database()
            told = what_to_know(app, port)
            db.engine.dispose()  # not to be handed down to the children
    except (SettingsError, CannotStart) as obstacle:
        click.echo(str(obstacle), err=True)
        return 1
    except KeyboardInterrupt:
        return 130
    with told_to_stop() as stop:
        return look_after(port, told, stop)


def choose_port(environ: MutableMapping[str, str]) -> int:
    """Return the port to serve on, and let PUBLIC_URL follow it where it is not set.

    Raises:
        SettingsError: PORT is not a port.
        CannotStart: something else answers there.
    """
    port = Reader(environ).whole("PORT", DEFAULT_PORT, least=1)
    if port > 65535:
        raise SettingsError(f"PORT is {port}, but must be at most 65535.")
    with socket.socket() as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trying.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} is not free ({error.strerror}). Choose another: PORT=5001 make run"
            ) from None
    environ["PORT"] = str(port)
    if not Reader(environ).text("PUBLIC_URL"):
        environ["PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    return port


def prepare_database() -> None:
    """Bring the schema up to date, and load the sample network where there is nothing at all."""
    if not schema.is_current():
        click.echo("Bringing the database up to date ...")
        upgrade()
    if not any(db.session.scalar(select(table.id).limit(1)) for table in (Series, Member, Person, StaffAccount)):
        click.echo("Loading the sample network ...")
        load(clock.now())


def what_to_know(app: Flask, port: int) -> str:
    """Return what a newcomer needs: where the pages are, how to sign in, where the mail goes."""
    public = app.config["PUBLIC_URL"]
    server = app.config["MAIL_SERVER"]
    lines = [
        f"The programme:   {public}/",
        f"The staff area:  {public}/staff/",
        f"The mail:        leaves by {server}" if server else f"The mail:        stays in {app.instance_path}/mailbox/",
    ]
    if public != f"http://127.0.0.1:{port}":
        lines.append(f"Served at:       http://127.0.0.1:{port}/")
    account = find_by_email(ORGANISER)
    if account is not None and account.is_active:
        lines += ["", f"To sign in once as {ORGANISER}, open:", sign_in_link_for(ORGANISER)]
    else:
        lines += ["", "To make an account:  .venv/bin/flask --app wsgi staff create EMAIL --role admin"]
    return "\n".join(["", *lines, "", "Ctrl-C stops it."])


def look_after(port: int, told: str, stop: Stop) -> int:
    """Start both children, say where they are, and end both as soon as one ends or ``stop`` is set."""
    # In sessions of their own: Ctrl-C reaches the parent only, which ends them in order.
    children = [subprocess.Popen(command, cwd=PROJECT, start_new_session=True) for command in (WEB, WORKER)]
    try:
        if wait_until_it_answers(port, children, stop):
            click.echo(told)
        while not stop.wait(0.2) and not any_ended(children):
            pass
    finally:
        failed = any_ended(children)
        for child in children:
            end(child)
    if failed and not stop.is_set():
        click.echo("One of the two processes ended by itself, so the other was ended too.", err=True)
        return 1
    click.echo("Stopped.")
    return 0


def wait_until_it_answers(port: int, children: list[subprocess.Popen[bytes]], stop: Stop) -> bool:
    """Wait until the site takes connections; tell whether it came to that."""
    for _ in range(PATIENCE * 10):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if any_ended(children) or stop.wait(0.1):
                return False
        else:
            return True
    return False


def any_ended(children: list[subprocess.Popen[bytes]]) -> bool:
    """Tell whether one of the children has ended."""
    return any(child.poll() is not None for child in children)


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask a child to end, and make it where it does not."""
    child.terminate()
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    sys.exit(main())
