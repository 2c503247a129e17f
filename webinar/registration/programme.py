"""The public programme: sessions with what a page says about each, for one reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import func, select

from webinar.catalogue.models import (
    Access,
    AgendaItem,
    LanguageVersion,
    NoticeText,
    Platform,
    RegistrationState,
    Series,
    SeriesText,
    SessionStatus,
    Speaker,
    SpeakerPart,
    SpeakerText,
    VersionKind,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.catalogue.texts import offered_with_text, text_in, text_or_none, text_with, texts_of_each
from webinar.files.models import StoredFile
from webinar.foundation import formats
from webinar.foundation.db import db
from webinar.foundation.when import When
from webinar.foundation.zones import in_zone
from webinar.registration.door import is_door_open
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.queries import IN_LINE

FEW = 10
"""From how many free seats on a page says how many are left."""


@dataclass(frozen=True)
class Reader:
    """Who looks at the programme: the language of the page, their zone as far as it is known, and the moment."""

    language: str
    zone: str | None
    now: datetime

    def when(self, session: WebinarSession) -> When:
        """Return when a session is for this reader."""
        return When(
            session.starts_at, session.ends_at, self.zone or session.timezone, session.timezone, self.zone is None
        )

    def local(self, moment: datetime, session: WebinarSession) -> datetime:
        """Return a moment as this reader's clocks show it, or those where the session is held."""
        return in_zone(moment, self.zone or session.timezone)


@dataclass(frozen=True)
class Showing:
    """One session as one reader sees it.

    ``text`` has its title, ``summary`` its summary and ``notice`` what the organisers tell just now, if there is one,
    each in the language that could be found.
    ``versions`` are its languages in the order to offer them in: the reader's own, the original, the others.
    """

    session: WebinarSession
    text: WebinarText
    summary: WebinarText | None
    when: When
    state: RegistrationState
    is_full: bool
    seats_left: int | None
    is_now: bool
    opens: datetime | None
    versions: list[LanguageVersion]
    notice: NoticeText | None = None
    is_door_open: bool = False
    is_preview: bool = False

    @property
    def goes_in(self) -> bool:
        """Whether everybody who registers now is led straight into the room."""
        return self.is_door_open and self.is_certain

    @property
    def is_open(self) -> bool:
        """Whether one can register, for a seat or for the waiting list."""
        return self.state is RegistrationState.OPEN

    @property
    def can_be_chosen(self) -> bool:
        """Whether everybody can register for it together with others; who goes straight in has a form for it alone."""
        return self.is_open and self.session.access is Access.EVERYONE and not self.is_door_open

    @property
    def is_certain(self) -> bool:
        """Whether everybody who registers now gets a seat, whoever they are."""
        session = self.session
        return not self.is_full and session.most_per_member is None and session.access is not Access.MEMBERS

    @property
    def few_seats(self) -> int | None:
        """How many seats are left, where they are few enough to say so."""
        few = self.is_open and self.seats_left is not None and 0 < self.seats_left <= FEW
        return self.seats_left if few else None

    @property
    def floor(self) -> LanguageVersion | None:
        """The original language of the session."""
        return next((version for version in self.session.language_versions if version.kind == "floor"), None)

    @property
    def described_in(self) -> list[str]:
        """The languages in which we can write about the webinar."""
        return described_in(self.session.webinar)

    def is_heard_in(self, language: str) -> bool:
        """Tell whether the session can be followed in a language."""
        return any(version.code == language for version in self.session.language_versions)


def shown(sessions: Sequence[WebinarSession], reader: Reader, *, is_preview: bool = False) -> list[Showing]:
    """Return sessions as a reader sees them, their seats counted by one statement.

    In a preview drafts are shown as they will be when they are published.
    """
    limited = [session.id for session in sessions if session.seats is not None and session.ends_at > reader.now]
    taken = _taken_and_waiting(limited) if limited else {}
    showings = []
    for session in sessions:
        registered, waiting = taken.get(session.id, (0, 0))
        left = None if session.seats is None else max(0, session.seats - registered)
        showings.append(
            Showing(
                session=session,
                text=text_in(session.webinar.texts, reader.language, session.webinar.original_language),
                summary=text_with("summary", session.webinar.texts, reader.language, session.webinar.original_language),
                when=reader.when(session),
                state=RegistrationState.OPEN
                if is_door_open(session, reader.now)
                else session.registration_state(reader.now, as_published=is_preview),
                is_door_open=is_door_open(session, reader.now),
                # While somebody waits, a free seat is theirs; unless there is a limit per member: then it is that
                # they wait for while seats are free.
                is_full=left is not None and (left == 0 or (waiting > 0 and session.most_per_member is None)),
                seats_left=left,
                is_now=session.starts_at <= reader.now < session.ends_at,
                opens=None if session.registration_opens is None else reader.local(session.registration_opens, session),
                versions=_in_order_for(reader, session.language_versions),
                notice=text_or_none(session.notice_at(reader.now), reader.language, session.webinar.original_language),
                is_preview=is_preview,
            )
        )
    return showings


