"""Dates, hours, numbers, lists and places, language by language, as CLDR and the usage of each have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _

from webinar.foundation import formats
from webinar.foundation.when import When

FRIDAY = datetime(2020, 4, 3, 16, 30, tzinfo=ZoneInfo("Europe/Madrid"))
THE_FIRST = datetime(2020, 4, 1, 9, 5, tzinfo=ZoneInfo("Europe/Madrid"))
LONG = timedelta(minutes=75)


@pytest.fixture(scope="module")
def database_kind() -> str:
    """Words do not depend on the database."""
    return "sqlite"


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Any locale of CLDR, with a region too: those that nobody offers yet must be right by CLDR alone."""
    with force_locale(locale):
        yield


@pytest.mark.parametrize(
    ("locale", "full", "short", "first"),
    [
        ("en", "Friday, 3 April 2020", "3 Apr 2020, 16:30", "Wednesday 1 April"),
        ("es", "viernes 3 de abril de 2020", "3 abr 2020, 16:30", "miércoles 1 de abril"),
        ("fr", "vendredi 3 avril 2020", "3 avr. 2020, 16\xa0h\xa030", "mercredi 1er avril"),
        ("pt", "sexta-feira, 3 de abril de 2020", "3 de abr. de 2020, 16:30", "quarta-feira, 1º de abril"),
        ("ar", "الجمعة، 3 أبريل 2020", "3 أبريل 2020، 16:30", "الأربعاء، 1 أبريل"),
        ("ar_EG", "الجمعة، ٣ أبريل ٢٠٢٠", "٣ أبريل ٢٠٢٠، ١٦:٣٠", "الأربعاء، ١ أبريل"),
        ("fa", "جمعه ۳ آوریل ۲۰۲۰", "۳ آوریل ۲۰۲۰, ۱۶:۳۰", "چهارشنبه ۱ آوریل"),  # the comma is the catalogue's
        ("ko", "2020년 4월 3일 금요일", "2020년 4월 3일, 16:30", "4월 1일 (수요일)"),
    ],
)
def test_dates_are_written_as_each_language_does(app: Flask, locale: str, full: str, short: str, first: str) -> None:
    with speaking(locale):
        assert (formats.full_date(FRIDAY), formats.short(FRIDAY), formats.day_and_month(THE_FIRST)) == (
            full,
            short,
            first,
        )


@pytest.mark.parametrize(
    ("locale", "month", "name"),
    [
        ("en", "April 2020", "April"),
        ("es", "abril de 2020", "Abril"),
        ("fr", "avril 2020", "Avril"),
        ("pt", "abril de 2020", "Abril"),
        ("ar", "أبريل 2020", "أبريل"),
        ("ru", "апрель 2020\u202fг.", "Апрель"),  # alone, a month has another form than beside a day
        ("zh", "2020年4月", "四月"),
    ],
)
def test_a_month_has_the_form_it_stands_alone_in(app: Flask, locale: str, month: str, name: str) -> None:
    with speaking(locale):
        assert (formats.month(FRIDAY), formats.month_name(FRIDAY)) == (month, name)


@pytest.mark.parametrize(
    ("locale", "hour", "early", "hours"),
    [
        ("en", "16:30", "09:05", "16:30–17:45"),
        ("es", "16:30", "09:05", "16:30–17:45"),
        ("fr", "16\xa0h\xa030", "9\xa0h\xa005", "16\xa0h\xa030\xa0– 17\xa0h\xa045"),
        ("pt", "16:30", "09:05", "16:30–17:45"),
        ("ar", "16:30", "09:05", "16:30–17:45"),
        ("fa", "۱۶:۳۰", "۰۹:۰۵", "۱۶:۳۰–۱۷:۴۵"),
    ],
)
def test_hours_are_those_of_a_clock_of_twenty_four(app: Flask, locale: str, hour: str, early: str, hours: str) -> None:
    with speaking(locale):
        assert (formats.hour(FRIDAY), formats.hour(THE_FIRST), formats.hours(FRIDAY, FRIDAY + LONG)) == (
            hour,
            early,
            hours,
        )


def test_a_french_hour_stays_together_and_a_full_one_says_its_minutes(app: Flask) -> None:
    noon = FRIDAY.replace(hour=12, minute=0)

    with speaking("fr"):
        assert formats.hour(noon) == "12\xa0h\xa000"
        assert formats.hour(noon.replace(hour=0)) == "0\xa0h\xa000"


