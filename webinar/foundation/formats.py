"""Dates, hours, numbers and places as people write them in the language of the page or mail that is made (CLDR)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from datetime import date as date_type
from functools import cache, lru_cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel import Locale
from babel.dates import format_date, format_timedelta, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.foundation import alphabet, digits, languages
from webinar.foundation.isolation import isolated
from webinar.foundation.locale_data import keep_apart

_ENGLISH, _BRITISH = Locale("en"), Locale("en", "GB")


def locale() -> Locale:
    """Return the locale that dates and numbers are written in now, with its region where it has one."""
    forced = languages.spoken()
    if forced is not None:
        return _locale_of(forced.code)
    found = get_locale() or Locale.parse(languages.current(), sep="-")
    return _locale_of(str(found))


@cache
def _locale_of(code: str) -> Locale:
    found = Locale.parse(code)
    # The city world writes English as the United Nations does: 24 February 2027, 16:00.
    found = _BRITISH if found == _ENGLISH else found
    keep_apart(str(found))
    return found


def _shown(written: str) -> str:
    """Return what Babel has written, with the digits of the language."""
    own = digits.table(locale())
    return written if own is None else written.translate(own)


# Where a number of four digits has no sign between them: 1234, but 12 345. Babel does not read this from CLDR
# (minimumGroupingDigits); these are the languages that browsers do it in.
_CLOSED_UP_BELOW_10_000 = {"bg", "es", "et", "hu", "it", "lv", "pl", "sl"}


def number(value: float) -> str:
    """Return a number as it stands in a text or a table: ``1,234``, in French ``1 234``, in Persian ``۱٬۲۳۴``."""
    if 0 <= value < 1000 and isinstance(value, int):
        return _shown(str(value))
    if abs(value) < 10_000 and languages.current() in _CLOSED_UP_BELOW_10_000:
        return _shown(format_decimal(value, "0.###", locale=locale(), numbering_system="default"))
    return _shown(format_decimal(value, locale=locale(), numbering_system="default"))


def percentage(share: float) -> str:
    """Return a share of one in per cent, without decimals: ``26%``, in French ``26 %``."""
    return _shown(format_percent(share, locale=locale(), numbering_system="default"))


def numbering() -> str:
    """Return the name that CLDR has for the digits of the language: ``latn``, ``arabext``; for the scripts of pages."""
    return str(locale().default_numbering_system)


def weekday(moment: datetime) -> str:
    """Return the day of the week of an aware moment in its own zone, with a capital: ``Wednesday``, ``Miércoles``."""
    name = weekday_within(moment)
    return name[:1].upper() + name[1:]


def weekday_within(moment: datetime) -> str:
    """Return the day of the week as it stands within a sentence: ``Wednesday``, ``miércoles``."""
    return format_date(moment, "EEEE", locale=locale())


def day(moment: datetime) -> str:
    """Return the day of the month, as a number."""
    return _shown(format_date(moment, "d", locale=locale()))


def year(of: datetime | int) -> str:
    """Return a year, or that of a moment, which no sign parts into thousands."""
    return _shown(str(of if isinstance(of, int) else of.year))


def _dated(moment: date_type, pattern: str) -> str:
    day_ = moment.date() if isinstance(moment, datetime) else moment
    written = _date_written(day_, pattern, locale())
    match languages.current():
        case "es":
            # CLDR puts a comma behind the day of the week, which Spanish has not within a sentence.
            written = re.sub(r"(?<=[^\W\d]), (?=\d)", " ", written)
        case "fr":
            written = re.sub(r"\b1 (?=[^\W\d])", "1er ", written)
        case "pt":
            written = re.sub(r"\b1 (?=de )", "1º ", written)
    return _shown(written)


@lru_cache(maxsize=2000)  # ten thousand people are written to about one day
def _date_written(day_: date_type, pattern: str, locale: Locale) -> str:
    return str(format_date(day_, pattern, locale=locale))


@cache
def _skeleton(locale: Locale, name: str, otherwise: str) -> str:
    known = locale.datetime_skeletons
    return str(known[name].pattern) if name in known else otherwise


def month(moment: datetime) -> str:
    """Return the month and year: ``February 2027``, ``febrero de 2027``."""
    # Without a day beside it a month has the form it stands alone in.
    return _dated(moment, _skeleton(locale(), "yMMMM", "LLLL y").replace("MMMM", "LLLL"))


def date(moment: datetime) -> str:
    """Return day, month and year: ``24 February 2027``, ``24 de febrero de 2027``, ``24 février 2027``."""
    return _dated(moment, "long")


def short(moment: datetime, *, year: bool = True) -> str:
    """Return day and hour as a table has room for: ``24 Feb 2027, 16:00``, or ``24 Feb, 16:00`` without the year."""
    day_ = _dated(moment, _skeleton(locale(), "yMMMd", "medium")) if year else day_in_short(moment)
    return day_and_hour(day_, hour(moment))


def day_in_short(moment: datetime) -> str:
    """Return day and month as the axis of a chart has room for: ``7 Jan``, ``7 ene``."""
    return _dated(moment, _skeleton(locale(), "MMMd", "d MMM"))


def day_and_hour(day_: str, told: str) -> str:
    """Return a date and what is told of its hours as one text: ``Wednesday 24 February, 16:00 in Madrid``."""
    return str(_("%(date)s, %(time_and_place)s", date=day_, time_and_place=told))


def full_date(moment: datetime) -> str:
    """Return the date with the day of the week before it: ``Wednesday, 24 February 2027``."""
    return _dated(moment, "full")


@cache
def _day_and_month_pattern(locale: Locale) -> str:
    known = locale.datetime_skeletons
    pattern: str = next((known[name].pattern for name in ("MMMMEEEEd", "MMMMEd", "MMMEd") if name in known), "E d MMM")
    # Short names become long ones, as CLDR lets one do with its patterns (UTS 35, part 4, 2.6.2.2).
    return re.sub(r"(?<!M)MMM(?!M)", "MMMM", re.sub(r"E+|c+", "EEEE", pattern))


def day_and_month(moment: datetime) -> str:
    """Return the day with its name, without the year: ``Wednesday 24 February``, ``miércoles 24 de febrero``."""
    return _dated(moment, _day_and_month_pattern(locale()))


def day_of_month(moment: datetime) -> str:
    """Return day and month without the day's name and the year: ``24 February``, ``24 de febrero``."""
    return _dated(moment, _skeleton(locale(), "MMMMd", "d MMMM"))


