"""Two people editing the same series, webinar or session: the second is told what the first changed.

Series, webinars and sessions count their edits in ``revision``. A page for editing carries the revision that it was
made from; the use case holds the row, and before it sets anything calls ``check_revision``; whatever has changed
afterwards is counted and written down by ``record_edit``, in the same transaction:

    with transaction():
        webinar = lock_webinar(slug)
        check_revision(webinar, made_from, "questions")
        ...
        if changes:
            record_edit(webinar, changes)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webinar.accounts import audit
from webinar.accounts.revisions import refuse_older
from webinar.catalogue.models import Series, Webinar, WebinarSession

Edited = Series | Webinar | WebinarSession


def subject_of(thing: Edited) -> str:
    """Return what the audit log calls a thing: ``series heat``, ``webinar shade``, ``session shade-en``."""
    if isinstance(thing, WebinarSession):
        return f"session {thing.key}"
    return f"{'series' if isinstance(thing, Series) else 'webinar'} {thing.slug}"


def check_revision(thing: Edited, made_from: int | None, *about: str, language: str = "") -> None:
    """Refuse what was made from an older revision of a thing, whose row is held.

    ``about`` are the first words of the names, as the audit log has them, of what the page can change
    (``"title"`` for ``title (fr)``): edits of other parts of the thing do not matter to it. Without, all do. Nor do
    texts in other languages matter to a page for those in one ``language``. What no page was made for (a command)
    comes from no revision: None.

    Raises:
        ChangedMeanwhile: somebody has changed it since.
    """
    if made_from is not None:
        refuse_older(subject_of(thing), thing.revision, made_from, about, language)


def record_edit(thing: Edited, changes: Mapping[str, Any]) -> None:
    """Count an edit of a thing, whose row is held, and write it down."""
    thing.revision += 1
    audit.record_edit(subject_of(thing), thing.revision, changes)
