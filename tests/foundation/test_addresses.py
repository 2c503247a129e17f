"""What counts as an address of the web that somebody can be sent to."""

from __future__ import annotations

import pytest
from werkzeug.utils import redirect

from webinar.foundation.addresses import is_web_address


@pytest.mark.parametrize(
    "address",
    [
        "https://zoom.example/j/123?pwd=a%20b#x",
        "http://127.0.0.1:5000/",
        "https://[2001:db8::1]:8443/room",
        "https://vidéo.example/salle/é",
        "https://my_room.example.",
    ],
)
def test_one_can_be_sent_to_an_address_of_the_web(address: str) -> None:
    assert is_web_address(address)
    assert redirect(address).get_wsgi_headers({"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"})["Location"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "zoom.example/j/1",
        "//zoom.example",
        "javascript:alert(1)",
        "https://",
        "https://:443/",
        "https://[",
        "https://zoom.example:99999/",
        "https://zoom.example:port/",
        "https://zoom.example:-1/",
        "https://zoom..example/",
        f"https://{'a' * 64}.example/",
        "https://*/",
        "https://a;script-src/",
        "https://zoom.example/\r\nX-Evil: 1",
        "https://zoom.example/ a",
        "https://zoom.example/\u202egpj",
        'https://zoom.example/"',
        "https://zoom.example\\@evil.example/",
    ],
)
def test_nobody_is_sent_to_what_is_no_address_of_the_web(address: str) -> None:
    assert not is_web_address(address)
