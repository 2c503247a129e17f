"""Commands about the staff."""

from __future__ import annotations

import re

from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import look_again
from tests.factories import a_staff_account
from tests.signing_in import PASSWORD, sign_in
from webinar.accounts.models import AuditEntry, Role, StaffAccount
from webinar.foundation.db import db


def run(app: Flask, *arguments: str, written: str | None = None) -> Result:
    result = app.test_cli_runner().invoke(args=["staff", *arguments], input=written)
    look_again()
    return result


def only_account() -> StaffAccount:
    return db.session.scalars(select(StaffAccount)).one()


def test_create_prints_one_sentence_and_a_link_that_signs_in(app: Flask, client: FlaskClient) -> None:
    result = run(app, "create", "Ines@example.org", "--role", "admin")

    assert result.exit_code == 0
    told = re.fullmatch(
        r"The account of ines@example\.org \(admin\) has been created\. "
        r"This link signs in once, within 24 hours: http://127\.0\.0\.1:5000(/staff/sign-in/\S+)\n",
        result.output,
    )
    assert told is not None
    assert client.post(told[1]).status_code == 303
    assert client.get("/staff/accounts").status_code == 200


def test_create_takes_a_password_from_standard_input(app: Flask, client: FlaskClient) -> None:
    result = run(
        app,
        "create",
        "ines@example.org",
        "--role",
        "viewer",
        "--language",
        "es",
        "--password-stdin",
        written=f"{PASSWORD}\n",
    )

    assert (result.exit_code, result.output) == (0, "The account of ines@example.org (viewer) has been created.\n")
    assert only_account().language == "es"
    sign_in(client, only_account())


def test_bad_input_is_one_sentence_and_nothing_is_stored(app: Flask) -> None:
    for arguments, written, sentence in (
        (("nobody", "--role", "admin"), None, "“nobody” is not a mail address. It needs a name, an @ and a domain."),
        (("a@example.org", "--role", "king"), None, "The role is “king”, but must be admin, organiser or viewer."),
        (
            ("a@example.org", "--role", "viewer", "--password-stdin"),
            "short\n",
            "Take at least 12 characters: four unrelated words, say.",
        ),
        (
            ("a@example.org", "--role", "viewer", "--password-stdin"),
            "",
            "Take at least 12 characters: four unrelated words, say.",
        ),
        (
            ("a@example.org", "--role", "viewer", "--language", "tlh"),
            None,
            "The language is “tlh”, but must be one of: en, es, fr, pt, ar.",
        ),
    ):
        result = run(app, "create", *arguments, written=written)

        assert (result.exit_code, result.output) == (1, f"Error: {sentence}\n")

    assert db.session.scalars(select(StaffAccount)).all() == []


def test_a_second_account_of_one_address_is_refused(app: Flask) -> None:
    account = a_staff_account("ines@example.org", role=Role.VIEWER)

    result = run(app, "create", "ines@example.org", "--role", "admin")

    assert (result.exit_code, result.output) == (1, "Error: There is an account of ines@example.org already.\n")
    assert account.role is Role.VIEWER


def test_role_close_open_and_link_do_what_the_page_does(app: Flask) -> None:
    account = a_staff_account("ines@example.org", role=Role.VIEWER)

    assert run(app, "role", "ines@example.org", "organiser").output == (
        "The account of ines@example.org has the role organiser.\n"
    )
    assert account.role is Role.ORGANISER
    assert run(app, "close", "ines@example.org").output == "The account of ines@example.org is closed.\n"
    assert not account.is_active
    assert run(app, "link", "ines@example.org").output == "Error: There is no open account of ines@example.org.\n"
    assert run(app, "open", "ines@example.org").output == "The account of ines@example.org is open.\n"
    assert account.is_active
    assert run(app, "link", "ines@example.org").output.startswith(
        "This link signs ines@example.org in once, within 24 hours: http://127.0.0.1:5000/staff/sign-in/"
    )


def test_commands_about_nobody_are_refused(app: Flask) -> None:
    for arguments in (("role", "x@example.org", "admin"), ("close", "x@example.org"), ("open", "x@example.org")):
        result = run(app, *arguments)

        assert (result.exit_code, result.output) == (1, "Error: There is no account of x@example.org.\n")


def test_what_a_command_did_is_recorded_without_an_account(app: Flask) -> None:
    run(app, "create", "ines@example.org", "--role", "admin", "--password-stdin", written=PASSWORD)

    entry = db.session.scalars(select(AuditEntry)).one()

    assert (entry.account_id, entry.action, entry.subject) == (None, "created", "account ines@example.org")
