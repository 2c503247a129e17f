"""Undoing the import of a report: everything is as it was before, also the report that it had replaced."""

from __future__ import annotations

import logging

from sqlalchemy import delete, select

from webinar.accounts import audit
from webinar.catalogue.queries import lock_session
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.platform_reports.models import PlatformReport, ReportedPerson
from webinar.platform_reports.queries import active_reports, added_in
from webinar.platform_reports.services.counting import count_again, remove_added
from webinar.platform_reports.services.refusals import NoSuchReport, NotActive
from webinar.registration.mails import topic_of
from webinar.registration.services.refusals import NoSuchSession

logger = logging.getLogger(__name__)


def undo(session_key: str, report_id: int) -> None:
    """Undo the import of a report: nobody was there because of it, and whoever it had added is removed.

    A report that it had replaced counts again, unless that very file was taken over anew meanwhile. What was decided
    of addresses and names stays remembered. Whom it named is forgotten; that it was there is not.

    Raises:
        NoSuchSession, NoSuchReport: there is no such report.
        NotActive: it was undone already, or another one has replaced it: that is to be undone first.
    """
    with transaction():
        session = lock_session(session_key)
        if session is None:
            raise NoSuchSession(session_key)
        report = db.session.scalar(
            select(PlatformReport)
            .where(PlatformReport.id == report_id, PlatformReport.session_id == session.id)
            .execution_options(populate_existing=True)
        )
        if report is None:
            raise NoSuchReport
        if not report.is_active:
            raise NotActive
        added = added_in(report.id)
        db.session.execute(delete(ReportedPerson).where(ReportedPerson.report_id == report.id))
        report.undone_at = clock.now()
        db.session.flush()
        counting = {(one.digest, one.read_as) for one in active_reports(session.id)}
        for former in db.session.scalars(select(PlatformReport).where(PlatformReport.replaced_by_id == report.id)):
            if (former.digest, former.read_as) not in counting:
                former.replaced_by_id = None
        count_again(session)
        remove_added(session, added)
        audit.record("undone", topic_of(session), what="attendance report", file=report.file_name)
    logger.info("session %s: report %s undone", session_key, report_id)
