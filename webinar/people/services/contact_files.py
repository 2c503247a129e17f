"""A list of contacts between being brought and being taken: looked over first, and read again when it is taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete

from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.people.models import ContactFile, LegalBasis
from webinar.people.queries import find_contact_file
from webinar.people.services.import_contacts import Plan, import_contacts, plan_import

MOST_LINES_OF_A_PAGE = 5_000
KEPT_FOR = timedelta(hours=1)


class NoSuchFile(DomainError):
    """The list is gone: it was taken, or it lay for longer than an hour."""

    def __init__(self) -> None:
        super().__init__(
            _l("This list has been taken over already, or lay here for more than an hour. Bring it again.")
        )


def bring_contacts(content: bytes, *, file_name: str, source: str, basis: LegalBasis, account_id: int) -> str:
    """Keep a list of contacts for an hour, to be looked over by who brought it, and return by what it is found.

    Raises:
        UnreadableTable, NotAList: it is no list that can be taken.
    """
    plan_import(content, most_lines=MOST_LINES_OF_A_PAGE)
    with transaction():
        _forget(clock.now())
        file = ContactFile(
            account_id=account_id, file_name=file_name, source=source or file_name, basis=basis, content=content
        )
        db.session.add(file)
        db.session.flush()
    return file.token


def find_file(file_token: str, account_id: int) -> ContactFile | None:
    """Return a list that an account has brought within the hour and is looking over; nobody else's."""
    return find_contact_file(file_token, account_id, clock.now() - KEPT_FOR)


def plan_of(file: ContactFile) -> Plan:
    """Return what taking a list that was brought would do now."""
    return plan_import(file.content, most_lines=MOST_LINES_OF_A_PAGE)


def take_contacts(file_token: str, account_id: int, shown: str) -> Plan:
    """Take a list that was brought, if it does just what was ``shown``, and return what was done.

    Raises:
        NoSuchFile: it was taken already, or is too old.
        OtherThanShown: it would do something else by now.
    """
    file = find_file(file_token, account_id)
    if file is None:
        raise NoSuchFile
    plan = import_contacts(
        file.content, source=file.source, basis=file.basis, most_lines=MOST_LINES_OF_A_PAGE, shown=shown
    )
    with transaction():
        db.session.execute(delete(ContactFile).where(ContactFile.token == file_token))
    return plan


def drop_file(file_token: str, account_id: int) -> None:
    """Forget a list that was brought and is not wanted after all."""
    with transaction():
        db.session.execute(
            delete(ContactFile).where(ContactFile.token == file_token, ContactFile.account_id == account_id)
        )


def forget_old_files() -> None:
    """Forget the lists that were brought more than an hour ago and never taken."""
    with transaction():
        _forget(clock.now())


def _forget(now: datetime) -> None:
    db.session.execute(delete(ContactFile).where(ContactFile.brought_at <= now - KEPT_FOR))
