"""The sheet of an export with figures by member, in the language of whoever takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from flask_babel import gettext as _

from webinar.attendance.by_language import Counts, OneSession, Part, sessions_in
from webinar.attendance.by_member import FiguresByMember, Line, Presence, figures_by_member
from webinar.foundation import clock, countries, languages
from webinar.foundation.spreadsheet import Cell, Sheet


class Members:
    """The figures by member of a part of the record, counted once when they are asked for."""

    def __init__(self, part: Part) -> None:
        self.part = part

    @cached_property
    def sessions(self) -> list[OneSession]:
        """All sessions of the part, the earliest first."""
        return sessions_in(self.part)

    @cached_property
    def figures(self) -> FiguresByMember:
        """The figures, in each session too."""
        return figures_by_member(self.part, self.sessions, clock.now())

    @property
    def is_known(self) -> bool:
        """Whether anything is recorded of who came to any of the sessions."""
        return any(session.is_known for session in self.sessions)


def member_sheet(members: Members) -> Sheet:
    """Return the sheet: a row a member of the network, those too for whom nobody is registered."""
    several = members.sessions if len(members.sessions) > 1 else []
    columns = [
        _("Member"),
        _("Country"),
        _("Region"),
        _("Present"),
        _("For the first time"),
        _("Registered"),
        _("Waiting"),
        _("Came"),
        _("Came without a place"),
    ]
    for session in several:
        columns += (
            _("%(label)s: %(text)s", label=session.key, text=_("Registered")),
            _("%(label)s: %(text)s", label=session.key, text=_("Came")),
        )
    from_right = languages.direction(languages.current()) == "rtl"
    return Sheet(_("By member"), columns, _rows(members, several), right_to_left=from_right)


def _rows(members: Members, several: Sequence[OneSession]) -> Iterator[Sequence[Cell]]:
    """Yield the members in the alphabet, who comes for none, and everybody; what one does not know is left empty."""
    figures = members.figures
    lies_in = countries.names(languages.current())
    words = {
        Presence.CAME: _("Came"),
        Presence.ABSENT: _("Registered, but did not come"),
        Presence.NOT_KNOWN: _("Registered; who came is not known"),
        Presence.NOT_REGISTERED: _("Not registered"),
    }

    def cells(line: Line) -> Sequence[Cell]:
        in_each = [
            cell
            for session in several
            for cell in _in_session(line.in_sessions.get(session.id, Counts()), is_known=session.is_known)
        ]
        whole = line.whole
        came = (whole.came, whole.came_without) if members.is_known else (None, None)
        return (whole.registered, whole.waiting, *came, *in_each)

    for one in figures.members:
        member = one.member
        yield (
            member.name,
            lies_in.get(member.country_code, member.country_code),
            member.region,
            words[one.presence],
            _("yes") if one.is_first_time else "",
            *cells(one.line),
        )
    yield (_("No member"), None, None, None, None, *cells(figures.nobodys))
    yield (_("Everybody, counted once"), None, None, None, None, *cells(figures.everybody))


def _in_session(counts: Counts, *, is_known: bool) -> Sequence[Cell]:
    return (counts.registered, counts.came + counts.came_without if is_known else None)
