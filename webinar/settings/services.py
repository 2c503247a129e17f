"""Saving what an admin sets on the page of settings."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from config import RULES, reminders_written
from webinar.accounts import audit
from webinar.files.checked import CheckedFile
from webinar.files.models import StoredFile
from webinar.files.services import keep, let_go
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.settings.audience import people_by_language
from webinar.settings.effect import effect
from webinar.settings.models import Setting
from webinar.settings.queries import MARK

logger = logging.getLogger(__name__)


class Change(NamedTuple):
    """What one setting was when the page was made, and what it is to be; both as texts."""

    before: str
    now: str


class SetMeanwhile(DomainError):
    """Another admin has saved a setting while the page lay open; ``name`` says which, ``now`` what it is."""

    def __init__(self, name: str, now: str) -> None:
        super().__init__(_l("Somebody has set this to “%(value)s” meanwhile. Save again to replace it.", value=now))
        self.name = name
        self.now = now


class PeopleRead(DomainError):
    """People have links to pages in a language that is to be taken away."""

    def __init__(self, languages: Mapping[str, int]) -> None:
        super().__init__(
            _l(
                "People are written to in a language that you take away. Tick it again, or say below that it goes all "
                "the same."
            )
        )
        self.languages = languages


def text_of(name: str) -> str:
    """Return what a setting is now, as a text: from the environment, else as saved, else the default."""
    return _as_text(name, current_app.config[name])


def _as_text(name: str, value: Any) -> str:
    if name == "REMINDERS":
        return reminders_written(value)
    return ",".join(value) if isinstance(value, tuple) else str(value)


def is_set_on_server(name: str) -> bool:
    """Tell whether a setting comes from the environment, and so cannot be saved."""
    return name in current_app.config["SET_ON_SERVER"]


def save_settings(changes: Mapping[str, Change], *, may_take_languages: bool = False) -> list[str]:
    """Save settings by their names, and return which ones are different now.

    Each is a text that its rule (``config.RULES``) understands; what is set on the server is left out. It takes
    effect here at once, in other processes within seconds.

    Raises:
        SetMeanwhile: another admin has changed one of them since the page was made.
        PeopleRead: people coming to a session are written to in a language that would no longer be offered.
    """
    with transaction():
        kept = {row.name: row for row in db.session.scalars(select(Setting).with_for_update())}
        noted: dict[str, list[str]] = {}
        for name, change in changes.items():
            now = _as_text(name, RULES[name].understand(change.now))
            stored = kept[name].value if name in kept else RULES[name].default
            if is_set_on_server(name) or now in (change.before, stored):
                continue
            if stored != change.before:
                raise SetMeanwhile(name, stored)
            if name == "LANGUAGES" and not may_take_languages:
                _check_readers(stored, now)
            noted[name] = [stored, now]
            _store(name, now, None)
        if noted:
            audit.record("changed", "settings", **noted)
    effect().look_soon()
    logger.info("settings saved: %s", ", ".join(noted) or "nothing")
    return list(noted)


def set_mark(picture: CheckedFile | None) -> None:
    """Give the network a mark, or with None take it away."""
    with transaction():
        row = db.session.scalar(select(Setting).where(Setting.name == MARK).with_for_update())
        before = row.file_id if row is not None else None
        file: StoredFile | None = keep(picture) if picture is not None else None
        if file is not None:
            _store(MARK, "", file.id)
        elif row is not None:
            db.session.delete(row)
        let_go([before if file is None or before != file.id else None])
        audit.record("changed", "settings", mark=file.file_name if file is not None else _("taken away"))
    effect().look_soon()
    logger.info("the mark of the network was changed")


def _check_readers(before: str, now: str) -> None:
    taken = set(before.split(",")) - set(now.split(","))
    readers = {code: count for code, count in people_by_language(clock.now()).items() if code in taken and count}
    if readers:
        raise PeopleRead(readers)


def _store(name: str, value: str, file_id: int | None) -> None:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(Setting).values(name=name, value=value, file_id=file_id, changed_at=clock.now())
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"value": value, "file_id": file_id, "changed_at": statement.excluded.changed_at},
        )
    )
