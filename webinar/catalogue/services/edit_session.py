"""Making and editing a session: what people are registered for may not slip away under them."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext

from webinar.accounts import audit
from webinar.catalogue.bookings import bookings
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status, find_webinar, lock_whole_session
from webinar.catalogue.services.catalogue_file import SpeakerEntry
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.drafts import EditRefused, SessionDraft
from webinar.catalogue.services.edit_series import AddressTaken, flush_address
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.services.parts import set_seats, set_speakers, set_versions, speakers_as_entries
from webinar.catalogue.services.revisions import check_revision, record_edit
from webinar.catalogue.services.times import ImpossibleTimes, PeopleAreComing, set_registration_window, set_times
from webinar.catalogue.services.translate import take_over_translations
from webinar.catalogue.services.ways_to_follow import set_ways
from webinar.catalogue.texts import own_text
from webinar.foundation import clock, languages
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)

ABOUT = (
    "start", "end", "timezone", "is_provisional", "registration_opens", "registration_closes", "seats", "platform",
    "join_url", "language", "languages", "practical_notes", "speaker", "speaker_part",
    "speaker_is_confirmed", "speakers", "way_stream", "way_telephone", "way_recording", "way_access_code",
    "way_countries", "ways_to_follow",
)  # fmt: skip
"""What ``edit_session`` changes, by the names in the audit log; who may register is not among it."""


class NoSuchSession(DomainError):
    """There is no session of this key."""

    def __init__(self, key: str) -> None:
        super().__init__(_l("There is no session “%(key)s”.", key=key))


class NoTitleInIt(EditRefused):
    """A public session cannot be followed in a language in which its webinar has no title."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"language ({code})",
            _l(
                "The session is public, and the webinar has no title in %(language)s. Write it on the page "
                "“Translations” first.",
                language=languages.in_words(code),
            ),
        )


class PeopleFollowInIt(EditRefused):
    """A language cannot go while somebody is registered in it."""

    def __init__(self, code: str, people: int) -> None:
        super().__init__(
            "languages",
            lazy_ngettext(
                "%(language)s cannot be taken away: %(num)s person is registered in it, cancelled or not. Give them "
                "another language first: open the registration, then “Day, language or place”.",
                "%(language)s cannot be taken away: %(num)s people are registered in it, cancelled or not. Give each "
                "of them another language first: open the registration, then “Day, language or place”.",
                people,
                language=languages.name_here(code),
            ),
        )


def create_session(webinar_slug: str, key: str, draft: SessionDraft) -> None:
    """Make a session of a webinar, as a draft that the public does not see.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        EditRefused: the key is taken, or a value cannot be; its ``field`` says which.
    """
    with transaction():
        webinar = find_webinar(webinar_slug)
        if webinar is None:
            raise NoSuchWebinar(webinar_slug)
        if find_session_of_any_status(key) is not None:
            raise AddressTaken(key)
        session = WebinarSession(key=key, webinar_id=webinar.id, language_versions=[], speakers=[], ways_to_follow=[])
        changes = Changes()
        # Before the row is added: the first look into the database would store it without its times.
        _set_times(session, draft, changes)
        db.session.add(session)
        _set(session, draft, webinar.original_language, changes)
        flush_address(key)
        take_over_translations(session, webinar_slug)
        audit.record("created", f"session {key}", **changes)
    logger.info("session %s created", key)


def edit_session(key: str, draft: SessionDraft, made_from: int | None = None) -> int:
    """Change a session, give seats that were added to those who wait, and return how many moved up.

    ``made_from`` is the revision that was edited.

    Raises:
        NoSuchSession: there is no session of this key.
        ChangedMeanwhile: somebody has changed it since that revision.
        EditRefused: a value cannot be; its ``field`` says which.
    """
    with transaction():
        session = lock_whole_session(key)
        if session is None:
            raise NoSuchSession(key)
        check_revision(session, made_from, *ABOUT)
        changes = Changes()
        _set_times(session, draft, changes)
        _remove_versions(session, draft, changes)
        _set(session, draft, session.webinar.original_language, changes)
        promoted = 0
        if changes:
            session.changed_at = clock.now()
            db.session.flush()
            take_over_translations(session, session.webinar.slug)
            promoted = bookings().promote_waiting(session, clock.now())
            if {"start", "end", "timezone"} & changes.keys():
                bookings().times_changed(session.id)
            record_edit(session, changes)
    logger.info("session %s edited: %s; %s moved up", key, ", ".join(changes) or "nothing", promoted)
    return promoted