def month_name(moment: datetime) -> str:
    """Return the month alone, with a capital: ``February``, ``Febrero``."""
    name = format_date(moment, "LLLL", locale=locale())
    return name[:1].upper() + name[1:]


def hour(moment: datetime) -> str:
    """Return the hour and minute of a moment in its own zone, on a clock of 24 hours: ``16:00``; ``16 h 00`` in French.

    French has a no-break space on both sides of its h, and no zero before the hour (Imprimerie nationale, Lexique).
    """
    if languages.current() == "fr":
        return f"{moment.hour}\u00a0h\u00a0{moment:%M}"
    return _shown(f"{moment:%H:%M}")


def hours(starts_at: datetime, ends_at: datetime) -> str:
    """Return from when to when, in the zone the moments are in: ``16:00–17:15``; ``16 h 00 – 17 h 15`` in French."""
    # What is written with spaces has spaces around the dash; the line may end behind it.
    dash = "\u00a0– " if languages.current() == "fr" else "–"
    return f"{hour(starts_at)}{dash}{hour(ends_at)}"


@cache
def _city(zone: str, locale: Locale) -> str:
    # Of languages without names of countries, such as Kinyarwanda, Babel 2.18 does not tell the cities either.
    told_in = locale if "ZZ" in locale.territories else _BRITISH
    try:
        # Some zones name a province before the city: "Argentina/Buenos Aires".
        return str(get_timezone_location(zone, locale=told_in, return_city=True)).rpartition("/")[2]
    except LookupError:
        # Babel has zone data of its own, which may be older.
        return zone.rpartition("/")[2].replace("_", " ") if zone in available_timezones() else "UTC"


