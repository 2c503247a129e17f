"""Translating a webinar into one language: storing what differs, and taking marks away that are seen to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext
from flask_babel.speaklater import LazyString

from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.services.parts import assign
from webinar.catalogue.services.revisions import check_revision, record_edit, subject_of
from webinar.catalogue.texts import own_text
from webinar.catalogue.translations import (
    TEXTS_OF,
    Kind,
    Owner,
    State,
    Translating,
    Unit,
    changed_sources,
    find_to_translate,
    looked_at,
    mark_of,
)
from webinar.foundation import formats, languages
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.zones import in_zone

logger = logging.getLogger(__name__)

ABOUT = tuple(kind.value for kind in Kind)
"""What ``translate`` changes, by the names in the audit log."""

MOST_NAMED = 3

SOURCE_HAS_CHANGED = _l(
    "The original has changed while you were writing. What stands beside it now is the new one: look whether your "
    "text still fits it, and save once more."
)


class CannotTranslate(DomainError):
    """The language is that of the sources, or none at all."""

    def __init__(self, language: str) -> None:
        super().__init__(_l("Nothing is translated into %(language)s.", language=language))


class PieceGone(DomainError):
    """What a text was a translation of has been taken away; ``keys`` are those of such pieces."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(
            lazy_ngettext(
                "%(num)s text that you wrote is about something that has been taken away meanwhile.",
                "%(num)s texts that you wrote are about something that has been taken away meanwhile.",
                len(keys),
            )
        )
        self.keys = keys


