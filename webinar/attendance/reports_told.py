"""What the page of who came shows of platforms' reports, which are a later feature's: create_app() hands it over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, cast

from flask import Flask, current_app
from flask_babel.speaklater import LazyString

EXTENSION = "attendance.reports_told"


class ReportTold(NamedTuple):
    """A report that says who was in a session: for how many it counts, and about how many somebody has to decide."""

    report_id: int
    platform: LazyString | str
    file_name: str
    counted: int
    to_decide: int


class ReportsTold(Protocol):
    """The platforms' reports of sessions."""

    def of(self, session_id: int) -> Sequence[ReportTold]:
        """Return the reports that count in a session, the latest first."""


def init_app(app: Flask, told: ReportsTold) -> None:
    """Let the pages of an application ask about reports."""
    app.extensions[EXTENSION] = told


def reports_told() -> ReportsTold:
    """Return what was handed over."""
    return cast(ReportsTold, current_app.extensions[EXTENSION])
