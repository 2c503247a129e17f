"""The staff's pages of platforms' reports: bringing one, and what became of whom it names."""

from webinar.platform_reports.staff import bringing, reports
from webinar.platform_reports.staff.blueprint import bp

__all__ = ["bp", "bringing", "reports"]
