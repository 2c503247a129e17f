"""What the page of who came to a session shows of the reports that were taken over."""

from __future__ import annotations

from collections.abc import Sequence

from webinar.attendance.reports_told import ReportTold
from webinar.platform_reports.listing import count_by_standing, reports_of
from webinar.platform_reports.models import COUNTING, Standing
from webinar.platform_reports.reading import name_of


class ReportsOfSessions:
    """The reports of sessions, as ``attendance.reports_told`` asks for them."""

    def of(self, session_id: int) -> Sequence[ReportTold]:
        """Return the reports that count in a session, the latest first; two queries."""
        reports = [report for report in reports_of(session_id) if report.is_active]
        counts = count_by_standing([report.id for report in reports])
        return [
            ReportTold(
                report.id,
                name_of(report.platform),
                report.file_name,
                sum(counts[report.id][one] for one in COUNTING),
                counts[report.id][Standing.LIKELY] + counts[report.id][Standing.OPEN],
            )
            for report in reports
        ]
