"""One person, one spelling of their address."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webinar.people.mail_address import NoMailAddress, normalise


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ana@example.org", "ana@example.org"),
        ("  Ana.SOUSA@Example.ORG\n", "ana.sousa@example.org"),
        ("ana+webinars@example.org", "ana+webinars@example.org"),
        ("a@MÜNCHEN.example", "a@xn--mnchen-3ya.example"),
        ("a@Mu\u0308nchen.example", "a@xn--mnchen-3ya.example"),
        ("a@xn--mnchen-3ya.example", "a@xn--mnchen-3ya.example"),
        ("a@تهران.example", "a@xn--mgbfv9fc.example"),
    ],
)
def test_an_address_is_stored_in_one_spelling(written: str, address: str) -> None:
    assert normalise(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "ana",
        "ana@",
        "@example.org",
        "ana@example",
        "ana@@example.org",
        "ana@exa mple.org",
        "ana@example.org, eva@example.org",
        "Ana <ana@example.org>",
        "ana@example.org\r\nBcc: eva@example.org",
        "ana@[127.0.0.1]",
        "a" * 1_000 + "@example.org",
        "ana@" + "a" * 1_000 + ".org",
        "İ" * 60 + "@" + ".".join(["ü" * 40] * 4) + ".org",
        "ana\0@example.org",
        "josé@example.org",
        "Jose\u0301@example.org",
        "用户@例子.example",
    ],
)
def test_what_no_mail_could_reach_is_refused(written: str) -> None:
    with pytest.raises(NoMailAddress) as refused:
        normalise(written)

    assert "is no mail address" in str(refused.value)
    assert len(str(refused.value)) < 200


@given(st.text(min_size=1, max_size=60), st.sampled_from(["example.org", "MÜNCHEN.example", "서울.example"]))
def test_an_address_that_is_accepted_stays_as_it_is_stored(local: str, domain: str) -> None:
    try:
        address = normalise(f"{local}@{domain}")
    except NoMailAddress:
        return

    assert normalise(address) == address
    assert normalise(address.upper()) == normalise(address.upper().lower())
    assert (address.lower(), unicodedata.normalize("NFC", address)) == (address, address)
    assert len(address) <= 254
