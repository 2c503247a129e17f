"""Reading a catalogue file: from JSON to values of the right shape, or a sentence that says where it is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l

from webinar.catalogue.models import AgendaKind, Platform, SpeakerPart, VersionKind
from webinar.foundation import languages, zones
from webinar.foundation.addresses import is_web_address
from webinar.foundation.db import Code
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import one_line, several_lines

MOST_OF_AN_ADDRESS = 2_000
ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
Words = TypeVar("Words", bound=Code)
Texts = dict[str, str]


class CatalogueFileError(DomainError):
    """A catalogue file cannot be taken; the sentence says which place of it, and why. Nothing was changed."""

    def __init__(self, where: str, what: object) -> None:
        super().__init__(_l("%(where)s: %(what)s", where=where, what=what))


@dataclass(frozen=True)
class VersionEntry:
    """One language of a session, as the file or a form tells it.

    Here and in all texts: an empty one is to go, and what is left out stays as it is.
    """

    code: str
    kind: VersionKind
    join_url: str
    practical_notes: Texts


@dataclass(frozen=True)
class SpeakerEntry:
    """One speaker of a session, as the file or a form tells it; None where that is silent."""

    name: str
    role: Texts = field(default_factory=dict)
    affiliation: Texts = field(default_factory=dict)
    part: SpeakerPart | None = None
    is_confirmed: bool | None = None


@dataclass(frozen=True)
class SessionEntry:
    """One session, as the file tells it: wall times in its zone; None where the file is silent."""

    where: str
    key: str
    start: datetime
    end: datetime
    timezone: str
    platform: Platform | None
    join_url: str | None
    seats: int | None
    registration_opens: datetime | None
    registration_closes: datetime | None
    languages: tuple[VersionEntry, ...]
    speakers: tuple[SpeakerEntry, ...] | None
    published: bool
    given: frozenset[str]


@dataclass(frozen=True)
class AgendaEntry:
    """One part of a webinar, as the file or a form tells it; questions are a list by language.

    ``item_id`` is that of one there is already, 0 of a new one; None where the teller does not know their numbers.
    """

    kind: AgendaKind
    minutes: int | None
    title: Texts
    questions: dict[str, tuple[str, ...]]
    item_id: int | None = None


@dataclass(frozen=True)
class LinkEntry:
    """One material of a webinar that stands elsewhere, as the file tells it; the language may be empty."""

    title: Texts
    url: str
    language: str


@dataclass(frozen=True)
class CoHostEntry:
    """One co-host of a webinar, as the file tells it."""

    name: str
    url: str


@dataclass(frozen=True)
class WebinarEntry:
    """One webinar, as the file tells it.

    ``names_original`` tells whether the file gives the original language, or leaves it to the first of its title.
    """

    where: str
    slug: str
    title: Texts
    summary: Texts
    description: Texts
    original_language: str
    names_original: bool
    agenda: tuple[AgendaEntry, ...] | None
    materials: tuple[LinkEntry, ...]
    co_hosts: tuple[CoHostEntry, ...]
    sessions: tuple[SessionEntry, ...]


@dataclass(frozen=True)
class SeriesEntry:
    """One series, as the file tells it."""

    where: str
    slug: str
    title: Texts
    summary: Texts
    webinars: tuple[WebinarEntry, ...]


@dataclass(frozen=True)
class CatalogueFile:
    """A whole catalogue file, and the names in it that mean nothing to us."""

    series: tuple[SeriesEntry, ...]
    not_understood: tuple[str, ...]


def read_catalogue(content: bytes) -> CatalogueFile:
    """Return the values of a catalogue file.

    Raises:
        CatalogueFileError: it is not JSON, something needed is missing, a value cannot be understood, or a slug
            or key stands in it twice.
    """
    try:
        top = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise CatalogueFileError(str(_l("The file")), _l("it is not UTF-8 text.")) from None
    except json.JSONDecodeError as fault:
        raise CatalogueFileError(
            str(_l("Line %(line)s", line=fault.lineno)),
            _l("this is not JSON, or the file was cut off here (%(fault)s).", fault=fault.msg),
        ) from None
    except (RecursionError, ValueError) as fault:  # nested beyond all measure, or a number of thousands of digits
        raise CatalogueFileError(
            str(_l("The file")), _l("this is not JSON, or the file was cut off here (%(fault)s).", fault=fault)
        ) from None
    reader = _Reader()
    file = Place(reader, "", top)
    series = tuple(_series(entry) for entry in file.entries("series", needed=True))
    _refuse_doubles(series)
    return CatalogueFile(series, tuple(reader.not_understood))


class _Reader:
    def __init__(self) -> None:
        self.not_understood: list[str] = []


class Place:
    """One object of the file, with the way to it, so that every complaint says where."""

    def __init__(self, reader: _Reader, where: str, value: object) -> None:
        self.reader = reader
        self.where = where
        if not isinstance(value, dict):
            raise self.wrong(_l("an object { … } was expected here."))
        self.value: dict[str, Any] = value
        self.asked: set[str] = set()

    def wrong(self, what: object, name: str = "") -> CatalogueFileError:
        """Return the complaint about this place, or about one name in it."""
        return CatalogueFileError(" › ".join(filter(None, (self.where, name))) or str(_l("The file")), what)

    def named(self, name: str) -> None:
        """Let later complaints call this place by the name it has."""
        self.where = name

    def get(self, name: str, *, needed: bool = False) -> Any:
        """Return the value of a name; None where it is left out."""
        self.asked.add(name)
        value = self.value.get(name)
        if value is None and needed:
            raise self.wrong(_l("“%(name)s” is missing.", name=name))
        return value

    def text(self, name: str, *, needed: bool = False) -> str | None:
        """Return a text without blanks around it and without control characters; None where it is left out."""
        value = self.get(name, needed=needed)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong(_l("a text in quotation marks was expected."), name)
        text = several_lines(value)
        if needed and not text:
            raise self.wrong(_l("it is empty."), name)
        return text

    def address(self, name: str) -> str:
        """Return a slug or key, which stands in web addresses."""
        value = self.text(name, needed=True) or ""
        if not ADDRESS.fullmatch(value):
            raise self.wrong(
                _l("“%(value)s” cannot stand in a web address: use letters, digits, dots and hyphens.", value=value),
                name,
            )
        return value

    def line(self, name: str, *, needed: bool = False, limit: int = 300) -> str:
        """Return a text of one line and of limited length."""
        value = self.text(name, needed=needed) or ""
        if len(value) > limit:
            raise self.wrong(_l("it is longer than %(limit)s characters.", limit=limit), name)
        return one_line(value)

    def texts(self, name: str, *, needed: bool = False, limit: int | None = None, plain_in: str = "") -> Texts:
        """Return a text by language; empty texts count as left out.

        With ``plain_in`` it may stand there without a language: then it is in this one.
        """
        value = self.get(name, needed=needed)
        if value is None:
            return {}
        if plain_in and isinstance(value, str):
            text = self.line(name, needed=needed, limit=limit) if limit else self.text(name, needed=needed)
            return {plain_in: text} if text else {}
        place = Place(self.reader, " › ".join(filter(None, (self.where, name))), value)
        texts = {}
        for code in value:
            if not languages.is_known(code):
                raise place.wrong(_l("“%(code)s” is not the code of a language, like “en”.", code=code))
            text = place.line(code, limit=limit) if limit else place.text(code)
            if text:
                texts[code] = text
        if needed and not texts:
            raise place.wrong(_l("it is empty."))
        return texts

    def whole(self, name: str) -> int | None:
        """Return a whole number above 0; None where it is left out."""
        value = self.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31):
            raise self.wrong(_l("a whole number above 0 was expected."), name)
        return value

    def word(self, name: str, words: type[Words], *, needed: bool = False) -> Words | None:
        """Return one of a closed list of words."""
        value = self.text(name, needed=needed)
        if value is None:
            return None
        try:
            return words(value)
        except ValueError:
            raise self.wrong(
                _l("“%(value)s” is not one of %(words)s.", value=value, words=", ".join(words)), name
            ) from None

    def needed_wall_time(self, name: str) -> datetime:
        """Return a wall time that must be there."""
        moment = self.wall_time(name)
        if moment is None:
            raise self.wrong(_l("“%(name)s” is missing.", name=name))
        return moment

    def wall_time(self, name: str) -> datetime | None:
        """Return a wall time, ``2027-04-03T16:30``; None where it is left out."""
        value = self.text(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is not None or len(value) < len("2027-04-03T16:30"):
            raise self.wrong(
                _l("“%(value)s” is not a local date and time like 2027-04-03T16:30.", value=value), name
            ) from None
        return moment

    def link(self, name: str) -> str | None:
        """Return a web address; None where it is left out."""
        value = self.text(name)
        if value and len(value) > MOST_OF_AN_ADDRESS:
            raise self.wrong(_l("it is longer than %(limit)s characters.", limit=MOST_OF_AN_ADDRESS), name)
        if value and not is_web_address(value):
            raise self.wrong(_l("“%(value)s” is not an address that begins with https://.", value=value), name)
        return value

    def entries(self, name: str, *, needed: bool = False) -> Iterator[Place]:
        """Return the objects of a list, each knowing its number."""
        value = self.get(name, needed=needed)
        if value is None:
            return
        if not isinstance(value, list):
            raise self.wrong(_l("a list [ … ] was expected."), name)
        for number, entry in enumerate(value, 1):
            place = Place(self.reader, " › ".join(filter(None, (self.where, f"{name} {number}"))), entry)
            yield place
            self.reader.not_understood.extend(
                f"{place.where} › {unknown}" for unknown in entry if unknown not in place.asked
            )


def _series(place: Place) -> SeriesEntry:
    slug = place.address("slug")
    place.named(f"series “{slug}”")
    return SeriesEntry(
        where=place.where,
        slug=slug,
        title=place.texts("title", needed=True, limit=300),
        summary=place.texts("summary"),
        webinars=tuple(_webinar(entry) for entry in place.entries("webinars")),
    )


def _webinar(place: Place) -> WebinarEntry:
    slug = place.address("slug")
    place.named(f"webinar “{slug}”")
    title = place.texts("title", needed=True, limit=300)
    named = place.text("original_language")
    original = named or next(iter(title))
    if original not in title:
        raise place.wrong(_l("there is no title in “%(code)s”.", code=original), "original_language")
    agenda = tuple(_agenda_item(entry) for entry in place.entries("agenda"))
    return WebinarEntry(
        where=place.where,
        slug=slug,
        title=title,
        summary=place.texts("summary"),
        description=place.texts("description"),
        original_language=original,
        names_original=bool(named),
        agenda=agenda if place.get("agenda") is not None else None,
        materials=tuple(_material(entry, original) for entry in place.entries("materials")),
        co_hosts=tuple(
            CoHostEntry(entry.line("name", needed=True), entry.link("url") or "") for entry in place.entries("co_hosts")
        ),
        sessions=tuple(_session(entry) for entry in place.entries("sessions")),
    )


def _agenda_item(place: Place) -> AgendaEntry:
    asked = Place(place.reader, f"{place.where} › questions", place.get("questions") or {})
    questions = {}
    for code, lines in asked.value.items():
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise asked.wrong(_l("a list of texts was expected."), code)
        questions[code] = tuple(one_line(line) for line in lines)
    return AgendaEntry(
        kind=place.word("kind", AgendaKind) or AgendaKind.TALK,
        minutes=place.whole("minutes"),
        title=place.texts("title", needed=True, limit=300),
        questions=questions,
    )


def _material(place: Place, original: str) -> LinkEntry:
    place.get("url", needed=True)
    language = place.text("language") or ""
    if language and not languages.is_known(language):
        raise place.wrong(_l("“%(code)s” is not the code of a language, like “en”.", code=language), "language")
    title = place.texts("title", needed=True, limit=300, plain_in=original)
    return LinkEntry(title, place.link("url") or "", language)


def _session(place: Place) -> SessionEntry:
    key = place.address("key")
    place.named(f"session “{key}”")
    zone = place.text("timezone", needed=True) or ""
    if not zones.is_zone(zone):
        raise place.wrong(_l("“%(zone)s” is not a zone of the IANA list, like Europe/Madrid.", zone=zone), "timezone")
    versions = tuple(
        _version(entry, first=number == 0) for number, entry in enumerate(place.entries("languages", needed=True))
    )
    if [version.kind for version in versions].count(VersionKind.FLOOR) != 1:
        raise place.wrong(_l("exactly one language must be the floor, the original one."), "languages")
    if len({version.code for version in versions}) < len(versions):
        raise place.wrong(_l("a language stands in it twice."), "languages")
    published = place.get("published")
    if published not in (None, True, False):
        raise place.wrong(_l("true or false was expected."), "published")
    [floor] = [version.code for version in versions if version.kind is VersionKind.FLOOR]
    speakers = tuple(_speaker(entry, floor) for entry in place.entries("speakers"))
    return SessionEntry(
        where=place.where,
        key=key,
        start=place.needed_wall_time("start"),
        end=place.needed_wall_time("end"),
        timezone=zone,
        platform=place.word("platform", Platform),
        join_url=place.link("join_url"),
        seats=place.whole("seats"),
        registration_opens=place.wall_time("registration_opens"),
        registration_closes=place.wall_time("registration_closes"),
        languages=versions,
        speakers=speakers if place.get("speakers") is not None else None,
        published=published is not False,
        given=frozenset(place.value),
    )


def _version(place: Place, *, first: bool) -> VersionEntry:
    code = place.text("code", needed=True) or ""
    if not languages.is_known(code):
        raise place.wrong(_l("“%(code)s” is not the code of a language, like “en”.", code=code), "code")
    return VersionEntry(
        code=code,
        kind=place.word("kind", VersionKind) or (VersionKind.FLOOR if first else VersionKind.INTERPRETATION),
        join_url=place.link("join_url") or "",
        practical_notes=place.texts("practical_notes", plain_in=code),
    )


def _speaker(place: Place, floor: str) -> SpeakerEntry:
    return SpeakerEntry(
        name=place.line("name", needed=True),
        role=place.texts("role", limit=300, plain_in=floor),
        affiliation=place.texts("affiliation", limit=300, plain_in=floor),
        part=place.word("part", SpeakerPart),
    )


def _refuse_doubles(series: tuple[SeriesEntry, ...]) -> None:
    webinars = [webinar for one in series for webinar in one.webinars]
    sessions = [session for webinar in webinars for session in webinar.sessions]
    seen: set[tuple[str, str]] = set()
    for kind, name, where in (
        *(("series", one.slug, one.where) for one in series),
        *(("webinar", one.slug, one.where) for one in webinars),
        *(("session", one.key, one.where) for one in sessions),
    ):
        if (kind, name) in seen:
            raise CatalogueFileError(where, _l("it stands in the file twice."))
        seen.add((kind, name))
