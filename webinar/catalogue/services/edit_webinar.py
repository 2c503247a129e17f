"""Making and editing a webinar."""

from __future__ import annotations

import logging
from itertools import zip_longest

from flask_babel import lazy_gettext as _l

from webinar.accounts import audit
from webinar.catalogue.models import Series, Webinar, WebinarText
from webinar.catalogue.queries import (
    find_series,
    find_webinar,
    is_webinar_public,
    lock_webinar,
    next_webinar_position,
)
from webinar.catalogue.services.catalogue_file import AgendaEntry
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.drafts import EditRefused, WebinarDraft, texts_as_values
from webinar.catalogue.services.edit_series import AddressIsKnown, AddressTaken, flush_address
from webinar.catalogue.services.parts import agenda_as_entries, set_agenda
from webinar.catalogue.services.revisions import check_revision, record_edit, subject_of
from webinar.foundation import languages
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)

ABOUT = (
    "slug",
    "series",
    "original_language",
    "title",
    "summary",
    "description",
    "agenda",
    "part_kind",
    "part_minutes",
)
"""What ``edit_webinar`` changes, by the names in the audit log; materials, co-hosts and questions are not among it."""


class NoSuchWebinar(DomainError):
    """There is no webinar of this web address."""

    def __init__(self, slug: str) -> None:
        super().__init__(_l("There is no webinar “%(slug)s”.", slug=slug))


class NoOriginalTitle(EditRefused):
    """The original language is the one that is shown where a translation is missing, so it must have a title."""

    def __init__(self, language: str) -> None:
        super().__init__(
            "title",
            _l("Write the title in %(language)s: it is the original language.", language=languages.in_words(language)),
        )


def create_webinar(draft: WebinarDraft, original_language: str) -> None:
    """Make a webinar, behind the others of its series; its texts are first written in ``original_language``.

    Raises:
        AddressTaken: another webinar has this web address.
        EditRefused: there is no such series, or no title in the original language.
    """
    with transaction():
        if find_webinar(draft.slug) is not None:
            raise AddressTaken(draft.slug)
        series = _series_of(draft)
        webinar = Webinar(
            slug=draft.slug, position=next_webinar_position(series.id), series=series, texts=[], agenda=[]
        )
        changes = Changes()
        changes.assign(webinar, original_language=original_language)
        db.session.add(webinar)
        _set(webinar, draft, series, changes)
        flush_address(draft.slug)
        audit.record("created", f"webinar {draft.slug}", **changes)
    logger.info("webinar %s created", draft.slug)


def edit_webinar(slug: str, draft: WebinarDraft, made_from: int | None = None) -> bool:
    """Change a webinar, and tell whether anything changed; ``made_from`` is the revision that was edited.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        ChangedMeanwhile: somebody has changed its texts, its agenda or its place since that revision.
        AddressTaken: another webinar has the new web address.
        AddressIsKnown: the web address cannot change any more.
        EditRefused: there is no such series, or no title in the original language.
    """
    with transaction():
        webinar = lock_webinar(slug)
        if webinar is None:
            raise NoSuchWebinar(slug)
        check_revision(webinar, made_from, *ABOUT, language=webinar.original_language)
        if draft.slug != slug:
            if is_webinar_public(webinar.id):
                raise AddressIsKnown
            if find_webinar(draft.slug) is not None:
                raise AddressTaken(draft.slug)
        changes = Changes()
        changes.assign(webinar, slug=draft.slug)
        _set(webinar, draft, _series_of(draft), changes)
        flush_address(draft.slug)
        if changes:
            if draft.slug != slug:
                audit.follow(f"webinar {slug}", subject_of(webinar))
            record_edit(webinar, changes)
    logger.info("webinar %s edited: %s", slug, ", ".join(changes) or "nothing")
    return bool(changes)


def _series_of(draft: WebinarDraft) -> Series:
    series = find_series(draft.series_slug)
    if series is None:
        raise EditRefused("series_slug", _l("This series is gone. Choose another."))
    return series


def _set(webinar: Webinar, draft: WebinarDraft, series: Series, changes: Changes) -> None:
    original = webinar.original_language
    if original not in {*draft.texts, *(text.language for text in webinar.texts)}:
        raise NoOriginalTitle(original)
    if webinar.series is not series:
        changes.note("series", webinar.series.slug if webinar.series else None, series.slug)
        webinar.series = series
    texts = {code: texts_as_values(text) for code, text in draft.texts.items()}
    changes.set_texts(webinar.texts, WebinarText, texts, original)
    before = agenda_as_entries(webinar)
    if set_agenda(webinar, draft.agenda):
        for number, (was, now) in enumerate(zip_longest(before, agenda_as_entries(webinar)), 1):
            changes.note(f"agenda {number}", _shown(was, original), _shown(now, original))
            changes.note(f"part_kind {number}", was and was.kind, now and now.kind)
            changes.note(f"part_minutes {number}", was and was.minutes, now and now.minutes)


def _shown(part: AgendaEntry | None, original: str) -> str | None:
    if part is None:
        return None
    return " · ".join([part.title.get(original, ""), *part.questions.get(original, ())])
