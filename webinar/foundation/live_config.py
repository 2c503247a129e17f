"""Settings that can be saved while the application runs, beside those that it was started with.

Everybody goes on reading ``current_app.config``. What was saved is looked at when a request, a command or a turn of
the worker first asks for such a setting, and stays the same for it to its end: nobody sees half of a change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Config, current_app, g, has_app_context

PINNED = "saved_settings"

Saved = Mapping[str, Any]


class LiveConfig(Config):
    """The settings of an application, of which what was saved wins over what it was started with."""

    saveable: frozenset[str] = frozenset()
    look: Callable[[], Saved]

    def make_live(self, names: frozenset[str], look: Callable[[], Saved]) -> None:
        """Let some settings be what ``look`` says, where it says anything; it is asked often, and so must be quick.

        What it returns must never change: another saving makes another mapping.
        """
        self.look = look
        self.saveable = names

    def saved(self) -> Saved:
        """Return what was saved, as it is in force for the present request, command or turn."""
        if not self.saveable or not has_app_context():
            return {}
        pinned: Saved | None = g.get(PINNED)
        if pinned is None:
            pinned = self.look()
            setattr(g, PINNED, pinned)
        return pinned

    def __getitem__(self, name: str) -> Any:
        if name in self.saveable:
            saved = self.saved()
            if name in saved:
                return saved[name]
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a setting, or ``default`` where there is none of the name."""
        try:
            return self[name]
        except KeyError:
            return default


def saved_settings() -> Saved:
    """Return what was saved of the present application, as it is in force here; another mapping after each saving."""
    return cast(LiveConfig, current_app.config).saved()


def look_again() -> None:
    """Let what was saved meanwhile come into force; between two turns of work that goes on for long."""
    g.pop(PINNED, None)
