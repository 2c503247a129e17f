"""Which columns an export has: all of them, those that somebody chooses, or those that may be passed on.

What is passed on says for which member people were registered, who of them came and how long, and nothing that tells
who they are: no names, addresses or answers, nor what somebody has typed about themselves, nor moments and minutes so
exact that they could be found in a platform's report. What is not named here is left out, so that a new column is
passed on only when somebody has thought about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from webinar.attendance.participants import COLUMNS, LOCAL_COLUMNS
from webinar.foundation.errors import DomainError

PASSED_ON = (
    *("series", "webinar", "session", "session_start_utc", "language", "affiliation", "member", "country", "region"),
    *("status", "attended", "minutes", "mail_language", "timezone", "session_start_local"),
)


class NoSuchColumn(DomainError):
    """An export cannot have a column, or would have none."""


class Choice(NamedTuple):
    """What is wanted: columns by name, all where that is None; and whether only what may be passed on."""

    columns: Sequence[str] | None = None
    without_personal_data: bool = False


EVERYTHING = Choice()


def all_columns(asked: Iterable[str]) -> tuple[str, ...]:
    """Return all columns that there can be, in their order; ``asked`` are those of questions."""
    return (*COLUMNS, *asked, *LOCAL_COLUMNS)


def may_be_passed_on(columns: Iterable[str]) -> list[str]:
    """Return those of some columns that tell nobody who somebody is."""
    return [column for column in columns if column in PASSED_ON]


def chosen(choice: Choice, asked: Sequence[str], *, with_local_times: bool) -> list[str]:
    """Return the columns of an export, in the order in which they were chosen, else in their own.

    Nobody having chosen any, those of local times are there where ``with_local_times`` says so: a program that reads
    the file can reckon them itself.

    Raises:
        NoSuchColumn: a chosen one does not exist or may not be passed on, or none was chosen.
    """
    every = all_columns(asked)
    if choice.columns is None:
        columns = every if with_local_times else (*COLUMNS, *asked)
        return may_be_passed_on(columns) if choice.without_personal_data else list(columns)
    by_name = {column.casefold(): column for column in every}
    wanted = list(dict.fromkeys(by_name.get(name.casefold(), name) for name in choice.columns))
    if not wanted:
        raise NoSuchColumn(_l("Choose at least one column."))
    for name in wanted:
        if name not in every:
            raise NoSuchColumn(
                _l("There is no column “%(column)s”. There are: %(columns)s.", column=name, columns=", ".join(every))
            )
        if choice.without_personal_data and name not in PASSED_ON:
            raise NoSuchColumn(
                _l(
                    "The column “%(column)s” can tell who somebody is. Leave it out of what is passed on. These are "
                    "without personal data: %(columns)s.",
                    column=name,
                    columns=", ".join(PASSED_ON),
                )
            )
    return wanted
