"""Making and editing a series."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from webinar.accounts import audit
from webinar.catalogue.models import Series, SeriesText
from webinar.catalogue.queries import find_series, is_series_public, lock_series, next_series_position
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.drafts import EditRefused, SeriesDraft, texts_as_values
from webinar.catalogue.services.revisions import check_revision, record_edit, subject_of
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)


class NoSuchSeries(DomainError):
    """There is no series of this web address."""

    def __init__(self, slug: str) -> None:
        super().__init__(_l("There is no series “%(slug)s”.", slug=slug))


class AddressTaken(EditRefused):
    """Another thing of the same kind has this web address."""

    def __init__(self, slug: str) -> None:
        super().__init__("slug", _l("“%(slug)s” is taken already. Choose another web address.", slug=slug))


class AddressIsKnown(EditRefused):
    """The web address stands in mails and on other people's pages."""

    def __init__(self) -> None:
        super().__init__(
            "slug", _l("The web address stays as it is: a session is public, and mails and other sites link to it.")
        )


def create_series(draft: SeriesDraft) -> None:
    """Make a series, behind the others.

    Raises:
        AddressTaken: another series has this web address.
    """
    with transaction():
        if find_series(draft.slug) is not None:
            raise AddressTaken(draft.slug)
        series = Series(slug=draft.slug, position=next_series_position(), texts=[])
        changes = Changes()
        changes.replace_texts(
            series.texts, SeriesText, {code: texts_as_values(text) for code, text in draft.texts.items()}
        )
        db.session.add(series)
        flush_address(draft.slug)
        audit.record("created", f"series {draft.slug}", **changes)
    logger.info("series %s created", draft.slug)


def edit_series(slug: str, draft: SeriesDraft, made_from: int | None = None) -> bool:
    """Change a series, and tell whether anything changed; ``made_from`` is the revision that was edited.

    Raises:
        NoSuchSeries: there is no series of this web address.
        ChangedMeanwhile: somebody has changed it since that revision.
        AddressTaken: another series has the new web address.
        AddressIsKnown: the web address cannot change any more.
    """
    with transaction():
        series = lock_series(slug)
        if series is None:
            raise NoSuchSeries(slug)
        check_revision(series, made_from)
        if draft.slug != slug:
            if is_series_public(series.id):
                raise AddressIsKnown
            if find_series(draft.slug) is not None:
                raise AddressTaken(draft.slug)
        changes = Changes()
        changes.assign(series, slug=draft.slug)
        changes.replace_texts(
            series.texts, SeriesText, {code: texts_as_values(text) for code, text in draft.texts.items()}
        )
        flush_address(draft.slug)
        if changes:
            if draft.slug != slug:
                audit.follow(f"series {slug}", subject_of(series))
            record_edit(series, changes)
    logger.info("series %s edited: %s", slug, ", ".join(changes) or "nothing")
    return bool(changes)


def flush_address(slug: str) -> None:
    """Write what is new to the database; two people may have taken the same web address at the same moment.

    Raises:
        AddressTaken: somebody else was faster.
    """
    try:
        db.session.flush()
    except IntegrityError:
        raise AddressTaken(slug) from None
