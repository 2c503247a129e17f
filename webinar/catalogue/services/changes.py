"""What an edit changes, gathered on the way for the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from webinar.catalogue.services.parts import assign, set_texts
from webinar.foundation.db import Model

MOST_OF_A_TEXT = 500


class Changes(dict[str, list[Any]]):
    """What was and what is now, by name, in plain values; empty as long as nothing changes."""

    def assign(self, row: Model, prefix: str = "", **values: object) -> None:
        """Set what differs, and note it."""
        for name, value in values.items():
            before = getattr(row, name, None)
            if assign(row, **{name: value}):
                self.note(f"{prefix}{name}", before, value)

    def note(self, name: str, before: object, after: object) -> None:
        """Note a change that is made elsewhere, if it is one."""
        if before != after:
            self[name] = [_plain(before), _plain(after)]

    def set_texts(
        self, rows: list[Any], kind: type[Model], wanted: Mapping[str, Mapping[str, str]], source: str
    ) -> None:
        """Set the texts in some languages as ``parts.set_texts`` does, and note what was and what is now."""
        known = {row.language: row for row in rows}
        for language, values in wanted.items():
            for name, value in values.items():
                self.note(f"{name} ({language})", getattr(known.get(language), name, None) or "", value)
        set_texts(rows, kind, wanted, source)

    def replace_texts(self, rows: list[Any], kind: type[Model], wanted: Mapping[str, Mapping[str, str]]) -> None:
        """Set the texts by language, and take away those of languages that are not wanted any more."""
        known = {row.language: row for row in rows}
        for language, row in known.items():
            if language not in wanted:
                self.note(f"title ({language})", row.title, None)
                rows.remove(row)
        for language, values in wanted.items():
            row = known.get(language)
            for name, value in values.items():
                self.note(f"{name} ({language})", getattr(row, name, None) or "", value)
            if row is None:
                rows.append(kind(language=language, **values))
            else:
                assign(row, **values)


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str) and len(value) > MOST_OF_A_TEXT:
        return f"{value[:MOST_OF_A_TEXT]}…"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(part) for part in value)
    return value
