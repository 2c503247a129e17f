"""Two people editing the same thing: the second is told what the first changed, and nothing is overwritten silently.

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

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from webinar.accounts import audit
from webinar.accounts.models import AuditEntry
from webinar.accounts.queries import edits_since
from webinar.catalogue.models import Series, Webinar, WebinarSession
from webinar.foundation.errors import DomainError

Edited = Series | Webinar | WebinarSession


class ChangedMeanwhile(DomainError):
    """Somebody saved while the page lay open: ``entries`` say who and what, and ``revision`` is the one it is now.

    Nothing is stored. Who saves once more, from this revision, has been told and decided.
    """

    def __init__(self, revision: int, entries: Sequence[AuditEntry]) -> None:
        super().__init__(_l("Somebody has changed this while you were writing. Nothing of yours is stored yet."))
        self.revision = revision
        self.entries = entries


def subject_of(thing: Edited) -> str:
    """Return what the audit log calls a thing: ``series heat``, ``webinar shade``, ``session shade-en``."""
    if isinstance(thing, WebinarSession):
        return f"session {thing.key}"
    return f"{'series' if isinstance(thing, Series) else 'webinar'} {thing.slug}"


def check_revision(thing: Edited, made_from: int | None, *about: str) -> None:
    """Refuse what was made from an older revision of a thing, whose row is held.

    ``about`` are the first words of the names, as the audit log has them, of what the page can change
    (``"title"`` for ``title (fr)``): edits of other parts of the thing do not matter to it. Without, all do. What no
    page was made for (a command) comes from no revision: None.

    Raises:
        ChangedMeanwhile: somebody has changed it since.
    """
    if made_from is None or made_from >= thing.revision:
        return
    since = edits_since(subject_of(thing), made_from)
    that_matter = [entry for entry in since if _is_about(entry, about)]
    if that_matter or not since:
        raise ChangedMeanwhile(thing.revision, that_matter)


def _is_about(entry: AuditEntry, about: Sequence[str]) -> bool:
    # A command may not say what it changed: then it may be anything.
    return not about or not entry.changes or any(name.partition(" ")[0] in about for name in entry.changes)


def record_edit(thing: Edited, changes: Mapping[str, Any]) -> None:
    """Count an edit of a thing, whose row is held, and write it down."""
    thing.revision += 1
    audit.record_edit(subject_of(thing), thing.revision, changes)
