"""What is known before a report is read, for what the report does not say itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webinar.platform_reports.report import DateOrder


@dataclass(frozen=True)
class Clues:
    """When the session begins, as a naive wall time, and in which order a person said that dates are to be read."""

    expected: datetime | None = None
    order: DateOrder | None = None
