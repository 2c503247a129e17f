"""Being somebody of the staff in a test client, by the same way as everybody."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.factories import a_staff_account
from webinar.accounts import passwords
from webinar.accounts.models import Role, StaffAccount

PASSWORD = "four unrelated words here"
_HASH = passwords.hashed(PASSWORD)


def with_password(role: Role = Role.ORGANISER, email: str | None = None, **more: object) -> StaffAccount:
    """Return an account that signs in with ``PASSWORD``."""
    return a_staff_account(email, role=role, password_hash=_HASH, **more)


def sign_in(client: FlaskClient, account: StaffAccount, password: str = PASSWORD) -> None:
    """Sign an account in; the check of CSRF tokens must be off, as it is in tests that are not about it."""
    answer = client.post("/staff/sign-in", data={"email": account.email, "password": password})
    assert answer.status_code == 303, answer.text


def signed_in_as(client: FlaskClient, role: Role) -> StaffAccount:
    """Sign in somebody new with a role, and return their account."""
    account = with_password(role)
    sign_in(client, account)
    return account
