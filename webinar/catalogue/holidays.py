"""Weekends and national holidays in the countries of the members, from the ``holidays`` package."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import holidays

SATURDAY = 5


class Holiday(NamedTuple):
    """What a day is called in a country, and the language in which that is written."""

    name: str
    language: str


def is_weekend(country: str, day: date) -> bool:
    """Tell whether a day is one of a country's weekend; of a country that nobody knows, Saturday and Sunday are.

    ``country`` is a code of ISO 3166.
    """
    known = _calendar(country, day.year, "en")
    return day.weekday() >= SATURDAY if known is None else known.is_weekend(day)


def holiday_on(country: str, day: date, language: str) -> Holiday | None:
    """Return which national holiday a day is in a country, named in a language where it has a name there, or None.

    Those of one part of a country alone are left out; some that follow the moon are estimated, and say so.
    """
    calendar = _calendar(country, day.year, language)
    if calendar is None or (name := calendar.get(day)) is None:
        return None
    return Holiday(name, (calendar.language or "en").partition("_")[0])


@lru_cache(maxsize=1024)
def _calendar(country: str, year: int, language: str) -> holidays.HolidayBase | None:
    # One year alone, and filled here once: beyond that the package would add years on reading.
    try:
        supported = holidays.country_holidays(country).supported_languages
        wanted = next(
            (code for code in (language, *_variants(language, supported), "en_US") if code in supported), None
        )
        return holidays.country_holidays(country, years=year, expand=False, language=wanted)
    except NotImplementedError:
        return None


def _variants(language: str, supported: Iterable[str]) -> list[str]:
    # English is written in many countries, and everywhere as in the United States too.
    return [] if language == "en" else [code for code in supported if code.startswith(f"{language}_")]