@pytest.mark.parametrize(
    ("locale", "numbers"),
    [
        ("en", ("7", "1,234", "12,345", "1,234,567.5")),
        ("es", ("7", "1234", "12.345", "1.234.567,5")),
        ("fr", ("7", "1\u202f234", "12\u202f345", "1\u202f234\u202f567,5")),
        ("pt", ("7", "1.234", "12.345", "1.234.567,5")),
        ("ar", ("7", "1,234", "12,345", "1,234,567.5")),
        ("ar_EG", ("٧", "١٬٢٣٤", "١٢٬٣٤٥", "١٬٢٣٤٬٥٦٧٫٥")),
        ("fa", ("۷", "۱٬۲۳۴", "۱۲٬۳۴۵", "۱٬۲۳۴٬۵۶۷٫۵")),
        ("hi", ("7", "1,234", "12,345", "12,34,567.5")),
    ],
)
def test_numbers_are_parted_as_each_language_does(app: Flask, locale: str, numbers: tuple[str, ...]) -> None:
    with speaking(locale):
        assert tuple(formats.number(value) for value in (7, 1234, 12_345, 1_234_567.5)) == numbers


def test_a_year_is_never_parted(app: Flask) -> None:
    with speaking("en"):
        assert (formats.year(2027), formats.year(FRIDAY)) == ("2027", "2020")
    with speaking("fa"):
        assert formats.year(2027) == "۲۰۲۷"


@pytest.mark.parametrize(
    ("locale", "share", "size", "small", "two_hours", "two_years"),
    [
        ("en", "26%", "2.4 MB", "3 kB", "2 hours", "2 years"),
        ("es", "26\xa0%", "2,4 MB", "3 kB", "2 horas", "2 años"),
        ("fr", "26\xa0%", "2,4\u202fMo", "3\u202fko", "2\xa0heures", "2 ans"),
        ("pt", "26%", "2,4 MB", "3 kB", "2 horas", "2 anos"),
        ("ar", "26%", "2.4 م.ب", "3 كيلوبايت", "ساعتان", "سنتان"),
        ("fa", "۲۶%", "۲٫۴ MB", "۳ kB", "۲ ساعت", "۲ سال"),
    ],
)
def test_shares_sizes_and_lengths(
    app: Flask, locale: str, share: str, size: str, small: str, two_hours: str, two_years: str
) -> None:
    with speaking(locale):
        assert formats.percentage(0.256) == share
        assert (formats.file_size(2_500_000), formats.file_size(3_000)) == (size, small)
        assert (formats.length(timedelta(hours=2)), formats.days_or_years(730)) == (two_hours, two_years)


@pytest.mark.parametrize(
    ("locale", "eight_days", "ninety_minutes"),
    [
        ("en", "in 8 days", "in 90 minutes"),
        ("es", "dentro de 8 días", "dentro de 90 minutos"),
        ("fr", "dans 8 jours", "dans 90 minutes"),
        ("pt", "em 8 dias", "em 90 minutos"),
        ("ar", "خلال 8 أيام", "خلال 90 دقيقة"),
        ("fa", "۸ روز دیگر", "۹۰ دقیقه بعد"),
    ],
)
def test_how_far_off_something_is(app: Flask, locale: str, eight_days: str, ninety_minutes: str) -> None:
    with speaking(locale):
        assert formats.until(FRIDAY, FRIDAY - timedelta(days=8)) == eight_days
        assert formats.until(FRIDAY, FRIDAY - timedelta(minutes=90)) == ninety_minutes


@pytest.mark.parametrize(
    ("locale", "words", "told"),
    [
        ("en", ["Accra", "Bogotá", "Seoul"], "Accra, Bogotá and Seoul"),
        ("es", ["Accra", "Bogotá", "Seúl"], "Accra, Bogotá y Seúl"),
        ("es", ["Bogotá", "Islamabad"], "Bogotá e Islamabad"),
        ("es", ["agua", "hielo"], "agua y hielo"),
        ("fr", ["Accra", "Bogotá", "Séoul"], "Accra, Bogotá et Séoul"),
        ("pt", ["Acra", "Bogotá", "Seul"], "Acra, Bogotá e Seul"),
        ("ar", ["أكرا", "بوغوتا", "سول"], "أكرا وبوغوتا وسول"),
        ("ar", ["مشهد", "Accra"], "مشهد و\u2068Accra\u2069"),
        ("en", ["مشهد", "Accra"], "\u2068مشهد\u2069 and Accra"),
        ("zh", ["阿克拉", "波哥大", "首尔"], "阿克拉、波哥大和首尔"),
        ("fr", ["Accra"], "Accra"),
        ("fr", [], ""),
    ],
)
def test_lists_end_with_the_right_last_word(app: Flask, locale: str, words: list[str], told: str) -> None:
    with speaking(locale):
        assert formats.joined(words) == told


