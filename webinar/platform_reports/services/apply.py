"""Taking a report over: everything it says is stored, and what is certain counts, in one transaction or not at all."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from webinar.accounts import acting, audit
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_by_id, find_session_of_any_status, lock_session
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.lines import one_line
from webinar.foundation.zones import clocks_of
from webinar.platform_reports.models import (
    BroughtReport,
    KnownLayout,
    PlatformReport,
    ReportedCandidate,
    ReportedLogin,
    ReportedPerson,
    Standing,
)
from webinar.platform_reports.queries import added_in
from webinar.platform_reports.services.bring import find_brought_report, how_to_read
from webinar.platform_reports.services.counting import count_again, remove_added
from webinar.platform_reports.services.plan import HowToRead, Plan, Reading, plan_for, read_for
from webinar.platform_reports.services.refusals import NobodyInIt, NoSuchFile, NothingBelongs
from webinar.registration.mails import topic_of
from webinar.registration.services.places import keep_until
from webinar.registration.services.refusals import NoSuchSession

logger = logging.getLogger(__name__)


class Applied(NamedTuple):
    """What was done: the report that is stored now, and the plan that was followed.

    ``is_new`` is False where this very file was stored already: nothing was changed then.
    """

    report_id: int
    plan: Plan
    is_new: bool


def plan_file(session_key: str, content: bytes, how: HowToRead) -> Plan:
    """Return what ``apply_file`` would do now.

    Raises:
        NoSuchSession, UnreadableReport, UnknownLayout, NoSuchZone: as ``apply_file`` does.
    """
    session = find_session_of_any_status(session_key)
    if session is None:
        raise NoSuchSession(session_key)
    return plan_for(session, read_for(session, content, how))


def apply_file(session_key: str, content: bytes, *, file_name: str, how: HowToRead) -> Applied:
    """Take a report over for a session.

    The same file again changes nothing. A corrected one replaces its predecessor, whose decisions are taken over.

    Raises:
        NoSuchSession: there is no session of this key.
        UnreadableReport, UnknownLayout, NoSuchZone: it cannot be read so.
        NobodyInIt, NothingBelongs: it names nobody, or nobody who was there at the session's time.
    """
    session = find_session_of_any_status(session_key)
    if session is None:
        raise NoSuchSession(session_key)
    # Read before anything is held: it may take seconds, and people use their join links meanwhile.
    reading = read_for(session, content, how)
    with transaction():
        return _apply(session_key, reading, file_name)


def apply_brought(token: str, account_id: int) -> Applied:
    """Take over a report that was brought and looked over; as ``apply_file`` does.

    Raises:
        NoSuchFile: it was applied already, or is too old.
        UnreadableReport, UnknownLayout, NobodyInIt, NothingBelongs: as ``apply_file``.
    """
    brought = find_brought_report(token, account_id)
    if brought is None:
        raise NoSuchFile
    session = find_session_by_id(brought.session_id)
    reading = read_for(session, brought.content, how_to_read(brought))
    with transaction():
        gone = delete(BroughtReport).where(BroughtReport.token == token).returning(BroughtReport.token)
        if db.session.scalar(gone) is None:
            raise NoSuchFile
        return _apply(session.key, reading, brought.file_name)


def _apply(session_key: str, reading: Reading, file_name: str) -> Applied:
    session = lock_session(session_key)
    if session is None:
        raise NoSuchSession(session_key)
    plan = plan_for(session, reading)
    if plan.same is not None:
        return Applied(plan.same.id, plan, is_new=False)
    if not reading.report.logins:
        raise NobodyInIt
    if plan.is_of_another_time:
        raise NothingBelongs
    report = _stored(session, plan, file_name)
    if reading.columns is not None and reading.headings is not None:
        _remember_layout(reading.headings, reading.columns.chosen())
    count_again(session)
    if plan.replaces is not None:
        remove_added(session, added_in(plan.replaces.id))
    audit.record("imported", topic_of(session), **_told(plan, report))
    logger.info("session %s: report %s taken over, %s people", session.key, report.id, len(plan.people))
    return Applied(report.id, plan, is_new=True)


def _told(plan: Plan, report: PlatformReport) -> Mapping[str, object]:
    counts = plan.counts
    told: dict[str, object] = {
        "what": "attendance report",
        "file": report.file_name,
        "people": len(plan.people),
        "counted": sum(one.counts_for is not None for one in plan.people),
        "to_confirm": counts[Standing.LIKELY],
        "open": counts[Standing.OPEN],
    }
    if plan.replaces is not None:
        told["replaces"] = plan.replaces.file_name
    return told


def _stored(session: WebinarSession, plan: Plan, file_name: str) -> PlatformReport:
    reading, said, now = plan.reading, plan.report, clock.now()
    account = acting.account()
    began = None if said.starts_wall is None else said.starts_wall.replace(tzinfo=clocks_of(reading.timezone))
    report = PlatformReport(
        session_id=session.id,
        platform=said.platform,
        file_name=one_line(file_name)[:300],
        digest=reading.digest,
        read_as=reading.read_as,
        timezone=reading.timezone,
        topic=one_line(said.topic)[:300],
        meeting_id=one_line(said.meeting_id)[:100],
        starts_at=began,
        logins=len(reading.placed.belonging),
        logins_outside=reading.placed.outside,
        unclear_times=reading.placed.unclear,
        faults=len(plan.faults),
        applied_at=now,
        account_id=None if account is None else account.id,
        erase_after=keep_until(session, now),
    )
    db.session.add(report)
    db.session.flush()
    if plan.replaces is not None:
        plan.replaces.replaced_by_id = report.id
        db.session.flush()
    people: list[dict[str, object]] = []
    logins: list[dict[str, object]] = []
    candidates: list[dict[str, object]] = []
    for number, one in enumerate(plan.people, start=1):
        key = {"report_id": report.id, "number": number}
        people.append(
            {
                **key,
                "name": one_line(one.name)[:300],
                "email": one.email,
                "kind": one.kind,
                "standing": one.standing,
                "reason": one.reason,
                "registration_id": None if one.counts_for is None else one.counts_for.id,
                "proposed_id": None if one.registered is None else one.registered.id,
                "known_by": one.known_by,
            }
        )
        logins.extend({**key, "joined_at": stretch.joined_at, "left_at": stretch.left_at} for stretch in one.stretches)
        candidates.extend({**key, "registration_id": candidate.id} for candidate in one.candidates)
    for table, rows in ((ReportedPerson, people), (ReportedLogin, logins), (ReportedCandidate, candidates)):
        if rows:
            # Without this each row with an empty column would be a statement of its own.
            db.session.execute(insert(table).execution_options(render_nulls=True), rows)
    return report


def _remember_layout(headings: str, columns: Mapping[str, int]) -> None:
    # In one statement that finds or makes it: for another session somebody may name the same columns now.
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    layout = dialect.insert(KnownLayout).values(headings=headings, columns=dict(columns), named_at=clock.now())
    named = {"columns": layout.excluded.columns, "named_at": layout.excluded.named_at}
    db.session.execute(layout.on_conflict_do_update(index_elements=[KnownLayout.headings], set_=named))
