"""Mails to many: what is told alike is rendered once, and nobody's own text is taken for anything but text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader, UndefinedError
from markupsafe import Markup

from webinar.foundation.when import When
from webinar.mail.rendering import SHEETS_KEPT, Rendered, render
from webinar.mail.sheets import Places, filled, filled_html
from webinar.people.models import Person

pytestmark = pytest.mark.usefixtures("sample_templates")

MOMENT = datetime(2027, 2, 24, 15, 0, tzinfo=UTC)
LINK = "https://webinars.example.org/en/registrations/token?a=1&b=2"


@pytest.fixture(scope="module")
def database_kind() -> str:
    """Words are made without a database; once is enough."""
    return "sqlite"


@pytest.fixture
def sheets(app: Flask) -> Iterator[dict[Any, Any]]:
    """Begin without sheets, and give those that are kept."""
    kept: dict[Any, Any] = app.extensions["mail_sheets"]
    kept.clear()
    yield kept
    kept.clear()


Writes = Callable[[str], None]


@pytest.fixture
def write(app: Flask, sheets: dict[Any, Any]) -> Iterator[Writes]:
    """Write the mail ``one`` anew: its subject, text and HTML are the same."""
    templates = app.extensions["mail_templates"]
    usual = templates.loader
    sources: dict[str, str] = {}
    templates.loader = ChoiceLoader([DictLoader(sources), usual])

    def write_anew(source: str) -> None:
        sources.update({f"mail/one.{kind}": source for kind in ("subject.txt", "txt", "html")})
        templates.cache.clear()
        sheets.clear()

    yield write_anew
    templates.loader = usual
    templates.cache.clear()


def the_sample(language: str = "en", *, zone: str = "Asia/Seoul", city: str = "Lisbon", **personal: str) -> Rendered:
    usual = {"name": "Ana Sousa", "title": "Heat & cities", "address": LINK}
    when = When(MOMENT, MOMENT + timedelta(minutes=75), zone, "Europe/Madrid")
    return render("sample", language, {**usual, **personal}, city=city, when=when)


def the_sample_for_one(language: str = "en", **values: str) -> Rendered:
    usual = {"name": "Ana Sousa", "title": "Heat & cities", "address": LINK, "city": "Lisbon"}
    when = When(MOMENT, MOMENT + timedelta(minutes=75), "Asia/Seoul", "Europe/Madrid")
    return render("sample", language, **{**usual, **values}, when=when)


def test_of_two_people_who_are_told_the_same_the_mail_is_rendered_once(sheets: dict[Any, Any]) -> None:
    ana, bo = the_sample(name="Ana"), the_sample(name="Bo")

    assert len(sheets) == 1
    assert ana.text.replace("Ana", "Bo") == bo.text
    assert ana.html.replace("Ana", "Bo") == bo.html
    assert "Ana" not in bo.html


@pytest.mark.parametrize("other", [{"zone": "Europe/Madrid"}, {"city": "Porto"}, {"language": "fr"}])
def test_who_is_told_something_else_has_another_sheet(sheets: dict[Any, Any], other: dict[str, str]) -> None:
    assert the_sample().text != the_sample(**other).text
    assert len(sheets) == 2


def test_a_network_that_changes_its_name_or_colour_has_other_sheets(app: Flask, sheets: dict[Any, Any]) -> None:
    the_sample()
    app.config["NETWORK_NAME"], app.config["BRAND_COLOUR"] = "Cities", "#aa0000"

    assert "Cities" in the_sample().text
    assert "Metropolis" not in the_sample().html


HOSTILE = [
    "{{ 7 * 7 }}",
    "{% raw %}",
    "%(name)s %s %d %%",
    '<script>alert("1")</script>',
    "&lt;b&gt; &amp;",
    "\\g<1> \\1 \\",
    'O\'Brien "Bo"',
    "نیلوفر",
    "\u202eturned\u2066round",
    "Win at evil.example",
    "a" * 24 + "0a",
    "0a1u2i",
]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_mail_to_many_reads_as_a_mail_to_one_whatever_people_are_called(
    sheets: dict[Any, Any], language: str, name: str
) -> None:
    the_sample(language)
    among_many, alone = the_sample(language, name=name, title=name), the_sample_for_one(language, name=name, title=name)

    assert (among_many.subject, among_many.text) == (alone.subject, alone.text)
    assert unescape(among_many.html) == unescape(alone.html)
    assert "<script" not in among_many.html


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(name=st.text(min_size=1), title=st.text(min_size=1))
def test_nothing_that_is_filled_in_is_looked_at_again(name: str, title: str) -> None:
    places = Places(["name", "title"])
    word, other = (str(place) for place in places.by_name().values())
    personal = {"name": f"{name}{word}{other}<b>", "title": f"{title}{word}"}
    pieces = places.cut(f"{word}|{other}")

    assert filled(pieces, personal, from_right=False) == f"{personal['name']}|{personal['title']}"
    assert filled_html(pieces, personal, from_right=False) == (
        str(Markup("{}|{}").format(personal["name"], personal["title"]))
    )


def test_the_word_that_holds_a_place_is_another_one_on_each_sheet() -> None:
    assert str(Places(["name"]).by_name()["name"]) != str(Places(["name"]).by_name()["name"])


def test_a_mail_may_ask_whether_a_personal_text_is_there(write: Writes, sheets: dict[Any, Any]) -> None:
    write("{% if name %}Dear {{ name | isolated }}{% else %}Good day{% endif %}, {{ personal['name'] }}")

    assert [render("one", "en", {"name": name}).subject for name in ("Ana", "", "Bo")] == [
        "Dear Ana, Ana",
        "Good day,",
        "Dear Bo, Bo",
    ]
    assert len(sheets) == 2


@pytest.mark.parametrize(
    "asks",
    ["{% if name == 'Ana' %}x{% endif %}", "{{ name | length }}", "{{ name[0] }}", "{{ name.upper() }}"],
)
def test_a_mail_to_many_cannot_ask_what_a_personal_text_is(write: Writes, asks: str) -> None:
    write(asks)

    with pytest.raises((TypeError, UndefinedError)):
        render("one", "en", {"name": "Ana"})


@pytest.mark.parametrize("changes", ["{{ name | upper }}", "{{ name | title }}", "{{ name | capitalize }}"])
def test_a_mail_to_many_cannot_change_a_personal_text(write: Writes, changes: str) -> None:
    write(changes)

    with pytest.raises(ValueError, match="changes a personal text"):
        render("one", "en", {"name": "Ana"})


def test_one_moment_in_two_zones_is_told_in_two_ways(write: Writes) -> None:
    write("{{ formats.hour(at) }}")
    here, there = MOMENT.astimezone(ZoneInfo("Asia/Seoul")), MOMENT.astimezone(ZoneInfo("Europe/Madrid"))

    assert here == there
    assert [render("one", "en", {}, at=at).subject for at in (here, there)] == ["00:00", "16:00"]


def test_what_is_equal_to_python_and_not_to_a_template_has_two_sheets(write: Writes) -> None:
    write("{{ value }}")

    assert [render("one", "en", {}, value=value).text for value in (1, True, "<b>", Markup("<b>"))] == [
        "1\n",
        "True\n",
        "<b>\n",
        "<b>\n",
    ]
    assert "&lt;b&gt;" in render("one", "en", {}, value="<b>").html
    assert "<b>" in render("one", "en", {}, value=Markup("<b>")).html


@dataclass
class Changeable:
    """Something that may be another thing tomorrow."""

    title: str


@pytest.mark.parametrize("value", [Person(email="ana@lisbon.example"), Changeable("x"), {"a": 1}, [Changeable("x")]])
def test_what_may_change_is_no_value_of_a_mail_to_many(app: Flask, value: object) -> None:
    with pytest.raises(TypeError, match="may change"):
        render("sample", "en", {}, value=value)


def test_the_memory_for_sheets_has_an_end(write: Writes, sheets: dict[Any, Any]) -> None:
    write("{{ number }}")

    texts = [render("one", "en", {}, number=str(number)).subject for number in range(SHEETS_KEPT + 10)]

    assert texts == [str(number) for number in range(SHEETS_KEPT + 10)]
    assert len(sheets) == 10
