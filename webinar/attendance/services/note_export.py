"""Noting who took attendance data out."""

from __future__ import annotations

from webinar.accounts import audit
from webinar.attendance.chosen_columns import EVERYTHING, Choice
from webinar.foundation.db import transaction


def note_export(subject: str, how: str, choice: Choice = EVERYTHING, *, what: str = "attendance") -> None:
    """Write down, in the staff's log, what was taken out of the house of who came, and with which columns.

    No columns stand there where all were taken.
    """
    chosen = {} if choice.columns is None else {"columns": ", ".join(choice.columns)}
    passed_on = {"without_personal_data": True} if choice.without_personal_data else {}
    with transaction():
        audit.record("exported", subject, what=what, format=how, **chosen, **passed_on)
