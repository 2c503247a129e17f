"""A platform's report of 10,000 people with 20,000 log-ins: read, matched with those registered, applied, undone.

``python -m bench.attendance`` makes a report as Zoom writes it, nine in ten with the address they registered with, and
prints for each step how long it takes, in all and of the processor, how much more memory the process needed, and how
many queries there were. Beside it what the bare csv module takes to read the file. On a database of its own.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import event, select

from bench import export
from bench.export import application, peak_of_memory
from webinar.attendance.models import Attendance, AttendanceRecord
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.platform_reports.models import PlatformReport, Standing
from webinar.platform_reports.services.apply import apply_file, plan_file
from webinar.platform_reports.services.decide import confirm
from webinar.platform_reports.services.plan import HowToRead
from webinar.platform_reports.services.undo import undo
from webinar.registration.models import Registration

PEOPLE = 10_000
LOGINS = 2 * PEOPLE
HEADINGS = (
    "Attended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time,Approval Status,Join Time,"
    "Leave Time,Time in Session (minutes),Is Guest,Country/Region Name"
)


def main() -> None:
    """Fill a database, then read and apply in a process of their own, so that memory is theirs."""
    with tempfile.TemporaryDirectory() as folder:
        fill(application(Path(folder)))
        (Path(folder) / "report.csv").write_text(report(), encoding="utf-8-sig")
        for job in JOBS:
            subprocess.run([sys.executable, "-m", "bench.attendance", folder, job], check=True)


def fill(app: Flask) -> None:
    """Store a session in which everybody is registered whom the report names, and nobody has come yet."""
    export.PEOPLE = PEOPLE
    export.fill(app)
    with app.app_context():
        for table in (Attendance, AttendanceRecord):
            db.session.execute(table.__table__.delete())  # type: ignore[attr-defined]
        db.session.commit()
        db.engine.dispose()


def report() -> str:
    """Return the report: two log-ins each, nine in ten known by the address, the others by the name or not at all."""
    lines = [
        "Attendee Report,",
        'Report Generated:,"May 14, 2030 6:05 PM"',
        "Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered,# Cancelled,Unique Viewers",
        'Bench,845-1111-2222,"May 14, 2030 11:50 AM",85,10000,0,10000',
        "Attendee Details,",
        HEADINGS,
    ]
    for n in range(1, PEOPLE + 1):
        given_name, family_name, email = f"Élodie {n}", f"García Márquez {n}", f"person{n}@city{n % 140}.example"
        if n % 10 == 0:
            email = f"home{n}@mail.example"
        if n % 50 == 0:
            given_name = "Somebody"
        for part in range(2):
            joined = export.START + timedelta(minutes=40 * part - 2, seconds=n % 600)
            left = joined + timedelta(minutes=35, seconds=n % 37)
            lines.append(
                f'Yes,"{given_name} {family_name}",{given_name},{family_name},{email},,"May 01, 2030 10:00:00",'
                f'approved,"{_zoom(joined)}","{_zoom(left)}",36,Yes,Mexico'
            )
    return "\r\n".join(lines)


def _zoom(moment: datetime) -> str:
    return f"{moment:%b %d, %Y %H:%M:%S}"


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Print what a block took."""
    queries: list[str] = []

    def note(*told: object) -> None:
        queries.append(str(told[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    before, began, busy = peak_of_memory(), time.perf_counter(), time.process_time()
    yield
    seconds, processor = time.perf_counter() - began, time.process_time() - busy
    event.remove(db.engine, "before_cursor_execute", note)
    print(
        f"{PEOPLE:,} people, {LOGINS:,} log-ins: {what:<40} {seconds:5.2f} s ({processor:.2f} s of processor)  "
        f"{peak_of_memory() - before:6.1f} MB more memory  queries: {len(queries)}"
    )


def bare(content: bytes) -> None:
    """Read the cells and the times with the standard library alone."""
    with measured("read with the bare csv module"):
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
            if row[0] == "Yes":
                for cell in row[8:10]:
                    datetime.strptime(cell, "%b %d, %Y %H:%M:%S")  # noqa: DTZ007 (the file names no zone)


def propose(content: bytes) -> None:
    """Read, merge and match, and store nothing."""
    with measured("read, merged and proposed"):
        plan = plan_file("bench", content, HowToRead())
    print("    " + ", ".join(f"{plan.counts[standing]:,} {standing}" for standing in Standing if plan.counts[standing]))


def store(content: bytes) -> None:
    """Apply it, confirm the likely ones, apply a corrected one over it, and undo that."""
    with measured("read and applied"):
        done = apply_file("bench", content, file_name="report.csv", how=HowToRead())
    with measured("the likely ones confirmed together"):
        confirm("bench", done.report_id)
    with measured("the same file again"):
        apply_file("bench", content, file_name="report.csv", how=HowToRead())
    with measured("a corrected file applied"):
        corrected = apply_file("bench", content + b"\r\n", file_name="corrected.csv", how=HowToRead())
    with measured("undone"):
        undo("bench", corrected.report_id)
    came = len(db.session.scalars(select(Attendance.person_id).where(Attendance.came)).all())
    print(f"    {came:,} came; a report of {db.session.scalars(select(PlatformReport.logins)).first():,} log-ins")


JOBS: dict[str, Callable[[bytes], None]] = {"bare": bare, "propose": propose, "store": store}


def measure(folder: Path, job: str) -> None:
    """Do one job, after a first look at the database."""
    with application(folder).app_context():
        db.session.scalars(select(WebinarSession.id)).all()
        db.session.scalars(select(Person.id).join(Registration, Registration.person_id == Person.id).limit(1)).all()
        JOBS[job]((folder / "report.csv").read_bytes())
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(Path(sys.argv[1]), sys.argv[2])
    else:
        main()
