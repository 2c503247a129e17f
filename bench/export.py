"""The attendance export of 50,000 people, beside the bare parts it is made of, in the same run.

``python -m bench.export`` prints one line a format: how long it takes from the command's first query to the written
file and how much of that the processor worked, what the bare csv module or the bare XlsxWriter take for the same table
read by one SELECT, how much more memory the process needed, and how many queries there were. On a database of its own,
in a temporary folder.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from flask import Flask
from sqlalchemy import event, insert, text

from config import TestConfig
from webinar import create_app
from webinar.attendance.chosen_columns import EVERYTHING, Choice
from webinar.attendance.export import ExportFormat, blocks_of_csv, export, write_file
from webinar.attendance.models import Attendance, AttendanceRecord, AttendanceSource
from webinar.attendance.participants import COLUMNS
from webinar.attendance.queries import stays_in_session
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
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.registration.models import Affiliation, Registration, RegistrationStatus

PEOPLE = 50_000
MEMBERS = 140
TO_PASS_ON = Choice(None, without_personal_data=True)
START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
ERASE_AFTER = START + timedelta(days=730)

# The same 22 columns without any of our rules, as a script on the database would take them.
BARE = """
    SELECT series.slug, webinar.slug, s.key, s.starts_at, v.code, r.given_name, r.family_name, p.email,
           r.affiliation, m.name, m.country_code, m.region, r.organisation, r.role, r.status, r.registered_at,
           '', 'yes', min(a.joined_at), max(a.left_at), 60.0, 'report'
    FROM registration r
    JOIN webinar_session s ON s.id = r.session_id JOIN webinar ON webinar.id = s.webinar_id
    JOIN series ON series.id = webinar.series_id JOIN language_version v ON v.id = r.language_version_id
    JOIN person p ON p.id = r.person_id LEFT JOIN member m ON m.id = r.member_id
    LEFT JOIN attendance_record a ON a.session_id = r.session_id AND a.person_id = r.person_id
    GROUP BY r.id ORDER BY r.turn
"""


def main() -> None:
    """Fill a database, then measure each job in a process of its own, so that memory is that job's."""
    with tempfile.TemporaryDirectory() as folder:
        fill(application(Path(folder)))
        for job in JOBS:
            subprocess.run([sys.executable, "-m", "bench.export", folder, job], check=True)


def application(folder: Path) -> Flask:
    """Return an application on the database of this run."""
    return create_app(TestConfig(folder, f"sqlite:///{folder / 'bench.db'}"))


def fill(app: Flask) -> None:
    """Store one session with 50,000 registered people who were there twice on average, as reports have it."""
    with app.app_context():
        db.create_all()
        session = WebinarSession(
            key="bench",
            webinar=Webinar(
                slug="bench",
                original_language="en",
                series=Series(slug="bench", texts=[SeriesText(language="en", title="Bench")]),
                texts=[WebinarText(language="en", title="Bench")],
            ),
            starts_wall=START.replace(tzinfo=None),
            ends_wall=(START + timedelta(minutes=75)).replace(tzinfo=None),
            timezone="UTC",
            starts_at=START,
            ends_at=START + timedelta(minutes=75),
            platform=Platform.ZOOM,
            status=SessionStatus.PUBLISHED,
            language_versions=[LanguageVersion(code="en", kind=VersionKind.FLOOR, position=0)],
        )
        db.session.add(session)
        db.session.flush()
        keys = {"session_id": session.id, "language_version_id": session.language_versions[0].id}
        for table, rows in rows_of(keys).items():
            db.session.execute(insert(table), rows)
        db.session.commit()
        db.engine.dispose()


