"""Setting the parts of a webinar or session: only what differs, so that the same values again change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import String, inspect

from webinar.catalogue.bookings import bookings
from webinar.catalogue.models import (
    AgendaItem,
    AgendaItemText,
    CoHost,
    LanguageVersion,
    LanguageVersionText,
    Material,
    MaterialText,
    Speaker,
    SpeakerPart,
    SpeakerText,
    VersionKind,
    Webinar,
    WebinarSession,
)
from webinar.catalogue.services.catalogue_file import (
    AgendaEntry,
    CoHostEntry,
    LinkEntry,
    SpeakerEntry,
    Texts,
    VersionEntry,
)
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.texts import own_text
from webinar.files.services import let_go
from webinar.foundation.db import Model, db
from webinar.members.matching import fold


class SeatsAreTaken(EditRefused):
    """There are to be fewer seats than people who have one."""

    def __init__(self, seats: int, taken: int) -> None:
        super().__init__(
            "seats",
            _l(
                "%(taken)s seats are taken, so there cannot be only %(seats)s. Write at least %(taken)s, or let "
                "people give up their places first.",
                taken=taken,
                seats=seats,
            ),
        )


def assign(row: Model, **values: object) -> bool:
    """Set what differs, and tell whether anything did."""
    differs = False
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            differs = True
    return differs


def set_seats(session: WebinarSession, seats: int | None) -> bool:
    """Set how many seats a session has (None: no limit), its row being held, and tell whether that differed.

    Raises:
        SeatsAreTaken: more people have one.
    """
    if not assign(session, seats=seats):
        return False
    if seats is not None and session.id is not None and (taken := bookings().seats_taken(session.id)) > seats:
        raise SeatsAreTaken(seats, taken)
    return True


def set_text(texts: list[Any], kind: type[Model], language: str, values: Mapping[str, str]) -> bool:
    """Set the texts in one language, and tell whether they differed."""
    row = own_text(texts, language)
    if row is None:
        row = kind(language=language)
        texts.append(row)
    return assign(row, **values)


def set_texts(texts: list[Any], kind: type[Model], wanted: Mapping[str, Mapping[str, str]], source: str) -> bool:
    """Set the texts of a thing in some languages, and tell whether anything differed; those in others stay.

    Translations are made of the text in the language ``source``. When that changes, those that are not written anew
    at the same time are to be looked at; when it is emptied, there is nothing left of which they would be translations,
    and they go too.
    """
    known = {text.language: text for text in texts}
    written = set()
    for language, values in wanted.items():
        row = known.get(language)
        if row is not None and assign(row, **values):
            row.is_outdated = False
            written.add(language)
        elif row is None and any(values.values()):
            texts.append(kind(language=language, is_outdated=False, **values))
            written.add(language)
    if source in known and source in written:
        for language, row in known.items():
            if is_empty(known[source]) and language not in written - {source}:
                texts.remove(row)
            elif language not in written:
                row.is_outdated = True
    return bool(written)


def is_empty(text: Model) -> bool:
    """Tell whether a text of something in one language says nothing."""
    return not any(getattr(text, name) for name in words_of(type(text)))


def words_of(kind: type[Model]) -> list[str]:
    """Return the names of the columns of a text in which there are words."""
    columns = inspect(kind).column_attrs
    return [one.key for one in columns if isinstance(one.columns[0].type, String) and not one.columns[0].primary_key]


def by_language(**texts: Texts) -> dict[str, dict[str, str]]:
    """Return texts by the language and then by the name they were given."""
    found: dict[str, dict[str, str]] = {}
    for name, in_languages in texts.items():
        for language, text in in_languages.items():
            found.setdefault(language, {})[name] = text
    return found


def set_versions(session: WebinarSession, entries: Iterable[VersionEntry], source: str) -> bool:
    """Add and change language versions, remove none, and tell whether anything differed.

    ``source`` is the original language of the webinar, here and below.
    """
    known = {version.code: version for version in session.language_versions}
    differs = False
    # The floor comes last, after the old one is stored as interpreted: a session never has two.
    for position, entry in sorted(enumerate(entries), key=lambda numbered: numbered[1].kind is VersionKind.FLOOR):
        if entry.kind is VersionKind.FLOOR and known:
            db.session.flush()
        version = known.get(entry.code)
        if version is None:
            version = LanguageVersion(code=entry.code, texts=[])
            session.language_versions.append(version)
        differs |= assign(version, kind=entry.kind, position=position, join_url=entry.join_url)
        notes = by_language(practical_notes=entry.practical_notes)
        differs |= set_texts(version.texts, LanguageVersionText, notes, source)
    return differs


def speakers_as_entries(session: WebinarSession) -> list[SpeakerEntry]:
    """Return who speaks in a session, as values."""
    return [
        SpeakerEntry(
            one.name,
            {text.language: text.role for text in one.texts if text.role},
            {text.language: text.affiliation for text in one.texts if text.affiliation},
            one.part,
            one.is_confirmed,
        )
        for one in session.speakers
    ]


def set_speakers(session: WebinarSession, entries: Sequence[SpeakerEntry], source: str) -> bool:
    """Set who speaks, in order, and tell whether anything differed.

    Who was there already keeps their photo and their link: found by name, else by a name that shares a word with the
    one that stood in the same place ("Ana Perez" becomes "Dr Ana Pérez"). Photos of those who leave are let go.
    """
    before = list(session.speakers)
    speakers = _known_speakers(before, entries)
    differs = speakers != before
    for position, (speaker, entry) in enumerate(zip(speakers, entries, strict=True)):
        differs |= assign(speaker, name=entry.name, position=position)
        words = by_language(role=entry.role, affiliation=entry.affiliation)
        differs |= set_texts(speaker.texts, SpeakerText, words, source)
        if entry.part is not None:
            differs |= assign(speaker, part=entry.part)
        if entry.is_confirmed is not None:
            differs |= assign(speaker, is_confirmed=entry.is_confirmed)
    if speakers != before:
        session.speakers = speakers
        let_go(speaker.photo_id for speaker in before if speaker not in speakers)
    return differs


def _known_speakers(known: Sequence[Speaker], entries: Sequence[SpeakerEntry]) -> list[Speaker]:
    """Return the speaker of each entry: the known one, or a new one."""
    left = list(known)
    found: dict[int, Speaker] = {}
    for place, entry in enumerate(entries):
        if same := next((one for one in left if one.name == entry.name), None):
            found[place] = same
            left.remove(same)
    for place, entry in enumerate(entries):
        if place in found or place >= len(known) or known[place] not in left:
            continue
        if set(fold(known[place].name).split()) & set(fold(entry.name).split()):
            found[place] = known[place]
            left.remove(known[place])
    return [
        found.get(place) or Speaker(part=SpeakerPart.SPEAKER, is_confirmed=True, texts=[])
        for place in range(len(entries))
    ]


def set_links(webinar: Webinar, entries: Iterable[LinkEntry]) -> bool:
    """Add and change materials that are links, known by their address, remove none, and tell whether any differed."""
    known = {material.url: material for material in webinar.materials}
    differs = False
    for entry in entries:
        material = known.get(entry.url)
        if material is None:
            material = Material(url=entry.url, position=next_position(webinar.materials), texts=[])
            webinar.materials.append(material)
        differs |= assign(material, language=entry.language)
        differs |= set_texts(material.texts, MaterialText, by_language(title=entry.title), webinar.original_language)
    return differs


def set_co_hosts(webinar: Webinar, entries: Iterable[CoHostEntry]) -> bool:
    """Add and change co-hosts, known by their name, remove none, and tell whether any differed."""
    known = {co_host.name: co_host for co_host in webinar.co_hosts}
    differs = False
    for entry in entries:
        co_host = known.get(entry.name)
        if co_host is None:
            co_host = CoHost(position=next_position(webinar.co_hosts))
            webinar.co_hosts.append(co_host)
        differs |= assign(co_host, name=entry.name, url=entry.url)
    return differs


def next_position(parts: Sequence[Material] | Sequence[CoHost]) -> int:
    """Return the place behind all parts."""
    return max((part.position for part in parts), default=-1) + 1


def agenda_as_entries(webinar: Webinar) -> list[AgendaEntry]:
    """Return the parts of a webinar, as values."""
    return [
        AgendaEntry(
            item.kind,
            item.minutes,
            {text.language: text.title for text in item.texts},
            {text.language: tuple(text.questions.splitlines()) for text in item.texts if text.questions},
            item.id,
        )
        for item in webinar.agenda
    ]


def set_agenda(webinar: Webinar, entries: Sequence[AgendaEntry]) -> bool:
    """Set the parts of a webinar, in order, and tell whether anything differed.

    A part there is already keeps its translations: found by its number, where the entries have numbers; else by its
    title in the original language, else by one in another language, else by its place.
    """
    before = list(webinar.agenda)
    items = _known_items(before, entries, webinar.original_language)
    differs = items != before
    for position, (item, entry) in enumerate(zip(items, entries, strict=True)):
        differs |= assign(item, position=position, kind=entry.kind, minutes=entry.minutes)
        titled = {*entry.title, *(text.language for text in item.texts)}
        questions = {code: "\n".join(lines) for code, lines in entry.questions.items() if code in titled}
        words = by_language(title=entry.title, questions=questions)
        differs |= set_texts(item.texts, AgendaItemText, words, webinar.original_language)
    if items != before:
        webinar.agenda = items
    return differs


def _known_items(known: Sequence[AgendaItem], entries: Sequence[AgendaEntry], source: str) -> list[AgendaItem]:
    """Return the part of each entry: the known one, or a new one."""
    left = list(known)
    found: dict[int, AgendaItem] = {}
    if any(entry.item_id is not None for entry in entries):
        ways: list[Callable[[int, AgendaItem], bool]] = [lambda place, item: entries[place].item_id == item.id]
    else:
        ways = [
            lambda place, item: _has_a_title(item, entries[place], [source]),
            lambda place, item: _has_a_title(item, entries[place], entries[place].title),
            lambda place, item: known.index(item) == place,
        ]
    for is_same in ways:
        for place in range(len(entries)):
            same = next((item for item in left if place not in found and is_same(place, item)), None)
            if same is not None:
                found[place] = same
                left.remove(same)
    return [found.get(place) or AgendaItem(texts=[]) for place in range(len(entries))]


def _has_a_title(item: AgendaItem, entry: AgendaEntry, codes: Iterable[str]) -> bool:
    titles = {text.language: text.title for text in item.texts}
    return any(code in titles and titles[code] == entry.title.get(code) for code in codes)
