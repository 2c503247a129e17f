"""What an admin saved takes effect in every process: each looks from time to time, with one small query."""

from __future__ import annotations

import logging
import time
from types import MappingProxyType
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from config import RULES, NotUnderstood, address_alone
from webinar.foundation.live_config import LiveConfig, Saved
from webinar.settings.queries import MARK, Kept, kept_settings

logger = logging.getLogger(__name__)

EXTENSION = "settings.effect"
SECONDS_BETWEEN_LOOKS = 2.0

NOTHING: Saved = MappingProxyType({})


class Effect:
    """What was saved, as this process knows it; ``given`` are the settings of the environment, which win."""

    def __init__(self, given: frozenset[str]) -> None:
        self.given = given
        self.values = NOTHING
        self._kept: tuple[Kept, ...] = ()
        self._look_at = 0.0

    def look(self) -> Saved:
        """Return what was saved; it is read again when the last look is some seconds old.

        While the database cannot be read, or has no tables yet, what was known stays in force.
        """
        moment = time.monotonic()
        if moment < self._look_at:
            return self.values
        self._look_at = moment + SECONDS_BETWEEN_LOOKS  # first, so that others do not look at the same time
        try:
            kept = kept_settings()
        except SQLAlchemyError as fault:
            logger.debug("settings cannot be read: %s", type(fault).__name__)
            return self.values
        if kept != self._kept:
            self.values = MappingProxyType(_understood(kept, self.given))
            self._kept = kept
        return self.values

    def forget(self) -> None:
        """Look at the next occasion, as if nothing were known."""
        self.values, self._kept, self._look_at = NOTHING, (), 0.0

    def look_soon(self) -> None:
        """Look at the next occasion."""
        self._look_at = 0.0


def init_app(app: Flask) -> None:
    """Let what an admin saved win over the defaults."""
    known = app.extensions[EXTENSION] = Effect(app.config["SET_ON_SERVER"])
    cast(LiveConfig, app.config).make_live(frozenset({*RULES, "SECRETARIAT", MARK}), known.look)


def effect() -> Effect:
    """Return what this process knows of what was saved."""
    return cast(Effect, current_app.extensions[EXTENSION])


def _understood(kept: tuple[Kept, ...], given: frozenset[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in kept:
        if one.name == MARK:
            values[MARK] = one.mark
        elif one.name in RULES and one.name not in given:
            try:
                values[one.name] = RULES[one.name].understand(one.value)
            except NotUnderstood:  # saved by another release
                logger.warning("the saved %s is not understood, so the default is in force", one.name)
    if "MAIL_DEFAULT_SENDER" in values:
        values["SECRETARIAT"] = address_alone(values["MAIL_DEFAULT_SENDER"])
    return values
