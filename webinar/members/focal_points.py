"""The people of a member whom the network turns to first. A later feature knows them; create_app() hands it over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, cast

from flask import Flask, current_app

EXTENSION = "members.focal_points"


class FocalPoint(NamedTuple):
    """One focal point; ``may_be_written_to`` says that nothing stands against writing to them."""

    contact_id: int
    name: str
    email: str
    role: str
    may_be_written_to: bool


class FocalPoints(Protocol):
    """The focal points, and everybody else on the network's lists, of its members."""

    def of_member(self, member_id: int) -> Sequence[FocalPoint]:
        """Return the focal points of a member, by name."""

    def move(self, member_id: int, into_id: int) -> int:
        """Let the people of a member be those of another, in the caller's transaction; count them."""


def init_app(app: Flask, focal_points: FocalPoints) -> None:
    """Let the members of an application know their focal points."""
    app.extensions[EXTENSION] = focal_points


def focal_points() -> FocalPoints:
    """Return what was handed over."""
    return cast(FocalPoints, current_app.extensions[EXTENSION])
