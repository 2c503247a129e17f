"""Loading the sample network through the same doors as everything else."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from webinar.accounts.models import Role
from webinar.accounts.queries import find_by_email
from webinar.accounts.services import create_account
from webinar.attendance.services.report import store_reported
from webinar.catalogue.models import WayKind, WayToFollow
from webinar.catalogue.queries import lock_session
from webinar.catalogue.services.import_catalogue import import_catalogue
from webinar.foundation.db import db, transaction
from webinar.foundation.zones import in_zone
from webinar.members.services.import_members import import_members
from webinar.people.models import LegalBasis
from webinar.people.services.import_contacts import import_contacts
from webinar.registration.services.import_registrations import import_registrations
from webinar.sample import files, queries
from webinar.sample.dates import ZONE, coming_times

logger = logging.getLogger(__name__)

ORGANISER = "organiser@example.org"
ORGANISER_NAME = "Inés Vidal"


@dataclass(frozen=True)
class Loaded:
    """How many things were missing and are there now."""

    members: int
    series: int
    registrations: int
    stays: int
    contacts: int
    accounts: int

    def anything(self) -> bool:
        """Tell whether anything was missing."""
        return any((self.members, self.series, self.registrations, self.stays, self.contacts, self.accounts))


def load(now: datetime) -> Loaded:
    """Add whatever of the sample network is missing, and touch nothing that is there.

    So loading twice changes nothing: sessions keep the days they were given the first time, and what an organiser
    changed since stays changed. Nobody is written to. The coming sessions are counted from ``now``'s day in Madrid.
    """
    loaded = Loaded(
        members=_load_members(),
        series=_load_catalogue(now),
        registrations=_load_registrations(now),
        stays=_load_attendance(),
        contacts=_load_contacts(),
        accounts=_load_account(),
    )
    logger.info("sample loaded: %s", loaded)
    return loaded


def _load_members() -> int:
    known = queries.member_keys()
    missing = [row for row in files.rows_of("members.csv") if row["key"] not in known]
    if missing:
        import_members(_as_csv(missing))
    return len(missing)


def _load_catalogue(now: datetime) -> int:
    known = queries.series_slugs()
    missing = [series for series in files.catalogue() if series["slug"] not in known]
    if missing:
        times = coming_times(in_zone(now, ZONE).date())
        for session in _sessions_of(missing):
            session.update(times.get(session["key"], {}))
        import_catalogue(json.dumps({"series": missing}).encode())
        _add_ways_to_follow({session["key"] for session in _sessions_of(missing)})
    return len(missing)


def _add_ways_to_follow(keys: Collection[str]) -> None:
    """Add the further ways to follow the sessions of these keys, which a catalogue file knows nothing of."""
    with transaction():
        ids = queries.session_ids(keys)
        for position, row in enumerate(files.rows_of("ways_to_follow.csv")):
            key, kind = row.pop("session"), WayKind(row.pop("kind"))
            if key in ids:
                db.session.add(WayToFollow(session_id=ids[key], kind=kind, position=position, **row))


def _sessions_of(series: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (session for one in series for webinar in one["webinars"] for session in webinar["sessions"])


def _load_registrations(now: datetime) -> int:
    count = 0
    for key, group in groupby(files.rows_of("registrations.csv"), itemgetter("session")):
        rows = [_registered(row, now) for row in group]
        known = queries.registrations_by_address(key)
        # A session gets all of its people in one transaction: whoever is missing beside others was erased or merged.
        if not any(row["email"] in known for row in rows):
            import_registrations(key, _as_csv(rows), quiet=True)
            count += len(rows)
    return count


def _registered(row: dict[str, str], now: datetime) -> dict[str, str]:
    """Return a line as an export has it: in the coming sessions, people registered in the days before loading."""
    before = row.pop("minutes_before_loading")
    if before:
        row["registered_at_utc"] = f"{now - timedelta(minutes=int(before)):%Y-%m-%dT%H:%M:%SZ}"
    return row


def _load_attendance() -> int:
    count = 0
    for key, rows in groupby(files.rows_of("attendance.csv"), itemgetter("session")):
        with transaction():
            if queries.has_report(key):
                continue
            session = lock_session(key)
            if session is None:
                continue
            people = queries.registrations_by_address(key)
            reported = defaultdict(list)
            for row in rows:
                if row["email"] in people:
                    joined, left = (datetime.fromisoformat(row[name]) for name in ("joined_at_utc", "left_at_utc"))
                    reported[people[row["email"]].person_id].append((joined, left))
            store_reported(session, reported)
            count += sum(map(len, reported.values()))
    return count


def _load_contacts() -> int:
    # Whoever is missing beside others was taken out by an organiser, or is one person with somebody else now.
    if queries.has_contacts():
        return 0
    for name in ("unsubscribed.csv", "contacts.csv"):
        rows = files.rows_of(name)
        import_contacts(_as_csv(rows), source="Sample network", basis=LegalBasis.LEGITIMATE_INTEREST)
    return len(rows)


def _load_account() -> int:
    if find_by_email(ORGANISER) is not None:
        return 0
    create_account(ORGANISER, Role.ORGANISER, name=ORGANISER_NAME)
    return 1


def _as_csv(rows: Sequence[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
