"""What can be done with accounts."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.factories import a_staff_account
from tests.signing_in import PASSWORD, with_password
from webinar.accounts import services
from webinar.accounts.models import AuditEntry, Role, SignInLink, StaffAccount
from webinar.foundation.db import db

NOON = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
CALLER = "192.0.2.7"


def accounts() -> list[StaffAccount]:
    return list(db.session.scalars(select(StaffAccount)))


def audit() -> list[tuple[str, str, dict[str, object]]]:
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(entry.action, entry.subject, entry.changes) for entry in entries]


def token_of(link: str) -> str:
    return urlsplit(link).path.rpartition("/")[2]


def test_an_account_is_created_with_its_role_and_an_audit_entry(app: Flask) -> None:
    account = services.create_account(
        " Ines@Example.org ", "organiser", name=" Inés Vidal ", language="es", password=PASSWORD
    )

    assert accounts() == [account]
    assert (account.email, account.name, account.role, account.language) == (
        "ines@example.org",
        "Inés Vidal",
        Role.ORGANISER,
        "es",
    )
    assert audit() == [("created", "account ines@example.org", {"role": "organiser"})]


def test_a_password_is_kept_as_its_argon2id_hash_only(app: Flask) -> None:
    account = services.create_account("ines@example.org", "viewer", password=PASSWORD)

    assert account.password_hash is not None
    assert account.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    ("email", "role", "more", "refusal"),
    [
        ("nobody", "viewer", {}, services.NotAnAddress),
        ("a@b@example.org", "viewer", {}, services.NotAnAddress),
        ("ines@example.org\r\nBcc: x@example.org", "viewer", {}, services.NotAnAddress),
        (f"{'a' * 1000}@example.org", "viewer", {}, services.NotAnAddress),
        ("ines@example.org", "king", {}, services.UnknownRole),
        ("ines@example.org", "viewer", {"language": "tlh"}, services.UnknownLanguage),
        ("ines@example.org", "viewer", {"password": "short"}, services.WeakPassword),
        ("ines@example.org", "viewer", {"password": ""}, services.WeakPassword),
        ("ines@example.org", "viewer", {"password": "abababababababab"}, services.WeakPassword),
        ("ines@example.org", "viewer", {"password": "my ines password"}, services.WeakPassword),
        ("ines@example.org", "viewer", {"password": "abcdefgh" * 1000}, services.WeakPassword),
    ],
)
def test_bad_input_makes_no_account(
    app: Flask, email: str, role: str, more: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        services.create_account(email, role, **more)

    assert accounts() == []
    assert audit() == []


def test_a_second_account_of_one_address_is_refused_however_it_is_written(app: Flask) -> None:
    first = a_staff_account("ines@example.org", role=Role.VIEWER)

    with pytest.raises(services.AccountExists, match=r"ines@example\.org"):
        services.create_account("INES@example.org", "admin")

    assert accounts() == [first]
    assert first.role is Role.VIEWER


def test_the_right_password_opens_the_account_however_the_address_is_written(app: Flask) -> None:
    account = with_password(email="ines@example.org")

    with time_machine.travel(NOON, tick=False):
        opened = services.sign_in(" INES@example.org", PASSWORD, caller=CALLER)

    assert opened == account
    assert account.last_sign_in_at == NOON


@pytest.mark.parametrize("password", [PASSWORD.upper(), PASSWORD + " ", "", "x" * 100_000])
def test_another_password_does_not(app: Flask, password: str) -> None:
    account = with_password()

    with pytest.raises(services.SignInRefused):
        services.sign_in(account.email, password, caller=CALLER)

    assert account.last_sign_in_at is None


def test_unknown_closed_and_passwordless_accounts_are_refused_in_the_same_words(app: Flask) -> None:
    known = with_password()
    closed = with_password(is_active=False)
    without = a_staff_account()
    said = set()
    for email, password in (
        (known.email, "wrong password"),
        (closed.email, PASSWORD),
        (without.email, ""),
        ("nobody@example.org", PASSWORD),
    ):
        with pytest.raises(services.SignInRefused) as refused:
            services.sign_in(email, password, caller=CALLER)
        said.add(str(refused.value))

    assert len(said) == 1


def test_after_so_many_attempts_even_the_right_password_is_refused_for_an_hour(app: Flask) -> None:
    app.config["SIGN_INS_PER_HOUR"] = 2
    account = with_password()
    with time_machine.travel(NOON, tick=False):
        for _ in range(2):
            with pytest.raises(services.SignInRefused):
                services.sign_in(account.email, "wrong password", caller=CALLER)
        with pytest.raises(services.TooManySignIns):
            services.sign_in(account.email, PASSWORD, caller=CALLER)

        assert services.sign_in(account.email, PASSWORD, caller="198.51.100.9") == account

    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        assert services.sign_in(account.email, PASSWORD, caller=CALLER) == account


def test_attempts_on_unknown_addresses_are_limited_too(app: Flask) -> None:
    app.config["SIGN_INS_PER_HOUR"] = 1
    with pytest.raises(services.SignInRefused):
        services.sign_in("nobody@example.org", PASSWORD, caller=CALLER)

    with pytest.raises(services.TooManySignIns):
        services.sign_in("nobody@example.org", PASSWORD, caller=CALLER)


def test_one_caller_may_not_go_through_all_accounts(app: Flask) -> None:
    app.config["SIGN_INS_PER_HOUR"] = 1
    for number in range(services.WIDER):
        with pytest.raises(services.SignInRefused):
            services.sign_in(f"staff{number}@example.org", PASSWORD, caller=CALLER)

    with pytest.raises(services.TooManySignIns):
        services.sign_in("another@example.org", PASSWORD, caller=CALLER)


def test_one_account_may_not_be_tried_from_everywhere(app: Flask) -> None:
    app.config["SIGN_INS_PER_HOUR"] = 1
    account = with_password()
    for number in range(services.WIDER):
        with pytest.raises(services.SignInRefused):
            services.sign_in(account.email, "wrong password", caller=f"192.0.2.{number}")

    with pytest.raises(services.TooManySignIns):
        services.sign_in(account.email, PASSWORD, caller="198.51.100.9")


def test_a_link_signs_in_once(app: Flask) -> None:
    account = a_staff_account()
    link = services.sign_in_link_for(account.email.upper())

    assert re.fullmatch(r"http://127\.0\.0\.1:5000/staff/sign-in/[\w-]{43}", link)
    assert services.sign_in_by_link(token_of(link)) == account
    with pytest.raises(services.LinkUnusable):
        services.sign_in_by_link(token_of(link))


def test_of_a_link_only_a_hash_is_kept(app: Flask) -> None:
    link = services.sign_in_link_for(a_staff_account().email)

    kept = db.session.scalars(select(SignInLink.token_hash)).one()

    assert re.fullmatch(r"[0-9a-f]{64}", kept)
    assert token_of(link) not in str(audit())


def test_a_link_is_good_for_24_hours(app: Flask) -> None:
    account = a_staff_account()
    with time_machine.travel(NOON, tick=False):
        first, second = (token_of(services.sign_in_link_for(account.email)) for _ in range(2))

    with time_machine.travel(NOON + timedelta(hours=24, seconds=-1), tick=False):
        assert services.sign_in_by_link(first) == account
    with time_machine.travel(NOON + timedelta(hours=24), tick=False), pytest.raises(services.LinkUnusable):
        services.sign_in_by_link(second)


def test_of_many_clicks_at_once_on_a_link_one_signs_in(app: Flask) -> None:
    token = token_of(services.sign_in_link_for(a_staff_account().email))

    def click(_: int) -> bool:
        with app.app_context():
            try:
                services.sign_in_by_link(token)
            except services.LinkUnusable:
                return False
            return True

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(click, range(6))).count(True) == 1


def test_there_is_no_link_for_nobody_or_a_closed_account(app: Flask) -> None:
    closed = a_staff_account(is_active=False)
    for email in ("nobody@example.org", closed.email):
        with pytest.raises(services.NoSuchAccount, match=email):
            services.sign_in_link_for(email)


def test_a_new_password_ends_sessions_and_links(app: Flask) -> None:
    account = with_password()
    before = account.session_key
    link = services.sign_in_link_for(account.email)

    services.set_password(account.email, "quite another one, really")

    assert account.session_key != before
    with pytest.raises(services.LinkUnusable):
        services.sign_in_by_link(token_of(link))
    with pytest.raises(services.SignInRefused):
        services.sign_in(account.email, PASSWORD, caller=CALLER)
    assert services.sign_in(account.email, "quite another one, really", caller=CALLER) == account


def test_who_changes_a_password_must_know_the_present_one(app: Flask) -> None:
    account = with_password()
    kept, key = account.password_hash, account.session_key

    with pytest.raises(services.WrongPassword):
        services.change_password(account.id, "not the present one", "quite another one, really")

    assert (account.password_hash, account.session_key) == (kept, key)


def test_the_audit_log_never_holds_a_password(app: Flask) -> None:
    account = with_password()
    services.change_password(account.id, PASSWORD, "quite another one, really")

    assert audit() == [("set the password of", f"account {account.email}", {})]


def test_changing_ones_name_and_language_is_recorded_with_what_was(app: Flask) -> None:
    account = a_staff_account(name="Ines")

    services.change_own(account.id, name="Inés Vidal", language="fr")
    services.change_own(account.id, name="Inés Vidal", language="fr")

    assert (account.name, account.language) == ("Inés Vidal", "fr")
    assert audit() == [
        ("changed", f"account {account.email}", {"name": ["Ines", "Inés Vidal"], "language": ["en", "fr"]})
    ]


def test_a_role_is_changed_and_recorded(app: Flask) -> None:
    account = a_staff_account(role=Role.VIEWER)

    services.change_role(account.email, "organiser")

    assert account.role is Role.ORGANISER
    assert audit() == [("changed", f"account {account.email}", {"role": ["viewer", "organiser"]})]


def test_a_closed_account_has_no_sessions_and_no_links_and_can_be_opened_again(app: Flask) -> None:
    account = with_password()
    key = account.session_key
    token = token_of(services.sign_in_link_for(account.email))

    services.close_account(account.email)

    assert account.session_key != key
    with pytest.raises(services.LinkUnusable):
        services.sign_in_by_link(token)
    with pytest.raises(services.SignInRefused):
        services.sign_in(account.email, PASSWORD, caller=CALLER)

    services.open_account(account.email)
    assert services.sign_in(account.email, PASSWORD, caller=CALLER) == account


def test_the_last_administrator_stays_one(app: Flask) -> None:
    admin = a_staff_account(role=Role.ADMIN)
    a_staff_account(role=Role.ADMIN, is_active=False)

    with pytest.raises(services.LastAdmin, match=admin.email):
        services.change_role(admin.email, "viewer")
    with pytest.raises(services.LastAdmin, match=admin.email):
        services.close_account(admin.email)

    assert (admin.role, admin.is_active) == (Role.ADMIN, True)
    assert audit() == []


def test_two_administrators_who_close_each_other_at_once_do_not_both_go(app: Flask) -> None:
    emails = [a_staff_account(role=Role.ADMIN).email for _ in range(2)]

    def close(email: str) -> None:
        with app.app_context():
            try:
                services.close_account(email)
            except services.LastAdmin:
                return

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(close, emails))

    db.session.commit()
    assert [account.is_active for account in accounts()].count(True) == 1


@pytest.mark.parametrize("change", [services.close_account, services.open_account])
def test_what_is_done_to_nobody_is_refused(app: Flask, change: object) -> None:
    with pytest.raises(services.NoSuchAccount, match=r"nobody@example\.org"):
        change("nobody@example.org")  # type: ignore[operator]
