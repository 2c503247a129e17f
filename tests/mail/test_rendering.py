"""The words of a mail: in the person's language, safe, and in the hand of the pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from webinar.foundation.when import When
from webinar.mail.rendering import Rendered, render

pytestmark = pytest.mark.usefixtures("sample_templates")


@pytest.fixture(scope="module")
def database_kind() -> str:
    """Words are made without a database; once is enough."""
    return "sqlite"


WHEN = When(
    datetime(2027, 2, 24, 15, 0, tzinfo=UTC), datetime(2027, 2, 24, 16, 15, tzinfo=UTC), "Asia/Seoul", "Europe/Madrid"
)


def the_sample(language: str = "en", **values: Any) -> Rendered:
    usual = {
        "title": "Heat & cities",
        "name": "Ana Sousa",
        "city": "Lisbon",
        "address": "https://webinars.example.org/en/registrations/token",
        "when": WHEN,
    }
    return render("sample", language, **{**usual, **values})


def test_plain_text_is_as_good_as_the_html_and_not_escaped(app: Flask) -> None:
    assert the_sample().text == (
        "Heat & cities\n\n"
        "Thursday, 25 February 2027\n"
        "00:00–01:15 for you in Seoul\n"
        f"{WHEN.there}\n"
        "English\n\n"
        "Dear Ana Sousa,\n\n"
        "City: Lisbon\n\n"
        "See my place:\nhttps://webinars.example.org/en/registrations/token\n\n"
        "-- \nMetropolis\nYou registered with this address.\n"
    )


def test_html_is_escaped_and_its_title_is_the_subject(app: Flask) -> None:
    rendered = the_sample(title='<script>alert("1")</script>', name="{{ config }}")

    assert rendered.subject == 'Your place in <script>alert("1")</script>'
    assert "<script" not in rendered.html
    assert "<title>Your place in &lt;script&gt;" in rendered.html
    assert "{{ config }}" in rendered.html


def test_styles_stand_in_the_elements_and_what_cannot_stays_in_the_head(app: Flask) -> None:
    html = the_sample().html

    assert html.startswith("<!DOCTYPE html>")
    assert (
        'class="button" href="https://webinars.example.org/en/registrations/token" style="display: inline-block' in html
    )
    (kept,) = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    assert "@media (prefers-color-scheme: dark)" in kept
    assert "@media (max-width: 400px)" in kept
    assert "http" not in html.replace("https://webinars.example.org/en/registrations/token", "")


def test_a_network_brings_its_colour_and_it_is_held_readable(app: Flask) -> None:
    assert "background: #1d3fbb" in the_sample().html
    assert "a { color: #96b6fe !important; }" in the_sample().html


def test_names_that_run_the_other_way_are_isolated(app: Flask) -> None:
    rendered = the_sample(name="نیلوفر", title="گرما در شهرها")

    assert rendered.subject == "Your place in \u2068گرما در شهرها\u2069"
    assert "Dear \u2068نیلوفر\u2069," in rendered.text
    assert "City: Lisbon\n" in rendered.text
    assert "Dear <bdi>نیلوفر</bdi>," in rendered.html
    assert "<bdi>Lisbon</bdi>" in rendered.html


def test_no_mail_program_makes_a_link_of_a_name(app: Flask) -> None:
    rendered = the_sample(name="Win at evil.example")

    assert "Dear Win at evil.\u2060example," in rendered.text
    assert "Dear <bdi>Win at evil.\u2060example</bdi>," in rendered.html
    assert "Dear J. M. Ngũgĩ," in the_sample(name="J. M. Ngũgĩ").text


def test_a_language_from_the_right_turns_the_mail_and_isolates_latin_names(app: Flask) -> None:
    rendered = the_sample("ar", name="نیلوفر")

    assert '<html lang="ar" dir="rtl"' in rendered.html
    assert "text-align: right" in rendered.html
    assert "padding-right: 20px" in rendered.html
    assert "نیلوفر" in rendered.text
    assert "\u2068نیلوفر" not in rendered.text
    assert "\u2068City\u2069: \u2068Lisbon\u2069" in rendered.text


def test_dates_are_written_as_the_persons_language_does(app: Flask) -> None:
    assert "Jueves" in the_sample("es").html
    assert "25 février 2027" in the_sample("fr").text


def test_a_value_that_is_missing_is_refused_and_not_sent_empty(app: Flask) -> None:
    with pytest.raises(UndefinedError, match="'name' is undefined"):
        render("sample", "en", title="x", city="", address="", when=WHEN)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(title=st.text(max_size=200))
def test_a_subject_is_one_line_whatever_the_title_holds(app: Flask, title: str) -> None:
    subject = the_sample(title=title).subject

    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", subject)
    assert "  " not in subject
