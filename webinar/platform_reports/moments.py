"""Dates, times and durations as the platforms write them, in whichever language and order."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from babel import Locale

from webinar.foundation.digits import latin
from webinar.members.matching import fold
from webinar.platform_reports.clues import Clues
from webinar.platform_reports.report import DateOrder

_LONGEST = 80
_LONGEST_HEADING = 200
_LANGUAGES = (
    "en",
    "es",
    "fr",
    "pt",
    "de",
    "it",
    "nl",
    "ca",
    "pl",
    "ro",
    "sv",
    "tr",
    "ru",
    "uk",
    "el",
    "ar",
    "fa",
    "id",
)
# Which way letters run is nothing to a date; no-break spaces stand between a time and its AM or PM.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})\s?([-/.年년])\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,4})(?!\d)")
_TIME = re.compile(
    r"(?P<before>上午|下午|오전|오후|午前|午後)?\s*(?<!\d)(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)"
    r"(?:[:.](?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?(?!\d)"
    r"\s*(?P<half>[ap]\.?\s?m\b\.?|[صم](?!\w))?"
    r"\s*\(?(?P<zone>Z\b|(?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d\d)?|[+-]\d\d(?::?\d\d)?\b|[A-Z]{3,4}\b)?",
    re.IGNORECASE,
)
_AFTERNOON = frozenset(("p", "م", "下午", "오후", "午後"))
_OFFSET = re.compile(r"([+-])(\d{1,2}?)(?::?(\d\d))?$")
# Hours from UTC. Those that mean several places (CST, IST, AST) are left out.
_ABBREVIATED = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3,
    "edt": -4, "est": -5, "cdt": -5, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8,
}  # fmt: skip
_ZONE_OF_A_HEADING = re.compile(
    r"\s*\(\s*((?:UTC|GMT|CES?T|EES?T|WES?T|[ECMP][SD]T)\s?(?:[+-]\d{1,2}(?::?\d\d)?)?)\s*\)", re.I
)
_LETTERS = re.compile(r"[^\W\d_]+")
_NUMBERS = re.compile(r"\d+")
_CLOCK = re.compile(r"(\d{1,3}):(\d\d)(?::(\d\d))?")
_MEASURED = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]*)")
# How the words for hours and seconds begin; all others are minutes.
_HOURS = ("h", "st", "sa", "ora", "ore", "u", "g", "t", "ч", "γ", "س", "小", "시", "時")
_SECONDS = ("s", "с", "δ", "ث", "秒", "초")
_HALF_A_SECOND = 0.5


class Written(NamedTuple):
    """A moment as it is written, before it is known which of two numbers is the month.

    Without a date ``year`` is 0. ``is_sure`` says that ``first`` is the month and ``second`` the day. ``seconds`` are
    those since midnight. ``offset`` are the minutes that its zone is ahead of UTC, None where it names none.
    """

    first: int
    second: int
    year: int
    is_sure: bool
    seconds: int
    has_half: bool
    offset: int | None


def written(text: str) -> Written | None:
    """Read a date with a time, or a time alone; None if it is neither."""
    if not text or len(text) > _LONGEST:
        return None
    if not text.isascii():
        text = latin(unicodedata.normalize("NFKC", text).translate(_INVISIBLE))
    numeric = _NUMERIC.search(text)
    time = _TIME.search(text, numeric.end()) if numeric else _TIME.search(text)
    if time is None and numeric is not None:
        time = _TIME.search(text[: numeric.start()])
    if time is None:
        return None
    seconds = _seconds(time)
    if seconds is None:
        return None
    has_half = bool(time["half"] or time["before"])
    offset = offset_of(time["zone"]) if time["zone"] else None
    if numeric is None:
        named = _named_date(f"{text[: time.start()]} {text[time.end() :]}")
        return None if named is None else Written(*named, True, seconds, has_half, offset)
    first, separator, second, third = int(numeric[1]), numeric[2], int(numeric[3]), int(numeric[4])
    if len(numeric[1]) == 4:
        return Written(second, third, first, True, seconds, has_half, offset)
    if len(numeric[1]) > 2 or len(numeric[4]) not in {2, 4}:
        return None
    year = third if third > 99 else 2000 + third
    if separator == ".":  # where dates have dots, the day comes first
        return Written(second, first, year, True, seconds, has_half, offset)
    return Written(first, second, year, False, seconds, has_half, offset)


def offset_of(zone: str) -> int | None:
    """Return how many minutes a zone is ahead of UTC: ``GMT+2``, ``+05:30``, ``CEST``; None if it is not known."""
    zone = zone.strip().lower()
    offset = _OFFSET.search(zone)
    if offset is None:
        hours = _ABBREVIATED.get(zone)
        return None if hours is None else hours * 60
    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
    return -minutes if offset[1] == "-" else minutes


@lru_cache(maxsize=1024)
def heading(cell: str) -> tuple[str, int | None]:
    """Return a heading folded, without the zone that it names, and that zone's minutes ahead of UTC, else None."""
    short = cell[:_LONGEST_HEADING]
    zone = _ZONE_OF_A_HEADING.search(short)
    if zone is None:
        return fold(short), None
    return fold(short[: zone.start()] + short[zone.end() :]), offset_of(zone[1])


