"""Who reads the languages that an admin may take away. People live in a later feature: create_app() hands it over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

from flask import Flask, current_app

EXTENSION = "settings.audience"

CountByLanguage = Callable[[datetime], Mapping[str, int]]


def init_app(app: Flask, count: CountByLanguage) -> None:
    """Let the settings know how many people are written to in each language about sessions to come."""
    app.extensions[EXTENSION] = count


def people_by_language(now: datetime) -> Mapping[str, int]:
    """Count the people who are written to in each language about public sessions to come."""
    return cast(CountByLanguage, current_app.extensions[EXTENSION])(now)
