"""What a platform's report of one session says, whichever platform wrote it, and why one cannot be read."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.foundation.errors import DomainError


class Kind(enum.StrEnum):
    """As what somebody was there, as far as the report tells."""

    HOST = "host"
    PANELLIST = "panellist"
    ATTENDEE = "attendee"
    PHONE = "phone"
    GUEST = "guest"
    """Nobody in particular: without an address in a report that gives one of those who registered, or anonymous."""


class DateOrder(enum.StrEnum):
    """What comes first in a date written in numbers: 4/3/2026 is the third of April, or the fourth of March."""

    MONTH_FIRST = "month_first"
    DAY_FIRST = "day_first"


@dataclass(frozen=True, slots=True)
class Login:
    """One stretch in which one device of somebody was in the meeting.

    ``joined`` and ``left`` are naive: wall times in the report's zone. ``line`` is where it stands in the file, counted
    from 1. ``name`` is as others saw it there; given and family name are empty where the report has one name only.
    ``email`` is in lower case and not checked further; None where the report gives none.
    """

    line: int
    name: str
    email: str | None
    joined: datetime
    left: datetime
    kind: Kind = Kind.ATTENDEE
    given_name: str = ""
    family_name: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of the file that could not be read, the beginning of what stands in it, and why it was left out."""

    line: int
    written: str
    reason: LazyString


@dataclass(frozen=True)
class Report:
    """All that a platform's report says of who was there.

    ``platform`` is named as the module of its reader, as ``zoom_webinar``; ``reading.name_of`` gives it for people.
    ``timezone`` is the IANA name of the zone of all its wall times, if the file tells it; else ask. ``starts_wall`` is
    when the meeting began: as the file says, else the first log-in; None only where there is no log-in either.
    ``absent`` counts the people whom the platform lists as registered but not come.

    ``date_order`` is how dates in numbers were read, None where none could be misread; ``is_order_doubtful`` says that
    neither the file nor the expected date decides it, so that a person has to.
    ``are_gaps_placed`` says that the report gives some people's first and last moment and how long they were there in
    all (or only how long), not when they were away; they are then two stretches, the first as long as the last.
    """

    platform: str
    topic: str
    meeting_id: str
    timezone: str | None
    starts_wall: datetime | None
    logins: Sequence[Login]
    faults: Sequence[Fault]
    absent: int = 0
    date_order: DateOrder | None = None
    is_order_doubtful: bool = False
    are_gaps_placed: bool = False


@dataclass(frozen=True)
class Columns:
    """Which column of a table says what, counted from 0; None where none does."""

    name: int | None = None
    given_name: int | None = None
    family_name: int | None = None
    email: int | None = None
    joined: int | None = None
    left: int | None = None
    minutes: int | None = None

    @property
    def are_enough(self) -> bool:
        """Whether they tell who was there and how long."""
        named = (self.name, self.given_name, self.family_name, self.email)
        return any(column is not None for column in named) and (
            self.minutes is not None or (self.joined is not None and self.left is not None)
        )

    def chosen(self) -> dict[str, int]:
        """Return the columns that are there by what they say, as it can be stored."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: column for name, column in values.items() if column is not None}


@dataclass(frozen=True)
class Layout:
    """How a table looks whose columns somebody has to name: its header, and some rows below it to go by.

    ``line`` is where the header stands. ``proposed`` are the columns as headings and cells let one guess.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    line: int
    proposed: Columns


class UnreadableReport(DomainError):
    """A file is no attendance report that can be read; the message says why and what to do."""


class UnknownLayout(UnreadableReport):
    """A file is a table, but of no layout that is known: a person has to say which column is which."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(_l("This is no report of a platform we know. Say which column is which."))
        self.layout = layout
