"""Mails: how long one takes to make and how many one worker sends, beside the bare parts in the same run.

``python -m bench.mail`` makes 1,000 mails with a calendar part on SQLite and sends them to a mail server of its own
on this machine, which takes everything.
"""

from __future__ import annotations

import multiprocessing
import os
import smtplib
import socket
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import icalendar
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import func, select

from config import TestConfig
from webinar import create_app
from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.calendars.objects import Occasion, request
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.when import When
from webinar.mail.delivery import deliver_due
from webinar.mail.message import CalendarPart
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import enqueue, write
from webinar.mail.rendering import Rendered, render
from webinar.mail.transport import transport_of

MAILS = 1_000
START = datetime(2027, 2, 24, 15, 0, tzinfo=UTC)
WHEN = When(START, START + timedelta(minutes=75), "Asia/Seoul", "Europe/Madrid")
ENTRY = CalendarEntry(
    uid=str(uuid.uuid4()),
    sequence=1,
    status=EntryStatus.CONFIRMED,
    dtstamp=START - timedelta(days=20),
    organizer="webinars@example.org",
    address="ana@lisbon.example",
    name="Ana Torres",
)
OCCASION = Occasion(
    title="City managers and the New Urban Agenda, الحرّ في المدن",
    description="This is your personal link; please do not pass it on.\nWednesday 24 February 2027, 16:00\n\n"
    + "الحرّ في المدن وما تفعله البلديات. " * 5
    + "What cities do when it is hot, and who pays for it. " * 4,
    language="ar",
    starts_at=START,
    ends_at=START + timedelta(minutes=75),
    link="https://webinars.example.org/join/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq",
    link_label="Join",
    host="Network of cities",
)
CALENDAR = CalendarPart("REQUEST", request(ENTRY, OCCASION))
BODY = """
    {% block title %}City managers and the New Urban Agenda, ten years on{% endblock %}
    {% block above %}{{ date_block(when, ["English"]) }}{% endblock %}
    {% block content %}
    <p>{{ _("Dear %(name)s,", name=name | isolated) }}</p>
    <p>You have a place. This message carries the calendar invitation: press Yes in it, and the session stands in your
    calendar at the right hour and follows if the date moves.</p>
    {{ button("https://webinars.example.org/en/registrations/token", "See or change my place") }}
    {% endblock %}
    {% block footer %}You receive this because you registered with this address.{% endblock %}
"""
TEMPLATES = {
    "mail/measured.subject.txt": "Your place in City managers and the New Urban Agenda",
    **{
        f"mail/measured.{kind}": f'{{% extends "mail/layout.{kind}" %}}'
        f'{{% from "mail/parts.{kind}" import button, date_block %}}' + BODY
        for kind in ("txt", "html")
    },
}


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, mail_server() as port:
        settings = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port)}
        app = create_app(TestConfig(Path(folder), f"sqlite:///{folder}/bench.db", **settings))
        templates = app.extensions["mail_templates"]
        templates.loader = ChoiceLoader([DictLoader(TEMPLATES), templates.loader])
        with app.app_context():
            db.create_all()
            _measure(app, port, Path(folder))
            db.session.remove()
            db.engine.dispose()


def _measure(app: Flask, port: int, folder: Path) -> None:
    part = _milliseconds(lambda: request(ENTRY, OCCASION))
    _show(f"calendar parts, {len(CALENDAR.content)} bytes, one core", f"{1000 / part:.0f} /s")
    read = icalendar.Calendar.from_ical(CALENDAR.content)
    _show("beside: the same bytes by the components of icalendar", f"{1000 / _milliseconds(read.to_ical):.0f} /s")
    _words()  # compiles the templates
    _show("words of a mail: subject, text, HTML with its styles in the elements", f"{_milliseconds(_words):.2f} ms")
    _show("words of one of many mails that tell the same", f"{_milliseconds(_words_to_many):.2f} ms")
    with transaction():
        took = _milliseconds(_store)
    size = db.session.scalar(select(func.length(OutboxMail.message)).limit(1))
    content = db.session.scalar(select(OutboxMail.message).limit(1)) or b""
    db.session.rollback()
    _show(f"whole mail with calendar part, {size} bytes, stored", f"{took:.2f} ms")

    began = time.perf_counter()
    tally = deliver_due(transport_of(app), "bench")
    _show(f"one worker sends {tally.sent}", f"{tally.sent / (time.perf_counter() - began):.0f} mails/s")

    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _ in range(MAILS):
            server.sendmail("webinars@example.org", ["ana@lisbon.example"], content)
    _show("bare: the same bytes by smtplib over one connection", f"{MAILS / (time.perf_counter() - began):.0f} mails/s")
    _show("bare: durable writes on this disk, one of which each sent mail needs", f"{_durable_writes(folder):.0f} /s")


def _durable_writes(folder: Path) -> float:
    with (folder / "written").open("wb", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(MAILS):
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
    return MAILS / (time.perf_counter() - began)


def _words() -> Rendered:
    return render("measured", "en", when=WHEN, name="Ana Torres")


def _words_to_many() -> Rendered:
    return render("measured", "en", {"name": "Ana Torres"}, when=WHEN)


def _store() -> None:
    enqueue(
        write(
            "confirmation",
            _words_to_many(),
            to="ana@lisbon.example",
            to_name="Ana Torres",
            person_id=None,
            topic="session measured",
            language="en",
            keep_until=clock.now(),
            calendar=CALENDAR,
        )
    )


def _milliseconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(MAILS):
        do()
    return (time.perf_counter() - began) / MAILS * 1000


def _show(what: str, figure: str) -> None:
    print(f"{what:<75} {figure:>14}")


@contextmanager
def mail_server() -> Iterator[int]:
    """Run a mail server that takes everything and keeps nothing, as a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_take_everything, args=(theirs,), daemon=True)
    process.start()
    yield ours.recv()
    process.kill()
    process.join()


def _take_everything(pipe: Connection) -> None:
    answers = {b"EHLO": b"250 here\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 goodbye\r\n"}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        pipe.send(listening.getsockname()[1])
        while True:
            connection, _address = listening.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"220 here I am\r\n")
                while line := lines.readline():
                    command = line[:4].upper()
                    connection.sendall(answers.get(command, b"250 fine\r\n"))
                    if command == b"DATA":
                        while lines.readline() not in {b".\r\n", b""}:
                            pass
                        connection.sendall(b"250 taken\r\n")


if __name__ == "__main__":
    main()