def city(zone: str) -> str:
    """Return the city that a zone is called after, in the reader's language: ``Madrid``, ``Ciudad de México``.

    A zone that there is no more is told as UTC, as ``zones.in_zone`` reckons it.
    """
    return "UTC" if zone == "UTC" else _city(zone, locale())


_PARTS_OF_THE_WORLD = {
    "Africa": "002", "America": "019", "Antarctica": "AQ", "Asia": "142", "Australia": "AU", "Europe": "150",
    "Brazil": "BR", "Canada": "CA", "Chile": "CL", "Mexico": "MX", "US": "US",
}  # fmt: skip
_OCEANS = {"Arctic": _l("Arctic"), "Atlantic": _l("Atlantic"), "Indian": _l("Indian Ocean"), "Pacific": _l("Pacific")}


def part_of_the_world(zone: str) -> str:
    """Return the continent, ocean or country that a zone is listed under: ``Europe``, ``África``."""
    name = zone.partition("/")[0]
    if name in _OCEANS:
        return str(_OCEANS[name])
    return str(locale().territories.get(_PARTS_OF_THE_WORLD.get(name, ""), name))


# Portuguese says no Cairo, da Cidade do México, but em Madri: the cities and islands with an article, by CLDR's names.
_ARTICLES = {
    city_: article
    for article, cities in {
        "o": ("Bahrein", "Cairo", "Catar", "Kuwait", "Panamá", "Vaticano"),
        "a": (
            *("Bahia", "Cidade do México", "Costa Rica", "Dominica", "Guatemala", "Guiana", "Ilha de Man"),
            *("Ilha de Páscoa", "Jamaica", "Madeira", "Martinica", "Reunião"),
        ),
        "os": ("Açores",),
        "as": ("Bermudas", "Canárias", "Comores", "Maldivas"),
    }.items()
    for city_ in cities
}  # fmt: skip


def at_the_city(sentence: str, city_: str) -> str:
    """Return a sentence with the article of a city made one word with what stands before it.

    ``à Le Caire`` is ``au Caire``, ``em Cairo`` is ``no Cairo``.
    """
    match languages.current():
        case "fr" if city_.startswith("Le "):
            for before, joined_ in (("à", "au"), ("À", "Au"), ("de", "du")):
                sentence = sentence.replace(f"{before} {city_}", f"{joined_} {city_[3:]}")
        case "pt" if city_ in _ARTICLES:
            for before, joined_ in (("em", "n"), ("Em", "N"), ("de", "d"), ("De", "D")):
                sentence = sentence.replace(f"{before} {city_}", f"{joined_}{_ARTICLES[city_]} {city_}")
    return sentence


def joined(words: list[str]) -> str:
    """Return several words as one list: ``Accra, Bogotá and Seoul``; what runs the other way is held apart."""
    words = [isolated(word) for word in words]
    written = format_list(words, locale=locale())
    if languages.current() == "es" and len(words) > 1 and re.match(r"h?[ií](?![aeo])", words[-1], re.IGNORECASE):
        # "y" before the sound of an i is "e": Bogotá e Islamabad, francés e inglés.
        return written.removesuffix(f" y {words[-1]}") + f" e {words[-1]}"
    return written


def one_of(words: Sequence[str]) -> str:
    """Return several words, one of which is enough: ``Accra, Bogotá or Seoul``; what runs the other way is apart."""
    words = [isolated(word) for word in words]
    written = format_list(words, style="or", locale=locale())
    if languages.current() == "es" and len(words) > 1 and re.match(r"h?[oó]", words[-1], re.IGNORECASE):
        # "o" before the sound of an o is "u": Bogotá u Oslo.
        return written.removesuffix(f" o {words[-1]}") + f" u {words[-1]}"
    return written


