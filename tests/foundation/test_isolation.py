"""A name of the other direction turns nothing round, wherever it stands, and nobody can make one that does."""

from __future__ import annotations

import unicodedata

import pytest
from flask import Flask
from flask_babel import gettext as _
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from webinar.foundation.isolation import begun, isolated, unturned
from webinar.foundation.languages import speaking
from webinar.foundation.lines import one_line, several_lines

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.fixture(scope="module")
def database_kind() -> str:
    """Words do not depend on the database."""
    return "sqlite"


@pytest.mark.parametrize(
    ("language", "text", "stands"),
    [
        ("en", "Ana Sousa", "Ana Sousa"),
        ("en", "Île-de-France", "Île-de-France"),
        ("en", "서울", "서울"),
        ("en", "16:00–17:15", "16:00–17:15"),
        ("en", "نیلوفر", "\u2068نیلوفر\u2069"),
        ("en", "Ana نیلوفر", "\u2068Ana نیلوفر\u2069"),
        ("ar", "نیلوفر", "نیلوفر"),
        ("ar", "Ana Sousa", "\u2068Ana Sousa\u2069"),
        ("ar", "서울", "\u2068서울\u2069"),
        ("ar", "ana@example.org", "\u2068ana@example.org\u2069"),
        ("ar", "https://example.org/ar/", "https://example.org/ar/"),
        ("ar", "UTC+3", "\u2068UTC+3\u2069"),
        ("ar", "16:00–17:15", "16:00–17:15"),  # from the right, as it is read there: no isolate must turn it
        ("ar", "", ""),
    ],
)
def test_what_runs_the_other_way_is_held_apart_and_nothing_else(
    app: Flask, language: str, text: str, stands: str
) -> None:
    with speaking(language):
        assert isolated(text) == stands
        assert isolated(isolated(text)) == stands


@pytest.mark.parametrize("sign", TURNING)
def test_what_turns_its_surroundings_is_taken_out_of_names(app: Flask, sign: str) -> None:
    with speaking("en"):
        assert isolated(f"Ana{sign}gro.elpmaxe") == "Anagro.elpmaxe"
        assert unturned(f"{sign}Ana") == "Ana"
        assert one_line(f" Ana {sign} Sousa") == "Ana Sousa"
        assert several_lines(f"Ana{sign}\nSousa") == "Ana\nSousa"


@pytest.mark.parametrize(
    "nothing", ["\u200b", "\u2060\ufeff", "\u00ad", "\u0301", "\u3164", "\u2800", "\u061c", "\u200f \u200b"]
)
def test_a_text_of_which_nothing_can_be_seen_is_no_text(nothing: str) -> None:
    assert one_line(nothing) == several_lines(nothing) == ""
    assert one_line(f"{nothing}-") == f"{nothing}-"


def test_marks_are_not_piled_over_the_lines_around_a_letter() -> None:
    piled = "Zoe" + "\u0301" * 50 + "\u0489" * 50
    assert one_line(piled) == several_lines(piled) == "Zoe" + "\u0301" * 8
    assert one_line("Nguye\u0302\u0303n") == "Nguye\u0302\u0303n"


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क\u094dष", "👩\u200d💻", "?", "7"])
def test_signs_that_join_and_part_letters_stay_between_them(text: str) -> None:
    assert one_line(text) == several_lines(text) == text


def test_joiners_and_direction_marks_are_letters_of_some_names_and_stay() -> None:
    persian = "می\u200cخواهم"

    assert one_line(persian) == persian
    assert unturned(f"{persian}\u200f") == f"{persian}\u200f"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(name=st.text(st.sampled_from(f"{TURNING} aBمش3:،"), max_size=20), language=st.sampled_from(["en", "ar"]))
def test_whatever_somebody_is_called_the_text_around_is_balanced(app: Flask, name: str, language: str) -> None:
    with speaking(language):
        said = _("Dear %(name)s,", name=name)

    depth = 0
    for character in said:
        assert character not in "\u202a\u202b\u202c\u202d\u202e"
        depth += {"\u2066": 1, "\u2067": 1, "\u2068": 1, "\u2069": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0


def test_a_sentence_holds_names_apart_in_code_and_in_templates(app: Flask) -> None:
    page = app.jinja_env.from_string("{{ _('Dear %(name)s,', name=name) }}")

    with speaking("en"):
        assert _("Dear %(name)s,", name="نیلوفر") == "Dear \u2068نیلوفر\u2069,"
        assert page.render(name="نیلوفر") == "Dear \u2068نیلوفر\u2069,"
        assert page.render(name="<b>") == "Dear &lt;b&gt;,"
        assert page.render(name=Markup("<bdi>نیلوفر</bdi>")) == "Dear <bdi>نیلوفر</bdi>,"


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        ("موعدكم مع Heat", "موعدكم مع Heat"),
        ("Zoom: افتحوا الرابط", "\u200fZoom: افتحوا الرابط"),
        ("\u2068Lisbon\u2069 مدينة", "\u2068Lisbon\u2069 مدينة"),
        ("16:00–17:15", "\u200f16:00–17:15"),
        ("https://example.org/ar/", "https://example.org/ar/"),
        ("Heat in cities", "Heat in cities"),
        ("-- ", "-- "),
        ("", ""),
    ],
)
def test_a_line_of_plain_text_begins_from_the_right_where_its_language_does(app: Flask, line: str, begins: str) -> None:
    with speaking("ar"):
        assert begun(f"{line}\n{line}") == f"{begins}\n{begins}"
    with speaking("en"):
        assert begun(line) == line


def test_what_is_added_is_invisible(app: Flask) -> None:
    with speaking("ar"):
        added = set(begun(isolated("Ana 16:00"))) - set("Ana 16:00")

    assert {unicodedata.category(character) for character in added} == {"Cf"}