class SourceChanged(DomainError):
    """The original of pieces has changed while they were being translated; ``keys`` are theirs."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(SOURCE_HAS_CHANGED)
        self.keys = keys


def translate(
    slug: str,
    language: str,
    texts: Mapping[str, str],
    confirmed: Collection[str] = (),
    made_from: int | None = None,
    sources: Mapping[str, str] | None = None,
) -> bool:
    """Store texts of a webinar in a language by the keys of their pieces, and tell whether anything changed.

    An empty text takes a translation away; what is not among ``texts`` stays. The mark that a source has changed is
    taken off where the text is changed, or is ``confirmed`` to fit still. ``made_from`` is the revision that was
    edited, ``sources`` the ``mark_of`` each source that the translator has seen.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        CannotTranslate: its texts are written in this language, or it is none.
        ChangedMeanwhile: somebody has changed its texts in this language since that revision.
        PieceGone: something that was translated is not there any more.
        SourceChanged: the original of a text is another one than the translator has seen.
        EditRefused: a title is missing that has to be there; its ``field`` is the key.
    """
    with transaction():
        found = find_to_translate(slug, lock=True)
        if found is None:
            raise NoSuchWebinar(slug)
        if language == found.original or not languages.is_known(language):
            raise CannotTranslate(language)
        check_revision(found.webinar, made_from, *ABOUT, language=language)
        states = states_of(found, language)
        _check(found, states, language, texts, confirmed, sources or {})
        changes = Changes()
        for unit, of_unit in states:
            _translate_unit(unit, of_unit, language, texts, confirmed, changes)
        if changes:
            record_edit(found.webinar, changes)
    logger.info("webinar %s translated into %s: %s", slug, language, ", ".join(changes) or "nothing")
    return bool(changes)


def take_over_translations(session: WebinarSession, slug: str) -> None:
    """Give a session, whose row is held, the translations of what is said alike in others of its webinar.

    Who speaks a second time is not translated a second time; neither are the same notes about the same language.
    """
    found = find_to_translate(slug)
    own: set[Owner] = {*session.speakers, *session.language_versions}
    for unit in found.units if found is not None else ():
        for language in {row.language for owner in unit.owners for row in owner.texts}:
            known = next(row for row in unit.rows(language) if row is not None)
            for owner in own.intersection(unit.owners):
                if all(row.language != language for row in owner.texts):
                    words = {piece.column: getattr(known, piece.column) for piece in unit.pieces}
                    texts: list[Any] = owner.texts
                    texts.append(TEXTS_OF[type(owner)](language=language, is_outdated=known.is_outdated, **words))


def states_of(found: Translating, language: str) -> list[tuple[Unit, list[State]]]:
    """Return the pieces of a webinar by unit, and how far they are in a language; one query where any is outdated."""
    is_outdated = any(row is not None and row.is_outdated for row in found.units[0].rows(language))
    changed = changed_sources(subject_of(found.webinar), found.original, [language])[language] if is_outdated else {}
    states = ((unit, found.states(unit, language, changed)) for unit in found.units)
    return [(unit, of_unit) for unit, of_unit in states if of_unit]


def refusals(
    found: Translating,
    states: Iterable[tuple[Unit, Sequence[State]]],
    language: str,
    texts: Mapping[str, str],
) -> dict[str, LazyString]:
    """Return what is wrong with texts that are to be stored, by key: a title is missing that has to be there."""
    refused: dict[str, LazyString] = {}
    in_words = languages.in_words(language)
    for _unit, of_unit in states:
        will_be = {state.piece.kind: texts.get(state.piece.key, state.text) for state in of_unit}
        if not any(state.piece.key in texts for state in of_unit):
            continue
        is_written = any(will_be.values())
        for state in of_unit:
            kind, key = state.piece.kind, state.piece.key
            if will_be[kind] or kind not in _NEEDED:
                continue
            if is_written:
                refused[key] = _NEEDED[kind](in_words)
            elif kind is Kind.TITLE and state.text and (public := _public(found.held_in(language))):
                refused[key] = lazy_ngettext(
                    "It is needed: a public session is held in %(language)s, on %(days)s.",
                    "It is needed: public sessions are held in %(language)s, on %(days)s.",
                    len(public),
                    language=in_words,
                    days=formats.joined(_days(public)),
                )
    return refused


def _title_is_needed(language: str) -> LazyString:
    return _l("Write the title in %(language)s too, or leave out the rest.", language=language)


_NEEDED: dict[Kind, Callable[[str], LazyString]] = {
    Kind.TITLE: _title_is_needed,
    Kind.PART: _title_is_needed,
    Kind.QUESTION: lambda language: _l("Write the question in %(language)s too.", language=language),
    Kind.PURPOSE: lambda _language: _l("Write what the answers are for. Who answers reads it."),
}
"""What a row cannot be without, where anything stands in it."""


def _public(sessions: Iterable[WebinarSession]) -> list[WebinarSession]:
    return [session for session in sessions if session.status is SessionStatus.PUBLISHED]


def _days(sessions: Sequence[WebinarSession]) -> list[str]:
    days = [formats.date(in_zone(session.starts_at, session.timezone)) for session in sessions[:MOST_NAMED]]
    return [*days, "…"] if len(sessions) > MOST_NAMED else days


def _check(
    found: Translating,
    states: Sequence[tuple[Unit, Sequence[State]]],
    language: str,
    texts: Mapping[str, str],
    confirmed: Collection[str],
    sources: Mapping[str, str],
) -> None:
    present = {state.piece.key: state.piece for _unit, of_unit in states for state in of_unit}
    if gone := [key for key, text in texts.items() if text and key not in present]:
        raise PieceGone(gone)
    seen = [key for key in {*texts, *confirmed} if key in present and key in sources]
    if changed := [key for key in seen if sources[key] != mark_of(present[key].source)]:
        raise SourceChanged(changed)
    for key, refusal in refusals(found, states, language, texts).items():
        raise EditRefused(key, refusal)


def _translate_unit(
    unit: Unit,
    states: Sequence[State],
    language: str,
    texts: Mapping[str, str],
    confirmed: Collection[str],
    changes: Changes,
) -> None:
    written = {state.piece.key: texts[state.piece.key] for state in states if _differs(state, texts)}
    outdated = [state.piece for state in states if state.is_outdated]
    fitting = [piece for piece in outdated if piece.key in confirmed and piece.key not in written]
    for state in states:
        if state.piece.key in written:
            before = "" if state.is_missing else state.text
            changes.note(f"{state.piece.name} ({language})", before or None, written[state.piece.key] or None)
    for piece in fitting:
        changes.note(looked_at(piece.name, language), None, next(s.text for s in states if s.piece is piece))
    by_column = {state.piece.column: written[state.piece.key] for state in states if state.piece.key in written}
    for owner in unit.owners:
        _set(owner, unit, language, by_column)
    seen_to = [piece.key in written or piece in fitting for piece in outdated]
    if any(seen_to) and (all(seen_to) or any(state.is_together for state in states)):
        for row in unit.rows(language):
            if row is not None:
                row.is_outdated = False


def _differs(state: State, texts: Mapping[str, str]) -> bool:
    """Tell whether a text was written that is not stored for all whom it is about."""
    text = texts.get(state.piece.key)
    return text is not None and (text != state.text or (state.is_missing and bool(text)))


def _set(owner: Owner, unit: Unit, language: str, written: Mapping[str, str]) -> None:
    row: Any = own_text(owner.texts, language)
    columns = (piece.column for piece in unit.pieces)
    values = {column: written.get(column, getattr(row, column) if row is not None else "") for column in columns}
    texts: list[Any] = owner.texts
    if not any(values.values()):
        if row is not None:
            texts.remove(row)
    elif row is None:
        texts.append(TEXTS_OF[type(owner)](language=language, **values))
    else:
        assign(row, **values)