def rows_of(keys: dict[str, int]) -> dict[type[Any], list[dict[str, Any]]]:
    """Return the rows to store, by table."""
    people = range(1, PEOPLE + 1)
    return {
        Member: [
            {"id": n, "key": f"city-{n}", "name": f"Ciudad número {n}", "country_code": "MX", "region": "North America"}
            | {"timezone": "America/Mexico_City", "official_name": ""}
            for n in range(1, MEMBERS + 1)
        ],
        Person: [
            {"id": n, "email": f"person{n}@city{n % MEMBERS}.example", "erase_after": ERASE_AFTER} for n in people
        ],
        Registration: [
            keys
            | {
                "person_id": n,
                "member_id": n % MEMBERS + 1,
                "affiliation": Affiliation.MEMBER,
                "given_name": f"Élodie {n}",
                "family_name": f"García Márquez {n}",
                "organisation": "Dirección General de Asuntos Internacionales",
                "role": "International relations",
                "language": "en",
                "timezone": "America/Mexico_City",
                "status": RegistrationStatus.REGISTERED,
                "turn": n,
                "erase_after": ERASE_AFTER,
            }
            for n in people
        ],
        AttendanceRecord: [
            {
                "session_id": keys["session_id"],
                "person_id": n,
                "source": AttendanceSource.REPORT,
                "joined_at": START + timedelta(minutes=40 * part, seconds=n % 600),
                "left_at": START + timedelta(minutes=40 * part + 35, seconds=n % 600),
                "erase_after": ERASE_AFTER,
            }
            for n in people
            for part in range(2)
        ],
        Attendance: [
            {
                "session_id": keys["session_id"],
                "person_id": n,
                "came": True,
                "first_join_at": START + timedelta(seconds=n % 600),
                "last_leave_at": START + timedelta(minutes=75, seconds=n % 600),
                "seconds": 70 * 60,
                "sources": "report",
                "is_disputed": False,
                "erase_after": ERASE_AFTER,
            }
            for n in people
        ],
    }


def ours(how: ExportFormat, choice: Choice = EVERYTHING) -> Callable[[Path, int], None]:
    """Return the job of our own export in a format."""

    def job(target: Path, session_id: int) -> None:
        lines = write_file(export(stays_in_session(session_id), choice), how, target)
        assert lines == PEOPLE, lines

    return job


def first_block(target: Path, session_id: int) -> None:
    """Write what a browser gets first."""
    target.write_bytes(next(iter(blocks_of_csv(export(stays_in_session(session_id))))))


def bare_csv(target: Path, _session_id: int) -> None:
    """Write the table with the csv module alone."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(bare_rows())


def bare_xlsx(target: Path, _session_id: int) -> None:
    """Write the table with XlsxWriter alone."""
    with xlsxwriter.Workbook(str(target), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([COLUMNS, *bare_rows()]):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell)


def bare_rows() -> Iterator[Any]:
    """Yield the rows of one SELECT as the driver gives them."""
    with db.engine.connect() as connection:
        yield from connection.execute(text(BARE)).cursor.fetchall()


JOBS: dict[str, Callable[[Path, int], None]] = {
    "CSV": ours(ExportFormat.CSV),
    "CSV, bare csv module": bare_csv,
    "XLSX": ours(ExportFormat.XLSX),
    "XLSX, bare XlsxWriter": bare_xlsx,
    "JSON": ours(ExportFormat.JSON),
    "first block of CSV": first_block,
    "XLSX to pass on": ours(ExportFormat.XLSX, TO_PASS_ON),
    "CSV to pass on": ours(ExportFormat.CSV, TO_PASS_ON),
}


def measure(folder: Path, name: str) -> None:
    """Do one job, after a first look at the database, and print what it took."""
    with application(folder).app_context():
        queries: list[str] = []
        with db.engine.connect() as connection:
            session_id: int = connection.execute(text("SELECT id FROM webinar_session")).scalar_one()
        event.listen(db.engine, "before_cursor_execute", lambda *told: queries.append(told[2]))
        before = peak_of_memory()
        began, busy = time.perf_counter(), time.process_time()
        JOBS[name](folder / "written", session_id)
        seconds, processor = time.perf_counter() - began, time.process_time() - busy
        more = peak_of_memory() - before
        size = (folder / "written").stat().st_size / 1e6
        db.engine.dispose()
    count = len([query for query in queries if query != "BEGIN"])
    print(
        f"export of {PEOPLE:,} people, {name:<22} {seconds:6.2f} s ({processor:5.2f} s of processor)  "
        f"{more:5.1f} MB more memory  {size:4.1f} MB written  queries: {count}"
    )


def peak_of_memory() -> float:
    """Return the most memory this process has had so far, in MB; where the system does not tell, 0.

    Not ``getrusage``: on Linux that begins with what the parent had.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(Path(sys.argv[1]), sys.argv[2])
    else:
        main()
