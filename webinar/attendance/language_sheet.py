"""The sheet of an export with figures by language, in the language of whoever takes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from flask_babel import gettext as _

from webinar.attendance.by_language import (
    EVERYBODY,
    HEARD,
    READ,
    Counts,
    Figures,
    Offer,
    Part,
    all_together,
    figures_of,
    offered_in,
    places_in,
    sessions_in,
)
from webinar.attendance.participants import minutes_of
from webinar.attendance.queries import Stay
from webinar.foundation import languages
from webinar.foundation.spreadsheet import Cell, Sheet

UNKNOWN = (None, None, None)


class Minutes:
    """What is added up while the lines of an export pass: how long people were there, by session and language.

    ``lines`` are counted too.
    """

    def __init__(self) -> None:
        self.lines = 0
        self.added: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)

    def add(self, stay: Stay) -> None:
        """Add one line."""
        self.lines += 1
        if stay.came and stay.seconds:
            minutes = minutes_of(stay)
            for way, language in ((EVERYBODY, ""), (HEARD, stay.language), (READ, stay.mail_language)):
                self.added[stay.session, way, language] += minutes

    def of(self, sessions: Iterable[str], way: str, language: str) -> Decimal:
        """Return how many minutes all people of a language were in some sessions together."""
        return sum((self.added.get((session, way, language), Decimal(0)) for session in sessions), Decimal(0))


def language_sheet(part: Part, minutes: Minutes, *, in_whole: bool = False) -> Sheet:
    """Return the sheet; its rows are counted when they are asked for, after the lines of the first have passed.

    Minutes that are to be passed on are whole ones: a language may have one listener.
    """
    columns = (
        _("Session"),
        _("Start (UTC)"),
        _("Who"),
        _("Language"),
        _("Original language or interpreted"),
        _("Registered"),
        _("Waiting"),
        _("Came"),
        _("Came without a place"),
        _("Minutes"),
    )
    rows = _rows(part.by_session(), minutes, in_whole=in_whole)
    return Sheet(_("By language"), columns, rows, right_to_left=languages.direction(languages.current()) == "rtl")


def _rows(part: Part, minutes: Minutes, *, in_whole: bool) -> Iterator[Sequence[Cell]]:
    """Yield what the sheet has: each session, the earliest first, then all of them with everybody counted once."""
    sessions = sessions_in(part)
    offered = offered_in(part)
    several = len(sessions) > 1
    whole, of_each = figures_of(places_in(part), [session.id for session in sessions] if several else ())
    for session in sessions:
        one, figures = (session.key, session.starts_at), of_each.get(session.id, whole)
        yield from _of_part(one, [session.key], figures, offered.get(session.id, {}), minutes, in_whole)
    if several:
        every, keys = (_("All sessions"), None), [session.key for session in sessions]
        yield from _of_part(every, keys, whole, all_together(offered.values()), minutes, in_whole)


def _of_part(
    first: tuple[Cell, Cell],
    sessions: Sequence[str],
    figures: Figures,
    offered: Mapping[str, Offer],
    minutes: Minutes,
    in_whole: bool,
) -> Iterator[Sequence[Cell]]:
    """Yield the rows of one session or of all; where one does not know who came, that is left empty."""

    def row(who: str, language: str, kind: str, counts: Counts, way: str, *, is_known: bool) -> Sequence[Cell]:
        name = language and languages.name_here(language)
        cells = (*first, who, name, kind, counts.registered, counts.waiting)
        if not is_known:
            return (*cells, *UNKNOWN)
        added = minutes.of(sessions, way, language)
        return (*cells, counts.came, counts.came_without, round(added) if in_whole else added)

    for code, offer in {**offered, **{code: Offer() for code in figures.heard if code not in offered}}.items():
        counts = figures.heard.get(code, Counts())
        yield row(_("Hear"), code, _kind(offer), counts, HEARD, is_known=offer.attended > 0)
    is_known = any(offer.attended for offer in offered.values())
    for code, counts in sorted(figures.read.items()):
        yield row(_("Written to in"), code, "", counts, READ, is_known=is_known)
    yield row(_("Everybody, counted once"), "", "", figures.everybody, EVERYBODY, is_known=is_known)


def _kind(offer: Offer) -> str:
    if offer.interpreted == 0:
        return str(_("Original language"))
    return str(_("Interpreted")) if offer.interpreted == offer.sessions else ""
