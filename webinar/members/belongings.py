"""What belongs to a member in later features: registrations, say. create_app() hands it over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol, cast

from flask import Flask, current_app

EXTENSION = "members.belongings"


class Registered(NamedTuple):
    """How many places people have, or had, on behalf of a member: in all sessions, and in those to come."""

    ever: int = 0
    coming: int = 0


class Belongings(Protocol):
    """What the members of the network have besides their names."""

    def registered(self, member_ids: Iterable[int], now: datetime) -> Mapping[int, Registered]:
        """Count the places of several members; one without any may be left out."""

    def count(self, member_id: int) -> int:
        """Count the registrations that point to a member, whatever became of them."""

    def move(self, member_id: int, into_id: int) -> int:
        """Let everything that points to a member point to another, in the caller's transaction; count it."""

    def names_to_place(self) -> int:
        """Count the names that people typed of which nobody has said yet whether they are a member's."""


def init_app(app: Flask, belongings: Belongings) -> None:
    """Let the members of an application know what belongs to them."""
    app.extensions[EXTENSION] = belongings


def belongings() -> Belongings:
    """Return what was handed over."""
    return cast(Belongings, current_app.extensions[EXTENSION])
