"""Personal details in what organisers write: which there are, what is no detail, and what becomes of them."""

from __future__ import annotations

import pytest

from webinar.invitations.details import Piece, is_in_address, prepared, unknown_in


def read(pieces: tuple[Piece, ...], **known: str) -> str:
    """Return what somebody reads whose details are known, the others being empty."""
    values = {name.replace("_", " "): value for name, value in known.items()}
    texts = []
    for piece in pieces:
        value = values.get(piece.detail) or piece.otherwise
        texts.append(piece.before + value if piece.detail and value else str(piece.text))
    return "".join(texts)


@pytest.mark.parametrize(
    "written", ["{given name}", "{ given name }", "{Given_Name}", "{GIVEN  NAME}", "{given_name }"]
)
def test_blanks_capitals_and_underscores_are_forgiven(written: str) -> None:
    text = f"Dear {written},"

    assert unknown_in(text) == []
    assert read(prepared(text, text).html, given_name="Ana") == "<p>Dear Ana,</p>\n"


@pytest.mark.parametrize(
    ("written", "unknown"),
    [
        ("{first name}", [("first name", "given name")]),
        ("{givenname}", [("givenname", "given name")]),
        ("{organization}", [("organization", "organisation")]),
        ("{xyzzy}", [("xyzzy", "")]),
        ("{{given name}}", [("{given name}", "given name")]),
        ("{% if member %}", [("% if member %", "member")]),
        ("{ First_Name }", [(" First_Name ", "given name")]),
        ("{City}", [("City", "member")]),
        ("{{ 7 * 7 }} {} { } {12}", []),
        ("{", []),
        ("{given\nname}", []),
        ("{first name} {first name}", [("first name", "given name")]),
    ],
)
def test_what_is_no_detail_is_named_with_the_one_that_may_be_meant(
    written: str, unknown: list[tuple[str, str]]
) -> None:
    assert unknown_in(f"Hello {written}") == unknown


@pytest.mark.parametrize(
    "written", ["{first name}", "{{given name}}", "{{{member}}}", "{}", "{a {member", "{{ 7 * 7 }}"]
)
def test_other_braces_stay_as_they_were_typed(written: str) -> None:
    made = prepared(written, written)

    assert read(made.subject, given_name="Ana", member="Lisbon") == written
    assert read(made.text, given_name="Ana", member="Lisbon") == written
    assert read(made.html, given_name="Ana", member="Lisbon") == f"<p>{written}</p>\n"


def test_what_is_read_instead_of_a_missing_detail_stands_behind_a_bar() -> None:
    made = prepared("Come, {given name|dear colleague}", "Dear { Given name | *colleague* },")

    assert read(made.subject, given_name="Ana") == "Come, Ana"
    assert read(made.subject) == "Come, dear colleague"
    assert read(made.text) == "Dear *colleague*,"


def test_without_it_the_blank_before_the_detail_goes_too() -> None:
    made = prepared("", "Dear {given name},\n\n- {role}\n- of {member}")

    assert read(made.text) == "Dear,\n\n-\n- of"
    assert read(made.html).replace("\n", "") == "<p>Dear,</p><ul><li></li><li>of</li></ul>"


def test_a_detail_in_the_address_of_a_link_is_found_and_never_filled_in() -> None:
    body = '[our page](https://example.org/{member} "{role}") of {member}'

    assert is_in_address(body)
    assert not is_in_address("[{member}](https://example.org) https://example.org/{member}")
    html = read(prepared("", body).html, member='"><script>', role="mayor")
    assert 'href="https://example.org/{member}" title="{role}"' in html


def test_details_stand_in_bold_lists_headings_and_links_as_other_words() -> None:
    body = "# For {member}\n\n**{given name}** *{role}* [{member}](https://example.org) `{role}`"

    assert read(prepared("", body).html, member="Lisbon", given_name="Ana", role="mayor") == (
        "<h3>For Lisbon</h3>\n<p><strong>Ana</strong> <em>mayor</em> "
        '<a href="https://example.org" rel="noopener noreferrer">Lisbon</a> <code>mayor</code></p>\n'
    )


def test_script_data_links_and_pictures_are_no_html() -> None:
    body = "<script>alert(1)</script> [a](data:text/html,x) [b](javascript:x) ![c](https://evil.example/p.png)"

    html = read(prepared("", body).html)

    assert "<script" not in html
    assert "href" not in html
    assert "<img" not in html


def test_two_megabytes_are_taken_as_they_are_within_a_moment() -> None:
    body = "{member} **bold** " * 110_000

    assert prepared("", body).html
