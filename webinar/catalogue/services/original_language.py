"""Making another language of a webinar the original one, of which all others are translations."""

from __future__ import annotations

import logging

from flask_babel import lazy_ngettext

from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.services.revisions import check_revision, record_edit
from webinar.catalogue.translations import find_to_translate
from webinar.foundation import languages
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)


class NotAllTranslated(DomainError):
    """A language in which something is missing, or to be looked at, cannot be what all others are translated from."""

    def __init__(self, language: str, count: int) -> None:
        super().__init__(
            lazy_ngettext(
                "%(num)s text is missing or to be looked at in %(language)s. See to it on the page “Translations”: "
                "a language can become the original one when everything is translated into it.",
                "%(num)s texts are missing or to be looked at in %(language)s. See to them on the page "
                "“Translations”: a language can become the original one when everything is translated into it.",
                count,
                language=languages.in_words(language),
            )
        )


def make_original(slug: str, language: str, made_from: int | None = None) -> bool:
    """Make a language the original one of a webinar, and tell whether it was another.

    No text changes, and none is lost: what was the original is a translation from now on, and stays. So that the
    pages for editing, which show the original, then show everything there is, nothing may be missing in the language.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NotAllTranslated: something is missing in the language, or is to be looked at.
        ChangedMeanwhile: somebody has changed the original language since the revision ``made_from``.
    """
    with transaction():
        found = find_to_translate(slug, lock=True)
        if found is None:
            raise NoSuchWebinar(slug)
        check_revision(found.webinar, made_from, "original_language")
        states = [state for unit in found.units for state in found.states(unit, language, {})]
        if language != found.original and (left := sum(state.needs_work for state in states)):
            raise NotAllTranslated(language, left)
        changes = Changes()
        changes.assign(found.webinar, original_language=language)
        if changes:
            record_edit(found.webinar, changes)
    logger.info("webinar %s: the original language is %s", slug, language)
    return bool(changes)