def _in_order_for(reader: Reader, versions: Iterable[LanguageVersion]) -> list[LanguageVersion]:
    return sorted(versions, key=lambda version: (version.code != reader.language, version.kind != VersionKind.FLOOR))


def _taken_and_waiting(session_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    registered = func.count().filter(Registration.status == RegistrationStatus.REGISTERED)
    waiting = func.count().filter(IN_LINE)
    rows = db.session.execute(
        select(Registration.session_id, registered, waiting)
        .where(Registration.session_id.in_(session_ids))
        .group_by(Registration.session_id)
    )
    return {session_id: (taken, queued) for session_id, taken, queued in rows}


@dataclass(frozen=True)
class Month:
    """The sessions of one month of the reader's calendar."""

    name: str
    year: str
    showings: list[Showing]


def by_month(showings: Iterable[Showing]) -> list[Month]:
    """Group sessions, which are in order of time, by the month in which the reader has them."""
    months: dict[tuple[int, int], Month] = {}
    for showing in showings:
        starts = showing.when.starts_here
        named = Month(formats.month_name(starts), formats.year(starts), [])
        month = months.setdefault((starts.year, starts.month), named)
        month.showings.append(showing)
    return list(months.values())


@dataclass(frozen=True)
class Cycle:
    """The sessions of one series, with the series' text in the reader's language."""

    series: Series
    text: SeriesText
    summary: SeriesText | None
    showings: list[Showing]

    @property
    def has_several_webinars(self) -> bool:
        """Whether the sessions need to say which webinar they are of."""
        return len({showing.session.webinar_id for showing in self.showings}) > 1


def by_series(showings: Iterable[Showing], reader: Reader) -> list[Cycle]:
    """Group sessions by series, each series standing where its first session stood."""
    cycles: dict[int, Cycle] = {}
    for showing in showings:
        webinar = showing.session.webinar
        if webinar.series_id not in cycles:
            texts, original = webinar.series.texts, webinar.original_language
            cycles[webinar.series_id] = Cycle(
                webinar.series,
                text_in(texts, reader.language, original),
                text_with("summary", texts, reader.language, original),
                [],
            )
        cycles[webinar.series_id].showings.append(showing)
    return list(cycles.values())


@dataclass(frozen=True)
class Filter:
    """What somebody looks for in the programme; what is empty limits nothing."""

    language: str = ""
    series: str = ""

    def __bool__(self) -> bool:
        return bool(self.language or self.series)

    def lets_through(self, showing: Showing) -> bool:
        """Tell whether a session is what they look for."""
        in_language = not self.language or showing.is_heard_in(self.language)
        return in_language and (not self.series or showing.session.webinar.series.slug == self.series)


def next_one(showings: Iterable[Showing]) -> Showing | None:
    """Return the session that the programme begins with: the soonest that is held."""
    return next((showing for showing in showings if showing.session.status is not SessionStatus.CANCELLED), None)


def languages_of(showings: Iterable[Showing]) -> dict[str, int]:
    """Count in how many sessions each language can be heard, the most frequent first, then by code."""
    counted: dict[str, int] = {}
    for showing in showings:
        for version in showing.session.language_versions:
            counted[version.code] = counted.get(version.code, 0) + 1
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def described_in(webinar: Webinar) -> list[str]:
    """Return the languages in which a webinar has a title, as far as they are offered: those that we can write in."""
    return offered_with_text(webinar.texts) or [webinar.original_language]


def languages_elsewhere(showing: Showing, others: Iterable[Showing]) -> list[str]:
    """Return the languages in which other sessions of the same webinar are held, and this one is not."""
    own = {version.code for version in showing.session.language_versions}
    same = [other for other in others if other.session.webinar_id == showing.session.webinar_id]
    return [code for code in languages_of(same) if code not in own]


def best_for(showings: Iterable[Showing], language: str) -> Showing | None:
    """Return the session to offer first: open, heard in the reader's language, with seats if possible."""
    open_ones = [showing for showing in showings if showing.is_open]
    return min(
        open_ones,
        key=lambda showing: (not showing.is_heard_in(language), showing.is_full, showing.session.starts_at),
        default=None,
    )


@dataclass(frozen=True)
class AgendaPoint:
    """One part of a webinar, in the language that could be found; so are its guiding questions, if it has any."""

    title: str
    minutes: int | None
    language: str
    guiding: GuidingQuestions | None


class GuidingQuestions(NamedTuple):
    """What a roundtable is led by, in the language that could be found."""

    questions: list[str]
    language: str


def agenda_in(webinar: Webinar, language: str) -> list[AgendaPoint]:
    """Return the parts of a webinar that have a text, in a language or else in the original one."""
    points = []
    for item in webinar.agenda:
        if item.texts:
            text = text_in(item.texts, language, webinar.original_language)
            points.append(AgendaPoint(text.title, item.minutes, text.language, _guiding(item, language, webinar)))
    return points


def _guiding(item: AgendaItem, language: str, webinar: Webinar) -> GuidingQuestions | None:
    text = text_with("questions", item.texts, language, webinar.original_language)
    if text is None:
        return None
    return GuidingQuestions([line.strip() for line in text.questions.splitlines() if line.strip()], text.language)


@dataclass(frozen=True)
class Appearance:
    """Somebody who speaks, with what is said of them, and the coming days on which they do where that differs.

    ``role`` and ``affiliation`` are the texts that say them, each in the language that could be found.
    """

    speaker: Speaker
    role: SpeakerText | None
    affiliation: SpeakerText | None
    photo: StoredFile | None = None
    days: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Their name as written."""
        return self.speaker.name

    @property
    def part(self) -> SpeakerPart:
        """What they do there."""
        return self.speaker.part


def introductions(session: WebinarSession, language: str) -> dict[int, SpeakerText]:
    """Return what is said of those who speak in a session, by their number, in a language or else the original one."""
    texts = {speaker.id: speaker.texts for speaker in session.speakers}
    return texts_of_each(texts, language, session.webinar.original_language)


def speakers_in(session: WebinarSession, language: str) -> list[Appearance]:
    """Return who speaks in one session, as a reader of a language sees them, without photos."""
    original = session.webinar.original_language
    return [Appearance(speaker, *_said_of([speaker], language, original)) for speaker in session.speakers_to_show]


def _said_of(
    speakers: Sequence[Speaker], language: str, original: str
) -> tuple[SpeakerText | None, SpeakerText | None]:
    """Return role and affiliation of somebody, as the first of several sessions that says them in a language does."""
    texts = [text for speaker in reversed(speakers) for text in speaker.texts]
    return text_with("role", texts, language, original), text_with("affiliation", texts, language, original)


def speakers_of(showings: Sequence[Showing], language: str) -> list[Appearance]:
    """Return who speaks in the sessions of a webinar, each name once, with what is said of them in a language.

    Who speaks in several sessions is introduced as in the one that says it in that language, else in the original one.
    Their photos are loaded: one that was stored for any of the sessions is shown for all.
    """
    by_name: dict[str, list[Speaker]] = {}
    in_sessions: dict[str, list[Showing]] = {}
    photos: dict[str, StoredFile] = {}
    for showing in showings:
        for speaker in showing.session.speakers_to_show:
            if speaker.photo is not None:
                photos.setdefault(speaker.name, speaker.photo)
            in_sessions.setdefault(speaker.name, []).append(showing)
            by_name.setdefault(speaker.name, []).append(speaker)
    original = showings[0].session.webinar.original_language if showings else ""
    return [
        Appearance(
            speakers[0],
            *_said_of(speakers, language, original),
            photos.get(name),
            [
                formats.day_of_month(showing.when.starts_here)
                for showing in in_sessions[name]
                if showing.state is not RegistrationState.OVER and len(in_sessions[name]) < len(showings)
            ],
        )
        for name, speakers in by_name.items()
    ]


_PLATFORMS = {
    Platform.ZOOM: "Zoom",
    Platform.TEAMS: "Microsoft Teams",
    Platform.WEBEX: "Webex",
    Platform.BIGBLUEBUTTON: "BigBlueButton",
    Platform.JITSI: "Jitsi",
    Platform.YOUTUBE: "YouTube",
}


def where_held(showings: Iterable[Showing]) -> str:
    """Say where sessions are held: on which platforms, or in a room."""
    platforms = list(dict.fromkeys(showing.session.platform for showing in showings))
    if platforms == [Platform.ROOM]:
        return str(_("In a room; the confirmation says which."))
    names = [_PLATFORMS[platform] for platform in platforms if platform in _PLATFORMS]
    return str(_("Online, in %(platforms)s.", platforms=formats.joined(names)) if names else _("Online."))
