"""What an organiser wants a series, a webinar or a session to be: the values that the editing pages hand over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from flask_babel.speaklater import LazyString

from webinar.catalogue.models import Moment, Platform, QuestionKind, WayKind
from webinar.catalogue.services.catalogue_file import AgendaEntry, SpeakerEntry, VersionEntry
from webinar.foundation.errors import DomainError


@dataclass(frozen=True)
class SeriesTexts:
    """What a series is called and about, in one language."""

    title: str
    summary: str = ""


@dataclass(frozen=True)
class WebinarTexts:
    """Title, summary and description (Markdown) of a webinar, in one language."""

    title: str
    summary: str = ""
    description: str = ""


@dataclass(frozen=True)
class SeriesDraft:
    """A series as it is to be; a language that is not in ``texts`` has none."""

    slug: str
    texts: Mapping[str, SeriesTexts]


@dataclass(frozen=True)
class WebinarDraft:
    """A webinar as it is to be, in the series of a slug; texts in a language that is left out stay, here and below."""

    slug: str
    series_slug: str
    texts: Mapping[str, WebinarTexts]
    agenda: tuple[AgendaEntry, ...] = ()


@dataclass(frozen=True)
class QuestionTexts:
    """A question and what its answers are for, in one language."""

    title: str
    purpose: str


@dataclass(frozen=True)
class ChoiceDraft:
    """A choice as it is to be called in each language; ``choice_id`` is that of one there is already."""

    titles: Mapping[str, str]
    takes_words: bool = False
    choice_id: int | None = None


@dataclass(frozen=True)
class QuestionDraft:
    """A question as it is to be, with its choices in their order; a choice that is left out is taken away."""

    kind: QuestionKind
    is_needed: bool
    keep_until: date
    texts: Mapping[str, QuestionTexts]
    choices: tuple[ChoiceDraft, ...] = ()
    moment: Moment = Moment.REGISTERING


@dataclass(frozen=True)
class SessionTimes:
    """When a session is held: wall times in a zone."""

    start: datetime
    end: datetime
    timezone: str


@dataclass(frozen=True)
class WayEntry:
    """A further way to follow a session, as it is to be; no ``countries`` (their codes): it is for everybody."""

    kind: WayKind
    address: str
    access_code: str = ""
    countries: tuple[str, ...] = ()


@dataclass(frozen=True)
class SessionDraft:
    """A session as it is to be; the registration window is wall time.

    ``times`` and ``is_provisional`` are None where they are to stay.
    """

    times: SessionTimes | None
    platform: Platform
    join_url: str
    seats: int | None
    registration_opens: datetime | None
    registration_closes: datetime | None
    languages: tuple[VersionEntry, ...]
    speakers: tuple[SpeakerEntry, ...] = ()
    is_provisional: bool | None = None
    ways: tuple[WayEntry, ...] = ()


def texts_as_values(texts: SeriesTexts | WebinarTexts | QuestionTexts) -> dict[str, str]:
    """Return texts by the names of their columns."""
    return asdict(texts)


class EditRefused(DomainError):
    """An edit is refused; ``field`` names the field of the form where the sentence belongs."""

    def __init__(self, field: str, message: str | LazyString) -> None:
        super().__init__(message)
        self.field = field
