"""Reading a calendar as one that subscribes to it does."""

from __future__ import annotations

from typing import Any

import icalendar


def events_of(content: str) -> list[Any]:
    """Return the events of a calendar, in its order."""
    calendar = icalendar.Calendar.from_ical(content)
    return [part for part in calendar.subcomponents if part.name == "VEVENT"]
