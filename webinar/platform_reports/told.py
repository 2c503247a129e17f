"""What the page of who came to a session shows of the reports that were taken over."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from webinar.attendance.reports_told import ReportTold
from webinar.foundation.db import db
from webinar.platform_reports.models import COUNTING, PlatformReport, ReportedPerson, Standing
from webinar.platform_reports.reading import name_of

TO_DECIDE = (Standing.LIKELY, Standing.OPEN)


class ReportsOfSessions:
    """The reports of sessions, as ``attendance.reports_told`` asks for them."""

    def of(self, session_id: int) -> Sequence[ReportTold]:
        """Return the reports that count in a session, the latest first; one query."""
        rows = db.session.execute(
            select(
                PlatformReport.id,
                PlatformReport.platform,
                PlatformReport.file_name,
                func.count().filter(ReportedPerson.standing.in_(COUNTING)),
                func.count().filter(ReportedPerson.standing.in_(TO_DECIDE)),
            )
            .outerjoin(ReportedPerson, ReportedPerson.report_id == PlatformReport.id)
            .where(
                PlatformReport.session_id == session_id,
                PlatformReport.undone_at.is_(None),
                PlatformReport.replaced_by_id.is_(None),
            )
            .group_by(PlatformReport.id)
            .order_by(PlatformReport.id.desc())
        )
        return [
            ReportTold(report_id, name_of(platform), file_name, counted, to_decide)
            for report_id, platform, file_name, counted, to_decide in rows
        ]
