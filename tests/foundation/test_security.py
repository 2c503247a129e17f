"""Who the caller is, and where a page may send somebody."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webinar.foundation.reader import local_path
from webinar.foundation.security import client_address, content_security_policy, origin, sandboxed


@pytest.mark.parametrize(
    ("seen", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("127.0.0.1", "127.0.0.1"),
        ("", "unknown"),
        ("/run/web.sock", "unknown"),
    ],
)
def test_an_ipv6_caller_counts_with_the_network_that_is_theirs(app: Flask, seen: str, counted_as: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": seen}):
        assert client_address() == counted_as


@pytest.mark.parametrize("address", ["/staff/", "/staff/accounts?page=2&q=a%20b", "/en/#past"])
def test_a_path_of_ours_is_a_place_to_go_on_to(address: str) -> None:
    assert local_path(address) == address


@pytest.mark.parametrize(
    "address",
    [
        *("", "staff", "https://evil.example/", "HTTPS:evil.example", "javascript:alert(1)", "data:text/html,x"),
        *("//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example", "\\/evil.example"),
        *(" //evil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example", "/staff\r\nX-Evil: 1"),
        *("/\x00/evil.example", "/\x7f/evil.example"),
    ],
)
def test_anything_a_browser_could_read_as_another_site_is_not(address: str) -> None:
    assert local_path(address) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://zoom.example/j/123?pwd=x", "https://zoom.example"),
        ("https://zoom.example:8443/j/123", "https://zoom.example:8443"),
        ("http://user:secret@room.example/", "http://room.example"),
        ("https://münchen.example/x", "https://xn--mnchen-3ya.example"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443"),
    ],
)
def test_the_origin_of_a_room_can_be_named_in_a_policy(address: str, expected: str) -> None:
    assert origin(address) == expected


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//zoom.example", "", "https://", "https://a;script-src *", "https://a b/"]
)
def test_what_is_no_web_address_gets_into_no_policy(address: str) -> None:
    with pytest.raises(ValueError, match="not an address of the web"):
        origin(address)


def test_a_page_may_widen_one_directive_and_keeps_the_others() -> None:
    policy = content_security_policy(form_action="'self' https://zoom.example")

    assert "form-action 'self' https://zoom.example" in policy.split("; ")
    assert "default-src 'none'" in policy.split("; ")
    assert "unsafe" not in policy


def test_a_foreign_page_runs_in_a_sandbox_that_only_we_may_frame() -> None:
    policy = sandboxed("<p>Good day</p>").headers["Content-Security-Policy"].split("; ")

    assert policy[0] == "sandbox"
    assert "frame-ancestors 'self'" in policy
    assert "default-src 'none'" in policy
    assert not any(part.startswith("script-src") for part in policy)


@pytest.mark.parametrize("address", ["/en/webinars/%00", "/en/?language=%00", "/staff/sign-in?next=%00"])
def test_a_nul_character_is_refused_before_a_database_fails_on_it(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 400
    assert client.post("/staff/sign-in", data={"email": "a\0b"}).status_code == 400


@pytest.mark.parametrize("address", ["/staff/sign-in", "/en/timezone"])
def test_a_file_in_the_place_of_a_text_is_refused(client: FlaskClient, address: str) -> None:
    with client.post(address, data={"email": (BytesIO(b"ana@lisbon.example"), "email.txt")}) as answer:
        assert answer.status_code == 400


@pytest.mark.parametrize("body", ['{"email": 5}', '{"email": "\\ud800"}', "[1]", "[" * 100_000])
def test_json_in_the_place_of_a_form_is_refused(client: FlaskClient, body: str) -> None:
    assert client.post("/staff/sign-in", data=body, content_type="application/json").status_code == 400
