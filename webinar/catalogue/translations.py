"""What there is to translate of a webinar: its texts piece by piece, each with its source, and how far a language is.

The source is the text in the webinar's original language. A piece has a key that stays: ``webinar-title``,
``agenda-12-questions``, ``speaker-7-role``. The same words about the same speaker, and the same practical notes of a
language, are one piece, however many sessions they stand in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webinar.accounts.models import AuditEntry
from webinar.catalogue.models import (
    AgendaItem,
    AgendaItemText,
    LanguageVersion,
    LanguageVersionText,
    Material,
    MaterialText,
    Question,
    QuestionChoice,
    QuestionChoiceText,
    QuestionText,
    Series,
    SessionStatus,
    Speaker,
    SpeakerText,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.catalogue.texts import own_text
from webinar.foundation.db import db

Owner = Webinar | AgendaItem | Question | QuestionChoice | Material | Speaker | LanguageVersion

TEXTS_OF: dict[type[Owner], type[Any]] = {
    Webinar: WebinarText,
    AgendaItem: AgendaItemText,
    Question: QuestionText,
    QuestionChoice: QuestionChoiceText,
    Material: MaterialText,
    Speaker: SpeakerText,
    LanguageVersion: LanguageVersionText,
}

ENTRIES_LOOKED_THROUGH = 200
"""How far back the audit log is read for what a source was before."""


class Group(StrEnum):
    """What the pieces of a webinar are about, in the order of the page."""

    WEBINAR = "webinar"
    AGENDA = "agenda"
    QUESTIONS = "questions"
    MATERIALS = "materials"
    SPEAKERS = "speakers"
    NOTES = "notes"


class Kind(StrEnum):
    """What a piece is; the audit log calls it so."""

    TITLE = "title"
    SUMMARY = "summary"
    DESCRIPTION = "description"
    PART = "agenda_title"
    GUIDING_QUESTIONS = "agenda_questions"
    QUESTION = "question_title"
    PURPOSE = "question_purpose"
    CHOICE = "question_choice"
    MATERIAL = "material_title"
    ROLE = "speaker_role"
    AFFILIATION = "speaker_affiliation"
    NOTES = "practical_notes"


@dataclass(frozen=True)
class Piece:
    """One text to translate: ``column`` of the texts of its owners; ``source`` may be empty where a translation is not.

    ``which`` tells it from others of its kind: the number of a part, the name of a speaker, a language that is heard.
    """

    key: str
    kind: Kind
    column: str
    source: str
    which: str = ""

    @property
    def name(self) -> str:
        """What the audit log calls it, without its language."""
        return f"{self.kind} {self.which}".rstrip()


@dataclass(frozen=True)
class Unit:
    """Pieces that stand in one row of the database, and in as many such rows as there are owners.

    They are looked at together: the row has one mark that its source has changed. ``about`` is ``which`` of its pieces.
    """

    group: Group
    owners: tuple[Owner, ...]
    pieces: tuple[Piece, ...]
    about: str = ""

    def rows(self, language: str) -> list[Any]:
        """Return the texts of the owners in a language, None where there are none."""
        return [own_text(owner.texts, language) for owner in self.owners]


class State(NamedTuple):
    """How far a piece is in a language; ``before`` is what its source was, where the history tells.

    Where owners differ, ``text`` is the first there is, and the piece counts as missing until all have one.
    ``is_together`` says that nobody knows which source of the unit has changed: seeing to one piece sees to all, and
    only the first of them is ``marked``.
    """

    piece: Piece
    text: str
    is_missing: bool
    is_outdated: bool
    before: str = ""
    is_together: bool = True
    is_marked: bool = False

    @property
    def needs_work(self) -> bool:
        """Tell whether it is missing or to be looked at."""
        return self.is_missing or self.is_outdated


class Translating(NamedTuple):
    """A webinar with its sessions and everything of them that there is to translate; ``revision`` counts its edits."""

    webinar: Webinar
    sessions: Sequence[WebinarSession]
    units: tuple[Unit, ...]

    @property
    def original(self) -> str:
        """The language of the sources."""
        return self.webinar.original_language

    def states(self, unit: Unit, language: str, changed: Mapping[Kind, str]) -> list[State]:
        """Return how far the pieces of a unit are in a language; ``changed`` is what ``changed_sources`` found for it.

        Where the history knows which of a row's sources have changed, only these are to be looked at.
        """
        rows = unit.rows(language)
        texts = {
            piece: [getattr(row, piece.column) if row is not None else "" for row in rows] for piece in unit.pieces
        }
        is_outdated = any(row is not None and row.is_outdated for row in rows)
        written = [piece for piece in unit.pieces if any(texts[piece])]
        known = {piece for piece in unit.pieces if piece.kind in changed and piece in written} if is_outdated else ()
        return [
            State(
                piece,
                next((text for text in texts[piece] if text), ""),
                is_missing=bool(piece.source) and not all(texts[piece]),
                is_outdated=is_outdated and piece in (known or written),
                before=changed[piece.kind] if piece in known else "",
                is_together=not known,
                is_marked=is_outdated and piece in (known or written[:1]),
            )
            for piece in unit.pieces
            if piece.source or piece in written
        ]

    def languages_with_texts(self) -> set[str]:
        """Return the languages in which anything is written."""
        return {row.language for unit in self.units for owner in unit.owners for row in owner.texts}

    def held_in(self, language: str) -> list[WebinarSession]:
        """Return the sessions, the cancelled ones aside, that can be followed in a language."""
        return [
            session
            for session in self.sessions
            if session.status is not SessionStatus.CANCELLED
            and any(version.code == language for version in session.language_versions)
        ]


def find_to_translate(slug: str, *, lock: bool = False) -> Translating | None:
    """Return what there is to translate of the webinar of a web address, or None; eight queries.

    With ``lock`` its row and those of its sessions are held, in this order, and everything is read anew.
    """
    webinars = (
        select(Webinar)
        .where(Webinar.slug == slug)
        .options(
            joinedload(Webinar.texts),
            joinedload(Webinar.series, innerjoin=True).joinedload(Series.texts),
            selectinload(Webinar.agenda).joinedload(AgendaItem.texts),
            selectinload(Webinar.materials).joinedload(Material.texts),
            selectinload(Webinar.questions).options(
                joinedload(Question.texts), selectinload(Question.choices).joinedload(QuestionChoice.texts)
            ),
        )
    )
    sessions = (
        select(WebinarSession)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
        .options(
            selectinload(WebinarSession.language_versions).joinedload(LanguageVersion.texts),
            selectinload(WebinarSession.speakers).joinedload(Speaker.texts),
        )
    )
    if lock:
        webinars = webinars.with_for_update(of=Webinar).execution_options(populate_existing=True)
        sessions = sessions.execution_options(populate_existing=True)
    webinar = db.session.scalars(webinars).unique().one_or_none()
    if webinar is None:
        return None
    of_webinar = WebinarSession.webinar_id == webinar.id
    if lock:
        db.session.execute(select(WebinarSession.id).where(of_webinar).order_by(WebinarSession.id).with_for_update())
    found = db.session.scalars(sessions.where(of_webinar)).all()
    return Translating(webinar, found, tuple(_units(webinar, found)))


def changed_sources(subject: str, original: str, languages: Iterable[str]) -> dict[str, dict[Kind, str]]:
    """Return, by language, which of a webinar's own texts have changed since they were translated, and what they were.

    One query, in the audit log, which is not read further back than its last entries about the webinar.
    """
    entries = db.session.scalars(
        select(AuditEntry.changes)
        .where(AuditEntry.subject == subject, AuditEntry.revision.is_not(None))
        .order_by(AuditEntry.revision.desc())
        .limit(ENTRIES_LOOKED_THROUGH)
    ).all()
    found: dict[str, dict[Kind, str]] = {}
    for language in languages:
        changed = found.setdefault(language, {})
        for kind in (Kind.TITLE, Kind.SUMMARY, Kind.DESCRIPTION):
            for changes in entries:
                if looked_at(kind, language) in changes or f"{kind} ({language})" in changes:
                    break
                # The first of the changes since: the earlier, the nearer to what was translated.
                change = changes.get(f"{kind} ({original})")
                if isinstance(change, list) and len(change) == 2:
                    changed[kind] = change[0] or ""
    return found


def looked_at(name: str, language: str) -> str:
    """Return how the audit log says that a translation was found to fit its new source."""
    return f"still_fits {name} ({language})"


def mark_of(text: str) -> str:
    """Return a few letters that tell a text from another one."""
    return hashlib.blake2s(text.encode(), digest_size=6).hexdigest()


def _units(webinar: Webinar, sessions: Sequence[WebinarSession]) -> Iterator[Unit]:
    original = webinar.original_language
    yield _unit(
        original,
        Group.WEBINAR,
        [webinar],
        ("webinar-title", Kind.TITLE, "title"),
        ("webinar-summary", Kind.SUMMARY, "summary"),
        ("webinar-description", Kind.DESCRIPTION, "description"),
    )
    for number, item in enumerate(webinar.agenda, 1):
        yield _unit(
            original,
            Group.AGENDA,
            [item],
            (f"agenda-{item.id}-title", Kind.PART, "title"),
            (f"agenda-{item.id}-questions", Kind.GUIDING_QUESTIONS, "questions"),
            about=str(number),
        )
    for number, question in enumerate((one for one in webinar.questions if one.retired_at is None), 1):
        yield _unit(
            original,
            Group.QUESTIONS,
            [question],
            (f"question-{question.id}-title", Kind.QUESTION, "title"),
            (f"question-{question.id}-purpose", Kind.PURPOSE, "purpose"),
            about=str(number),
        )
        for place, choice in enumerate(question.asked_choices(), 1):
            key = (f"choice-{choice.id}-title", Kind.CHOICE, "title")
            yield _unit(original, Group.QUESTIONS, [choice], key, about=f"{number}.{place}")
    for number, material in enumerate(webinar.materials, 1):
        key = (f"material-{material.id}-title", Kind.MATERIAL, "title")
        yield _unit(original, Group.MATERIALS, [material], key, about=str(number))
    yield from _units_of_sessions(original, sessions)


def _units_of_sessions(original: str, sessions: Sequence[WebinarSession]) -> Iterator[Unit]:
    speakers: dict[tuple[str, ...], list[Owner]] = {}
    notes: dict[tuple[str, ...], list[Owner]] = {}
    for session in sessions:
        for speaker in session.speakers:
            same = (speaker.name, _source(speaker, original, "role"), _source(speaker, original, "affiliation"))
            speakers.setdefault(same, []).append(speaker)
        for version in session.language_versions:
            heard = (version.code, _source(version, original, "practical_notes"))
            notes.setdefault(heard, []).append(version)
    for (name, *_words), owners in speakers.items():
        first = min(owner.id for owner in owners if isinstance(owner, Speaker))
        yield _unit(
            original,
            Group.SPEAKERS,
            owners,
            (f"speaker-{first}-role", Kind.ROLE, "role"),
            (f"speaker-{first}-affiliation", Kind.AFFILIATION, "affiliation"),
            about=name,
        )
    for (code, *_words), owners in notes.items():
        first = min(owner.id for owner in owners if isinstance(owner, LanguageVersion))
        yield _unit(original, Group.NOTES, owners, (f"notes-{first}", Kind.NOTES, "practical_notes"), about=code)


def _unit(
    original: str, group: Group, owners: Sequence[Owner], *pieces: tuple[str, Kind, str], about: str = ""
) -> Unit:
    made = (Piece(key, kind, column, _source(owners[0], original, column), about) for key, kind, column in pieces)
    return Unit(group, tuple(owners), tuple(made), about)


def _source(owner: Owner, original: str, column: str) -> str:
    row = own_text(owner.texts, original)
    return getattr(row, column) if row is not None else ""
