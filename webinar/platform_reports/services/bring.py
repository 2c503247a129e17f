"""A report between being brought and being applied: looked over first, and read again when it is applied."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from webinar.catalogue.queries import find_session_by_id, find_session_of_any_status
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.platform_reports.models import BroughtReport
from webinar.platform_reports.queries import find_brought
from webinar.platform_reports.report import Columns, DateOrder, UnknownLayout
from webinar.platform_reports.services.plan import HowToRead, Plan, plan_for, read_for
from webinar.platform_reports.services.refusals import NoSuchFile
from webinar.registration.services.refusals import NoSuchSession

KEPT_FOR = timedelta(hours=1)


def bring_report(session_key: str, content: bytes, *, file_name: str, account_id: int) -> str:
    """Keep a file for an hour, to be looked over by who brought it, and return by what it is found.

    Raises:
        NoSuchSession: there is no session of this key.
        UnreadableReport: it is no report; a table of unknown columns is kept, so that these can be named.
    """
    session = find_session_of_any_status(session_key)
    if session is None:
        raise NoSuchSession(session_key)
    with suppress(UnknownLayout):
        read_for(session, content, HowToRead())
    with transaction():
        _forget(clock.now())
        brought = BroughtReport(session_id=session.id, account_id=account_id, file_name=file_name, content=content)
        db.session.add(brought)
        db.session.flush()
    return brought.token


def find_brought_report(token: str, account_id: int) -> BroughtReport | None:
    """Return a file that an account has brought within the hour and is looking over; nobody else's."""
    return find_brought(token, account_id, clock.now() - KEPT_FOR)


def how_to_read(brought: BroughtReport) -> HowToRead:
    """Return how whoever brought a file wants it to be read."""
    return HowToRead(
        timezone=brought.timezone,
        order=None if brought.date_order is None else DateOrder(brought.date_order),
        columns=None if brought.columns is None else Columns(**brought.columns),
        adds=brought.adds,
    )


def plan_of(brought: BroughtReport) -> Plan:
    """Return what applying a file that was brought would do now.

    Raises:
        UnknownLayout: its columns have to be named first (``choose`` them).
        UnreadableReport: it cannot be read so.
    """
    session = find_session_by_id(brought.session_id)
    return plan_for(session, read_for(session, brought.content, how_to_read(brought)))


def choose(token: str, account_id: int, how: HowToRead) -> None:
    """Remember, of a file that is being looked over, how it is to be read.

    Raises:
        NoSuchFile: it was applied, or is too old.
        NoSuchZone: there is no such time zone.
        UnreadableReport: it cannot be read so.
    """
    brought = find_brought_report(token, account_id)
    if brought is None:
        raise NoSuchFile
    read_for(find_session_by_id(brought.session_id), brought.content, how)
    values = {
        "timezone": how.timezone,
        "date_order": how.order,
        "columns": None if how.columns is None else how.columns.chosen(),
        "adds": how.adds,
    }
    with transaction():
        db.session.execute(update(BroughtReport).where(BroughtReport.token == token).values(values))


def drop_report(token: str, account_id: int) -> None:
    """Forget a file that was brought and is not wanted after all."""
    with transaction():
        db.session.execute(
            delete(BroughtReport).where(BroughtReport.token == token, BroughtReport.account_id == account_id)
        )


def forget_old_reports() -> None:
    """Forget the files that were brought more than an hour ago and never applied."""
    with transaction():
        _forget(clock.now())


def _forget(now: datetime) -> None:
    db.session.execute(delete(BroughtReport).where(BroughtReport.brought_at <= now - KEPT_FOR))
