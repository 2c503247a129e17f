"""The second sheet of an export: figures by language, in the language of whoever takes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from flask_babel import gettext as _

from webinar.attendance.by_language import (
    Counts,
    Figures,
    Offer,
    Part,
    figures_of,
    offered_in,
    sessions_in,
)
from webinar.foundation import languages
from webinar.foundation.spreadsheet import Cell, Sheet

EVERYBODY, HEARD, READ = "everybody", "heard", "read"


class Minutes:
    """Lines of an export that are added up as they pass: how long people were there, by session and language."""

    def __init__(self, lines: Iterable[Sequence[Cell]], columns: Sequence[str]) -> None:
        self.lines = lines
        names = ("session", "language", "mail_language", "minutes")
        self.session, self.heard, self.read, self.minutes = (columns.index(name) for name in names)
        self.added: dict[tuple[Cell, str, Cell], Decimal] = defaultdict(Decimal)

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for line in self.lines:
            minutes = line[self.minutes]
            if isinstance(minutes, Decimal) and minutes:
                session = line[self.session]
                for way, language in ((EVERYBODY, ""), (HEARD, line[self.heard]), (READ, line[self.read])):
                    self.added[session, way, language] += minutes
            yield line

    def of(self, sessions: Iterable[str], way: str, language: str) -> Decimal:
        """Return how many minutes all people of a language were in some sessions together."""
        return sum((self.added.get((session, way, language), Decimal(0)) for session in sessions), Decimal(0))


def language_sheet(part: Part, minutes: Minutes) -> Sheet:
    """Return the sheet; its rows are counted when they are asked for, after the lines of the first have passed."""
    columns = (
        _("Session"),
        _("Start (UTC)"),
        _("Who"),
        _("Language"),
        _("Original language or interpreted"),
        _("Registered"),
        _("Waiting"),
        _("Of the registered came"),
        _("Came without a place"),
        _("Minutes"),
    )
    return Sheet(_("By language"), columns, _rows(part.by_session(), minutes))


def _rows(part: Part, minutes: Minutes) -> Iterator[Sequence[Cell]]:
    """Yield what the sheet has: each session, the earliest first, then all of them with everybody counted once."""
    sessions = sessions_in(part)
    whole, of_each = figures_of(part, [session.id for session in sessions])
    offered = offered_in(part)
    for session in sessions:
        yield from _part(
            (session.key, session.starts_at), [session.key], of_each[session.id], offered.get(session.id, {}), minutes
        )
    if len(sessions) > 1:
        every: dict[str, Offer | None] = {code: None for of_session in offered.values() for code in of_session}
        yield from _part((_("All sessions"), None), [session.key for session in sessions], whole, every, minutes)


def _part(
    first: tuple[Cell, Cell],
    sessions: Sequence[str],
    figures: Figures,
    offered: Mapping[str, Offer | None],
    minutes: Minutes,
) -> Iterator[Sequence[Cell]]:
    for code in {**offered, **figures.heard}:
        offer = offered.get(code)
        kind = "" if offer is None else _("Interpreted") if offer.interpreted else _("Original language")
        counts = figures.heard.get(code, Counts())
        yield (*first, _("Hear"), _name(code), kind, *counts, minutes.of(sessions, HEARD, code))
    for code, counts in sorted(figures.read.items()):
        yield (*first, _("Written to in"), _name(code), "", *counts, minutes.of(sessions, READ, code))
    yield (*first, _("Everybody, counted once"), "", "", *figures.everybody, minutes.of(sessions, EVERYBODY, ""))


def _name(code: str) -> str:
    return languages.name_of(code, languages.current())
