"""Two people editing the same thing: the second is told what the first changed, and nothing is overwritten silently.

What the staff edit counts its edits in ``revision``, and the audit log has who made which. How the use cases of a
feature go about it stands in ``catalogue.services.revisions`` and ``members.services.revisions``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from webinar.accounts.models import AuditEntry
from webinar.accounts.queries import edits_since
from webinar.foundation.errors import DomainError


class ChangedMeanwhile(DomainError):
    """Somebody saved while the page lay open: ``entries`` say who and what, and ``revision`` is the one it is now.

    Nothing is stored. Who saves once more, from this revision, has been told and decided.
    """

    def __init__(self, revision: int, entries: Sequence[AuditEntry]) -> None:
        super().__init__(_l("Somebody has changed this while you were writing. Nothing of yours is stored yet."))
        self.revision = revision
        self.entries = entries


def refuse_older(subject: str, revision: int, made_from: int, about: Sequence[str] = (), language: str = "") -> None:
    """Refuse what was made from an older revision of a thing, whose row is held, than the one it has now.

    One that is still to come was made up, or is of a time before a backup was restored: it is refused too.

    ``subject`` is what the audit log calls the thing. ``about`` are the first words of the names, as the log has them,
    of what the page can change (``"title"`` for ``title (fr)``): edits of other parts of the thing do not matter to
    it. Without, all do. Of a page for texts in one ``language`` those in another do not matter either.

    Raises:
        ChangedMeanwhile: somebody has changed it since.
    """
    if made_from == revision:
        return
    since = edits_since(subject, made_from)
    that_matter = [entry for entry in since if _is_about(entry, about, language)]
    if that_matter or not since:
        raise ChangedMeanwhile(revision, that_matter)


def _is_about(entry: AuditEntry, about: Sequence[str], language: str) -> bool:
    # A command may not say what it changed: then it may be anything.
    return not entry.changes or any(
        (not about or name.partition(" ")[0] in about) and (not language or _language_of(name) in ("", language))
        for name in entry.changes
    )


def _language_of(name: str) -> str:
    found = re.search(r"\(([a-z]+)\)$", name)
    return found[1] if found else ""