def _set_times(session: WebinarSession, draft: SessionDraft, changes: Changes) -> None:
    if draft.times is None:
        return
    wanted = (draft.times.start, draft.times.end, draft.times.timezone)
    before = (session.starts_wall, session.ends_wall, session.timezone)
    if wanted == before:
        return
    if session.id is not None and (people := bookings().people_in(session.id)):
        raise EditRefused("start", PeopleAreComing(session.key, people).message)
    try:
        set_times(session, *wanted)
    except ImpossibleTimes as refusal:
        raise EditRefused("end", refusal.message) from None
    except DomainError as refusal:
        raise EditRefused("start", refusal.message) from None
    for name, was, now in zip(("start", "end", "timezone"), before, wanted, strict=True):
        changes.note(name, was, now)


def _remove_versions(session: WebinarSession, draft: SessionDraft, changes: Changes) -> None:
    wanted = {entry.code for entry in draft.languages}
    gone = [version for version in session.language_versions if version.code not in wanted]
    if not gone:
        return
    people = bookings().people_by_version(session.id)
    for version in gone:
        if count := people.get(version.code, 0):
            raise PeopleFollowInIt(version.code, count)
        session.language_versions.remove(version)
        changes[f"language ({version.code})"] = [version.kind.value, None]
    db.session.flush()


def _set(session: WebinarSession, draft: SessionDraft, original: str, changes: Changes) -> None:
    before = session.seats
    if set_seats(session, draft.seats):
        changes["seats"] = [before, draft.seats]
    window = (session.registration_opens, session.registration_closes)
    try:
        set_registration_window(session, draft.registration_opens, draft.registration_closes)
    except ImpossibleTimes as refusal:
        raise EditRefused("registration_closes", refusal.message) from None
    except DomainError as refusal:
        raise EditRefused("registration_opens", refusal.message) from None
    changes.note("registration_opens", window[0], session.registration_opens)
    changes.note("registration_closes", window[1], session.registration_closes)
    changes.assign(session, platform=draft.platform, join_url=draft.join_url)
    if draft.is_provisional is not None:
        if draft.is_provisional and session.status is SessionStatus.PUBLISHED:
            raise EditRefused("is_provisional", _l("The session is public by now: its date is no longer provisional."))
        changes.assign(session, is_provisional=draft.is_provisional)
    _set_languages(session, draft, original, changes)
    speakers = {entry.name: entry for entry in speakers_as_entries(session)}
    if set_speakers(session, draft.speakers, original):
        told = Changes()
        wanted = {entry.name: entry for entry in draft.speakers}
        for name in dict.fromkeys([*speakers, *wanted]):
            was, now = speakers.get(name), wanted.get(name)
            told.note(f"speaker {name}", _shown(was, original), _shown(now, original))
            if was is not None and now is not None:
                told.note(f"speaker_part {name}", was.part, now.part)
                told.note(f"speaker_is_confirmed {name}", was.is_confirmed, now.is_confirmed)
        # Their order, or something that is told of none of them.
        changes |= told or {"speakers": [", ".join(speakers), ", ".join(wanted)]}
    set_ways(session, draft.ways, changes)


def _set_languages(session: WebinarSession, draft: SessionDraft, original: str, changes: Changes) -> None:
    known = {version.code: version for version in session.language_versions}
    codes = list(known)
    if session.status is SessionStatus.PUBLISHED:
        titled = {text.language for text in session.webinar.texts}
        for entry in draft.languages:
            if entry.code not in known and entry.code not in titled:
                raise NoTitleInIt(entry.code)
    for entry in draft.languages:
        version = known.get(entry.code)
        changes.note(f"language ({entry.code})", version.kind if version else None, entry.kind)
        changes.note(f"join_url ({entry.code})", version.join_url if version else "", entry.join_url)
        told = own_text(version.texts, original) if version else None
        notes = told.practical_notes if told else ""
        changes.note(f"practical_notes ({entry.code})", notes, entry.practical_notes.get(original, notes))
    if set_versions(session, draft.languages, original):
        changes.note("languages", codes, [entry.code for entry in draft.languages])


def _shown(speaker: SpeakerEntry | None, original: str) -> str | None:
    if speaker is None:
        return None
    return ", ".join(filter(None, (speaker.name, speaker.role.get(original), speaker.affiliation.get(original))))