_COMMAS = {"ARABIC": "، ", "CJK": "、"}


def comma() -> str:
    """Return what stands between the parts of a list that has no last word: a comma and a blank, ``، `` in Arabic."""
    return _COMMAS.get(alphabet.script_of(languages.current()), ", ")


def arrow() -> str:
    """Return what leads from a former value to the present one as the page is read: ``→``, or ``←`` in Arabic."""
    return "←" if languages.direction(languages.current()) == "rtl" else "→"


def in_a_row(words: Iterable[str]) -> str:
    """Return words with commas between them and no last word: ``Accra, Bogotá``; each keeps its direction."""
    return comma().join(isolated(word) for word in words)


def until(moment: datetime, now: datetime) -> str:
    """Return how far off a coming moment is: ``in 8 days``."""
    # People count "in 36 hours" up to two days, then "in 8 days", not "in 1 week", up to two months.
    if moment - now < timedelta(days=2):
        return _shown(
            format_timedelta(moment - now, add_direction=True, threshold=2, granularity="minute", locale=locale())
        )
    return _shown(format_timedelta(moment - now, add_direction=True, threshold=9, granularity="day", locale=locale()))


def length(time: timedelta) -> str:
    """Return how long something takes, in its largest unit: ``1 hour``, ``30 minutes``."""
    return _shown(format_timedelta(time, threshold=1, granularity="minute", locale=locale()))


def _count(count: int, of_time: str) -> str:
    # Babel has no long words where CLDR takes them from another unit, as for the days of Portuguese and the years of
    # Persian, and hands back the unit's key; the short ones it has are whole words in those languages.
    of_time = f"duration-{of_time}"
    words = format_unit(count, of_time, "long", locale=locale())
    return words if of_time not in words else format_unit(count, of_time, "short", locale=locale())


def minutes_in_words(minutes: int) -> str:
    """Return a number of minutes in the largest unit that they are whole in: ``1 day``, ``2 hours``, ``90 minutes``."""
    for of_time, length_ in (("day", 24 * 60), ("hour", 60)):
        if minutes % length_ == 0:
            return _shown(_count(minutes // length_, of_time))
    return _shown(_count(minutes, "minute"))


def unit(count: int, of_time: str) -> str:
    """Return what so many of a unit of time are called, without the number: ``minute`` for 1, ``minutes`` for 5."""
    return _count(count, of_time).replace(format_decimal(count, locale=locale()), "").strip()


def days_or_years(days: int) -> str:
    """Return a number of days in words, whole years as years: ``2 years``, ``90 days``."""
    years, rest = divmod(days, 365)
    return _shown(_count(days, "day") if rest else _count(years, "year"))


def file_size(size: int) -> str:
    """Return how large a file of so many bytes is: ``640 kB``, ``2.4 MB``, in French ``2,4 Mo``."""
    if size >= 1024**2:
        count, of_bytes = size / 1024**2, "digital-megabyte"
    else:
        count, of_bytes = max(1, round(size / 1024)), "digital-kilobyte"
    return _shown(format_unit(count, of_bytes, "short", "#,##0.#", locale=locale(), numbering_system="default"))


def site_of(address: str) -> str:
    """Return where a web address leads, for people: ``https://www.example.org/a/b?c`` is ``example.org``."""
    return (urlsplit(address).hostname or address).removeprefix("www.")


_TITLES = {"dr", "prof", "mr", "mrs", "ms", "mme", "sr", "sra", "don", "doña", "ing", "arq", "lic"}


def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name, titles aside: ``Dr Elham Fakhari`` is EF.

    A script without capitals has no initials that anybody would recognise: there it is the first character.
    """
    words = [word for word in re.split(r"[\s.]+", name) if word[:1].isalpha() and word.lower() not in _TITLES]
    if not words:
        return ""
    if words[0][0].upper() == words[0][0].lower():
        return words[0][0]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def utc_text(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC with ``Z``: ``2027-02-24T15:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
