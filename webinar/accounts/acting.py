"""Who of the staff acts in this request, for the audit log, the pages and their language."""

from __future__ import annotations

from flask import g

from webinar.accounts.models import StaffAccount


def begin(account: StaffAccount | None) -> None:
    """Say who acts from here on; only the guard and the pages for signing in know."""
    g.acting_account = account


def account() -> StaffAccount | None:
    """Return who acts: None outside of the staff area, before signing in, and in commands on the server."""
    acting: StaffAccount | None = g.get("acting_account")
    return acting


def signed_in() -> StaffAccount:
    """Return who is signed in, behind the guard.

    Raises:
        LookupError: nobody is, so this is not behind the guard.
    """
    acting = account()
    if acting is None:
        raise LookupError("nobody is signed in here")
    return acting


def language() -> str | None:
    """Return the language that the staff area speaks to whoever acts; it asks no database, so that pages about
    faults can be made too.
    """
    acting = account()
    return None if acting is None else acting.language