def moment(one: Written, order: DateOrder | None, day: date | None) -> datetime | None:
    """Return the wall time that was written; ``day`` is that of a time alone. None if there is no such day."""
    if not one.year:
        if day is None:
            return None
        month, day_of_month, year = day.month, day.day, day.year
    elif one.is_sure or order is not DateOrder.DAY_FIRST:
        month, day_of_month, year = one.first, one.second, one.year
    else:
        month, day_of_month, year = one.second, one.first, one.year
    try:
        return datetime(year, month, day_of_month) + timedelta(seconds=one.seconds)  # noqa: DTZ001 - a wall time
    except (ValueError, OverflowError):
        return None


def order_of(all_written: Iterable[Written], clues: Clues) -> tuple[DateOrder | None, bool]:
    """Return in which order the dates of a file are written, and whether that is doubtful.

    A number above 12 decides for the whole file, else what a person said, else which order gives the expected day,
    or one beside it: the file may be in another zone. None where no date could be read in two ways.
    """
    dates = Counter((one.first, one.second, one.year) for one in all_written if one.year and not one.is_sure)
    halves = any(one.has_half for one in all_written)
    if all(first == second for first, second, _year in dates):
        return None, False
    day_first = sum(number for (first, _second, _year), number in dates.items() if first > 12)
    month_first = sum(number for (_first, second, _year), number in dates.items() if second > 12)
    if day_first or month_first:
        return (DateOrder.DAY_FIRST if day_first > month_first else DateOrder.MONTH_FIRST), False
    if clues.order is not None:
        return clues.order, False
    if clues.expected is not None:
        near = [order for order in DateOrder if _is_near(dates, order, clues.expected.date())]
        if len(near) == 1:
            return near[0], False
    return (DateOrder.MONTH_FIRST if halves else DateOrder.DAY_FIRST), True


def duration(text: str) -> timedelta | None:
    """Read how long something lasted: ``1h 7m 30s``, ``1 Std. 7 Min.``, ``01:07:30``, ``204 mins``, ``204``."""
    text = latin(text[:_LONGEST])
    clock = _CLOCK.fullmatch(text.strip())
    if clock is not None:
        if clock[3] is None:
            return timedelta(hours=int(clock[1]), minutes=int(clock[2]))
        return timedelta(hours=int(clock[1]), minutes=int(clock[2]), seconds=int(clock[3]))
    measured = _MEASURED.findall(text)
    if not measured:
        return None
    lasted = timedelta()
    for number, unit in measured:
        value = float(number.replace(",", "."))
        if value > 100_000:
            return None
        word = unit.lower()
        if word.startswith(_HOURS):
            lasted += timedelta(hours=value)
        elif word.startswith(_SECONDS):
            lasted += timedelta(seconds=value)
        else:
            lasted += timedelta(minutes=value)
    return timedelta(seconds=round(lasted.total_seconds()))


def _seconds(time: re.Match[str]) -> int | None:
    hour, minute, second = int(time["hour"]), int(time["minute"]), int(time["second"] or 0)
    half = time["before"] or (time["half"] or "")[:1].lower()
    if half:
        if half in _AFTERNOON:
            hour += 12 if hour < 12 else 0
        elif hour == 12:
            hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return None
    # Spreadsheets count days, so that a second may come back as 0.999999 of one.
    rounded = 1 if time["fraction"] and float(f"0.{time['fraction']}") >= _HALF_A_SECOND else 0
    return hour * 3600 + minute * 60 + second + rounded


@lru_cache(maxsize=1024)
def _named_date(rest: str) -> tuple[int, int, int] | None:
    """Read what is left when the time is taken away: month (by its name), day and year; zeros if nothing is left."""
    months = _months()
    month = next((months[word] for word in map(fold, _LETTERS.findall(rest)) if word in months), None)
    numbers = _NUMBERS.findall(rest)
    if month is None:
        return None if numbers else (0, 0, 0)
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) < 3]
    if len(days) == 2 and not years:
        years = [f"20{days.pop()}"]
    return (month, int(days[0]), int(years[0])) if len(days) == len(years) == 1 else None


@cache
def _months() -> dict[str, int]:
    """Return the names of the months, long and short, in the languages that reports come in, folded."""
    found = {"sept": 9, "set": 9}
    for language in _LANGUAGES:
        months = Locale.parse(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    found.setdefault(fold(name), number)
    return found


def _is_near(dates: Iterable[tuple[int, int, int]], order: DateOrder, day: date) -> bool:
    for first, second, year in dates:
        month, day_of_month = (first, second) if order is DateOrder.MONTH_FIRST else (second, first)
        try:
            if abs(date(year, month, day_of_month) - day) <= timedelta(days=1):
                return True
        except ValueError:
            continue
    return False
