"""Rate limits hold behind a proxy, and nobody gets round them by a header."""

from __future__ import annotations

from flask import Flask

from tests.security.conftest import MakeApplication
from tests.signing_in import PASSWORD, with_password


def attempts(app: Flask, addresses: list[str], *, from_address: str = "127.0.0.1") -> list[int]:
    """Try a wrong password once for each X-Forwarded-For, and return the answers."""
    client = app.test_client()
    return [
        client.post(
            "/staff/sign-in",
            data={"email": "ines@example.org", "password": "wrong password"},
            headers={"X-Forwarded-For": address},
            environ_base={"REMOTE_ADDR": from_address},
        ).status_code
        for address in addresses
    ]


def test_without_a_trusted_proxy_a_spoofed_address_changes_nothing(make_application: MakeApplication) -> None:
    app = make_application(SIGN_INS_PER_HOUR="2")

    assert attempts(app, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) == [422, 422, 429]


def test_loopback_is_not_exempt(make_application: MakeApplication) -> None:
    app = make_application(SIGN_INS_PER_HOUR="1")

    assert attempts(app, ["127.0.0.1", "::1"]) == [422, 429]


def test_behind_one_proxy_each_caller_is_counted_alone(make_application: MakeApplication) -> None:
    app = make_application(SIGN_INS_PER_HOUR="1", TRUSTED_PROXIES="1")

    assert attempts(app, ["192.0.2.1", "192.0.2.2", "192.0.2.1"]) == [422, 422, 429]


def test_behind_one_proxy_what_the_caller_claims_before_it_changes_nothing(make_application: MakeApplication) -> None:
    app = make_application(SIGN_INS_PER_HOUR="1", TRUSTED_PROXIES="1")

    # The proxy appends what it saw; what stands before that, anybody can write.
    assert attempts(app, ["198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1"]) == [422, 429]


def test_a_proxy_is_believed_about_tls_but_not_about_the_host(make_application: MakeApplication) -> None:
    app = make_application(TRUSTED_PROXIES="1", PUBLIC_URL="https://webinars.example.org")
    with app.app_context():
        account = with_password()

    answer = app.test_client().post(
        "/staff/sign-in",
        data={"email": account.email, "password": PASSWORD},
        headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"},
    )

    assert (answer.status_code, answer.location) == (303, "/staff/")