@pytest.mark.parametrize(
    ("locale", "cities"),
    [
        ("en", ("Madrid", "Mexico City", "Cairo", "Europe")),
        ("es", ("Madrid", "Ciudad de México", "El Cairo", "Europa")),
        ("fr", ("Madrid", "Mexico", "Le Caire", "Europe")),
        ("pt", ("Madri", "Cidade do México", "Cairo", "Europa")),
        ("ar", ("مدريد", "مكسيكو سيتي", "القاهرة", "أوروبا")),
        ("fa", ("مادرید", "مکزیکوسیتی", "قاهره", "اروپا")),
    ],
)
def test_zones_are_called_after_their_city_in_the_readers_language(
    app: Flask, locale: str, cities: tuple[str, ...]
) -> None:
    with speaking(locale):
        named = (*map(formats.city, ("Europe/Madrid", "America/Mexico_City", "Africa/Cairo")),)
        assert (*named, formats.part_of_the_world("Europe/Madrid")) == cities


@pytest.mark.parametrize("locale", ["rw", "gn"])
def test_a_city_has_its_english_name_where_cldr_knows_none(app: Flask, locale: str) -> None:
    with speaking(locale):
        assert formats.city("Africa/Cairo") == "Cairo"


@pytest.mark.parametrize(
    ("locale", "zone", "told"),
    [
        ("fr", "Africa/Cairo", "16\xa0h\xa030\xa0– 17\xa0h\xa045 au Caire"),
        ("fr", "America/La_Paz", "10\xa0h\xa030\xa0– 11\xa0h\xa045 à La Paz"),
        ("pt", "Africa/Cairo", "16:30–17:45 no Cairo"),
        ("pt", "America/Mexico_City", "08:30–09:45 na Cidade do México"),
        ("pt", "Europe/Lisbon", "15:30–16:45 em Lisboa"),
        ("es", "Africa/Cairo", "16:30–17:45 en El Cairo"),
    ],
)
def test_the_article_of_a_city_is_one_word_with_what_stands_before_it(
    app: Flask, locale: str, zone: str, told: str
) -> None:
    starts = FRIDAY.astimezone(UTC)

    with speaking(locale):
        assert When(starts, starts + LONG, zone, "Europe/Madrid", is_guess=True).for_you == told


@pytest.mark.parametrize(("locale", "comma"), [("en", ", "), ("fr", ", "), ("ar", "، "), ("fa", "، "), ("zh", "、")])
def test_the_parts_of_a_list_have_the_comma_of_the_language(app: Flask, locale: str, comma: str) -> None:
    with speaking(locale):
        assert formats.comma() == comma


@pytest.mark.parametrize(("locale", "arrow"), [("en", "→"), ("fr", "→"), ("ar", "←"), ("fa", "←")])
def test_the_arrow_of_a_change_points_the_way_one_reads(app: Flask, locale: str, arrow: str) -> None:
    with speaking(locale):
        assert formats.arrow() == arrow


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "At most 12 seats"), ("fa", "At most ۱۲ seats"), ("ar_EG", "At most ١٢ seats"), ("ar", "At most 12 seats")],
)
def test_a_number_in_a_sentence_has_the_digits_of_the_language(app: Flask, locale: str, said: str) -> None:
    page = app.jinja_env.from_string("{{ _('At most %(count)s seats', count=12) }}")

    with speaking(locale):
        assert _("At most %(count)s seats", count=12) == said
        assert page.render() == said


def test_what_machines_read_stays_in_latin_digits(app: Flask) -> None:
    starts = FRIDAY.astimezone(UTC)

    with speaking("fa"):
        assert formats.utc_text(FRIDAY) == "2020-04-03T14:30:00Z"
        assert When(starts, starts + LONG, "Asia/Tehran", "Europe/Madrid").iso == "2020-04-03T16:30+02:00"
