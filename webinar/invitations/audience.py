"""Audiences: readable conditions, all of which hold together, and the statement that finds the people behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import ColumnElement


@dataclass(frozen=True)
class Condition:
    """One condition: what it is about, whether it is to hold or not, and the values of which one is enough.

    Values are what stays: keys of members, sessions and series, codes, ids of lists.
    """

    about: str
    values: tuple[str, ...] = ()
    holds: bool = True

    def stored(self) -> dict[str, Any]:
        """Return it as it is kept with a mailing or an audience."""
        return {"about": self.about, "values": list(self.values), "holds": self.holds}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Return what was kept."""
        return cls(stored["about"], tuple(stored["values"]), stored["holds"])


def where(conditions: Sequence[Condition]) -> list[ColumnElement[bool]]:
    """Return what the conditions demand of Person, and of Contact and Member where they are known."""
    return []
