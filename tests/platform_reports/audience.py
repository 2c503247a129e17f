"""The audience of the sample files, as four platforms report it, and what is true of it: ``files/expected.json``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from webinar.attendance.stays import time_within, united
from webinar.platform_reports.reading import read_report
from webinar.platform_reports.report import Kind, Login, Report

FILES = Path(__file__).parent / "files"
TRUTH: Mapping[str, Any] = json.loads((FILES / "expected.json").read_text(encoding="utf-8"))
STARTS, ENDS = (datetime.fromisoformat(moment).replace(tzinfo=None) for moment in TRUTH["scheduled"])

# Under which other address, or without one under which name, a report has somebody.
_OTHERWISE = {
    "onm.privado@example.org": "oscar.nunez@example.org",
    "Jo Example": "jo.example.1@example.org",
    "Ana Ejemplo": "ana.ejemplo@example.org",
    "Bintou Exemple (Dakar)": "bintou.exemple@example.org",
    "Carl Sample, Jr.": "carl.sample@example.org",
    "دينا مثال": "dina.mithal@example.org",
    "شاهین نمونه": "shahin.nemune@example.org",
    "李样": "li.yang@example.org",
    '=HYPERLINK("http://evil.example","Prize")': "formula@example.org",
    "Oscar Nunez Muestra": "oscar.nunez@example.org",
}


class Stay(NamedTuple):
    """How long somebody was there, in seconds, in all and within the session, and from when to when."""

    seconds: float
    within: float
    first: datetime
    last: datetime


def true_stays() -> dict[str, Stay]:
    """Return what is true of everybody who came, by address, in wall times."""
    return {
        address: Stay(
            person["union_seconds"],
            person["scheduled_seconds"],
            datetime.fromisoformat(person["first_join"]).replace(tzinfo=None),
            datetime.fromisoformat(person["last_leave"]).replace(tzinfo=None),
        )
        for address, person in TRUTH["people"].items()
        if person["rows"]
    }


def stays(report: Report) -> dict[str, Stay]:
    """Return what a report says of everybody whom the truth names, by address."""
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for login in report.logins:
        who = login.email or login.name
        found[_OTHERWISE.get(who, who)].append((login.joined, login.left))
    return {
        address: Stay(
            sum((left - joined).total_seconds() for joined, left in united(stretches)),
            time_within(stretches, STARTS, ENDS).total_seconds(),
            min(joined for joined, _left in stretches),
            max(left for _joined, left in stretches),
        )
        for address, stretches in found.items()
        if address in TRUTH["people"]
    }


def read_file(name: str) -> Report:
    """Read a sample file as it is read when the session is known."""
    return read_report((FILES / name).read_bytes(), expected=STARTS)


def april(day: int, time: str) -> datetime:
    """Return a wall time on a day of the month in which all these sessions are."""
    return datetime.fromisoformat(f"2026-04-{day:02} {time}")


def lines(*written: str) -> bytes:
    """Return the bytes of a file with these lines."""
    return "\r\n".join(written).encode()


def of_kind(report: Report, kind: Kind) -> list[Login]:
    """Return the log-ins of one kind."""
    return [login for login in report.logins if login.kind is kind]


def faults(report: Report) -> list[tuple[int, str]]:
    """Return the lines that could not be read, and why."""
    return [(fault.line, str(fault.reason)) for fault in report.faults]
