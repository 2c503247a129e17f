"""Organisers' text is data: it becomes harmless HTML, whatever is in it."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from webinar.foundation.markdown import MOST_CHARACTERS, to_html, to_text


def test_markdown_becomes_html() -> None:
    assert to_html("Read *this*, **now**:\n\n- one\n- `two`\n\n> said\n") == Markup(
        "<p>Read <em>this</em>, <strong>now</strong>:</p>\n<ul>\n<li>one</li>\n<li><code>two</code></li>\n</ul>\n"
        "<blockquote>\n<p>said</p>\n</blockquote>\n"
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](JaVaScRiPt:alert(1))", "<p>[a](JaVaScRiPt:alert(1))</p>\n"),
        ("[a](&#106;avascript:alert)", "<p>[a](javascript:alert)</p>\n"),
        ("<javascript:alert(1)>", "<p>&lt;javascript:alert(1)&gt;</p>\n"),
        ("[a](data:text/html;base64,xx)", "<p>[a](data:text/html;base64,xx)</p>\n"),
        ("[a](data:image/png;base64,xx)", "<p>[a](data:image/png;base64,xx)</p>\n"),
        ("[a](//evil.example)", "<p>[a](//evil.example)</p>\n"),
        ("![words & more](https://evil.example/x.png)", "<p>words &amp; more</p>\n"),
        ("{{ config }} {% x %}", "<p>{{ config }} {% x %}</p>\n"),
        ("https://a.example", "<p>https://a.example</p>\n"),
    ],
)
def test_what_could_do_harm_is_shown_and_not_run(text: str, html: str) -> None:
    assert str(to_html(text)) == html


def test_links_go_to_the_web_and_to_mail_addresses_and_tell_nothing_about_the_page() -> None:
    assert str(to_html('[a](https://a.example/?x=1&y=2 "t") <me@a.example>')) == (
        '<p><a href="https://a.example/?x=1&amp;y=2" title="t" rel="noopener noreferrer">a</a> '
        '<a href="mailto:me@a.example" rel="noopener noreferrer">me@a.example</a></p>\n'
    )


def test_an_address_in_a_link_cannot_leave_its_attribute() -> None:
    assert str(to_html("[a](https://a.example/\"onclick='x)")) == (
        '<p><a href="https://a.example/%22onclick=\'x" rel="noopener noreferrer">a</a></p>\n'
    )


def test_headings_stand_below_those_of_the_page() -> None:
    assert str(to_html("# a\n\n###### b")) == "<h3>a</h3>\n<h6>b</h6>\n"
    assert str(to_html("# a", top_heading=2)) == "<h2>a</h2>\n"


PIECES = [*"<>&\"'[]()!`*_#-:/ \n", "a", "javascript:", "http://x", "<a href=", "1. "]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_no_text_makes_another_tag_or_attribute_than_ours(text: str) -> None:
    tags = re.findall(r"<(/?)([a-z0-9]+)((?: [a-z]+=\"[^\"]*\")*)>", html := str(to_html(text)))

    assert len(tags) == html.count("<")
    assert {name for _, _, attributes in tags for name in re.findall(r' ([a-z]+)="', attributes)} <= {
        "href",
        "title",
        "rel",
        "start",
    }
    assert all(href.startswith(("http:", "https:", "mailto:")) for href in re.findall(r'<a [^>]*?href="([^"]*)"', html))


@pytest.mark.parametrize("text", ["[" * 2_000_000, "*_" * 25_000, ">" * 50_000, "[a][" * 12_500, "- " * 25_000])
def test_text_of_any_size_is_written_in_bounded_time(text: str) -> None:
    started = time.process_time()

    to_html(text)
    to_text(text)

    assert time.process_time() - started < 5


def test_text_that_is_too_long_is_shown_as_it_was_typed() -> None:
    text = "*<*" + "a" * MOST_CHARACTERS

    assert str(to_html(text)) == f"<p>*&lt;*{'a' * MOST_CHARACTERS}</p>"
    assert to_text(text) == text


def test_markdown_becomes_plain_text() -> None:
    text = "# Title\n\nSee *[the page](https://a.example/)* or <me@a.example>,\nR\\&D &amp; ![a picture](https://a.example/p)\n\n"
    lists = "- one\n- two\n  1. deep\n  2. deeper\n\nafter\n\n```\ncode\n```\n\n- apart\n\n- too\n"

    assert to_text(text + lists) == (
        "Title\n\nSee the page (https://a.example/) or me@a.example,\nR&D & a picture\n\n"
        "- one\n- two\n  1. deep\n  2. deeper\n\nafter\n\ncode\n\n- apart\n\n- too"
    )
