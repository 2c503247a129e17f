"""What can be done with accounts: create, sign in and out, change, close."""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from webinar.accounts import audit, passwords
from webinar.accounts.models import Role, SignInLink, StaffAccount
from webinar.accounts.passwords import WeakPassword
from webinar.accounts.queries import find_by_email, normalised
from webinar.foundation import clock, languages
from webinar.foundation.addresses import absolute
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.ratelimit import allow

__all__ = ["WeakPassword"]

logger = logging.getLogger(__name__)

AN_HOUR = timedelta(hours=1)
LINK_IS_GOOD_FOR = timedelta(hours=24)
# Colleagues share an address, and somebody signs in from several: for these two alone the limit is wider.
WIDER = 10


class NotAnAddress(DomainError):
    """What was given is no mail address."""


class UnknownRole(DomainError):
    """There is no such role."""


class UnknownLanguage(DomainError):
    """The staff area is not offered in that language."""


class AccountExists(DomainError):
    """There is an account of this address already."""


class NoSuchAccount(DomainError):
    """There is no such account."""


class LastAdmin(DomainError):
    """Without this account nobody could administer the others."""


class SignInRefused(DomainError):
    """Address and password do not belong together, or the account is closed; which of them is not said."""

    def __init__(self) -> None:
        super().__init__(
            _l("This address and this password do not belong together. Check both, or ask an administrator for a link.")
        )


class TooManySignIns(DomainError):
    """Somebody is trying again and again."""

    def __init__(self) -> None:
        super().__init__(
            _l("There were too many attempts. Wait an hour, or ask an administrator for a link that signs you in.")
        )


class WrongPassword(DomainError):
    """The present password was asked for, and this is not it."""

    def __init__(self) -> None:
        super().__init__(_l("This is not your present password."))


class LinkUnusable(DomainError):
    """A sign-in link that was used, is too old, or never was."""

    def __init__(self) -> None:
        super().__init__(_l("This link has been used or is too old. Ask an administrator for a new one."))


def create_account(
    email: str, role: str, *, name: str = "", language: str = "", password: str | None = None
) -> StaffAccount:
    """Create an account; without a password its owner signs in by a link first (``sign_in_link_for``).

    Raises:
        NotAnAddress, UnknownRole, UnknownLanguage, WeakPassword, AccountExists: with a sentence that says what to do.
    """
    address = _address(email)
    wanted = role_of(role)
    language = _offered(language or languages.offered()[0])
    kept = None
    if password is not None:
        passwords.check(password, address)
        kept = passwords.hashed(password)
    with transaction():
        account = StaffAccount(email=address, role=wanted, name=name.strip(), language=language, password_hash=kept)
        db.session.add(account)
        try:
            db.session.flush()
        except IntegrityError:  # the address is unique, and two administrators may be at it at once
            raise AccountExists(_l("There is an account of %(email)s already.", email=address)) from None
        audit.record("created", _subject(account), role=wanted.value)
    logger.info("account %s created as %s", account.id, wanted)
    return account


def sign_in(email: str, password: str, *, caller: str) -> StaffAccount:
    """Return the account that an address and a password open.

    The refusal takes as long and reads the same for an address without an account. Attempts are counted an hour
    long for ``caller`` (an address of the net) with this account, and ten times as many for each of them alone.

    Raises:
        TooManySignIns: it was tried too often.
        SignInRefused: they open nothing.
    """
    now = clock.now()
    email = normalised(email)[:254]
    limit: int = current_app.config["SIGN_INS_PER_HOUR"]
    if not (
        allow("sign-in", f"{caller} {email}", limit=limit, per=AN_HOUR, now=now)
        and allow("sign-in from", caller, limit=limit * WIDER, per=AN_HOUR, now=now)
        and allow("sign-in as", email, limit=limit * WIDER, per=AN_HOUR, now=now)
    ):
        raise TooManySignIns
    account = find_by_email(email)
    tried = None if account is None or not account.is_active else account.password_hash
    if not passwords.is_right(password, tried) or account is None:
        logger.info("sign-in refused for account %s", account and account.id)
        raise SignInRefused
    with transaction():
        _lock(account.id).last_sign_in_at = now
    logger.info("account %s signed in by password", account.id)
    return account


def sign_in_link_for(email: str) -> str:
    """Return an absolute address that signs the owner of an account in once, within 24 hours.

    Raises:
        NoSuchAccount: there is none of this address, or it is closed.
    """
    token = secrets.token_urlsafe()
    now = clock.now()
    with transaction():
        account = find_by_email(email)
        if account is None or not account.is_active:
            raise NoSuchAccount(_l("There is no open account of %(email)s.", email=email.strip()))
        db.session.execute(delete(SignInLink).where(SignInLink.expires_at <= now))
        db.session.add(SignInLink(account_id=account.id, token_hash=_hash_of(token), expires_at=now + LINK_IS_GOOD_FOR))
        audit.record("made a sign-in link for", _subject(account))
    return absolute("accounts.sign_in_by_link", token=token)


def sign_in_by_link(token: str) -> StaffAccount:
    """Return the account that a link opens, and use the link up.

    Raises:
        LinkUnusable: used, too old, unknown, or its account is closed.
    """
    now = clock.now()
    with transaction():
        # One statement takes the link: of two clicks at once, one finds it gone.
        account_id = db.session.scalar(
            update(SignInLink)
            .where(SignInLink.token_hash == _hash_of(token), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
            .values(used_at=now)
            .returning(SignInLink.account_id)
        )
        account = None if account_id is None else _lock(account_id)
        if account is None or not account.is_active:
            raise LinkUnusable
        account.last_sign_in_at = now
    logger.info("account %s signed in by link", account.id)
    return account


def sign_out(account_id: int) -> None:
    """End every session of an account, on all devices: a cookie that was copied is worth nothing any more."""
    with transaction():
        _end_sessions(_lock(account_id))


def change_password(account_id: int, present: str, new: str) -> StaffAccount:
    """Give an account a new password, for its owner who knows the present one.

    Raises:
        WrongPassword: they do not.
        WeakPassword: the new one could be guessed.
    """
    account = db.session.get_one(StaffAccount, account_id)
    if not passwords.is_right(present, account.password_hash):
        raise WrongPassword
    return set_password(account.email, new)


def set_password(email: str, password: str) -> StaffAccount:
    """Give an account a password; every session of it and every sign-in link for it ends.

    Raises:
        NoSuchAccount: there is none of this address.
        WeakPassword: it could be guessed.
    """
    address = normalised(email)
    passwords.check(password, address)
    kept = passwords.hashed(password)
    with transaction():
        account = find_by_email(address)
        if account is None:
            raise NoSuchAccount(_l("There is no account of %(email)s.", email=address))
        account.password_hash = kept
        _end_sessions(account)
        db.session.execute(delete(SignInLink).where(SignInLink.account_id == account.id))
        audit.record("set the password of", _subject(account))
    logger.info("account %s has a new password", account.id)
    return account


def change_own(account_id: int, *, name: str, language: str) -> None:
    """Change how somebody is called and which language the staff area speaks to them.

    Raises:
        UnknownLanguage: it is not offered.
    """
    language = _offered(language)
    with transaction():
        account = _lock(account_id)
        changes = {
            field: [was, becomes]
            for field, was, becomes in (("name", account.name, name), ("language", account.language, language))
            if was != becomes
        }
        account.name = name
        account.language = language
        if changes:
            audit.record("changed", _subject(account), **changes)


def change_role(email: str, role: str) -> None:
    """Give an account another role.

    Raises:
        NoSuchAccount, UnknownRole: as they say.
        LastAdmin: nobody else could administer the accounts.
    """
    wanted = role_of(role)
    with transaction():
        account = _lock_among_admins(email)
        if account.role is wanted:
            return
        if wanted is not Role.ADMIN:
            _refuse_if_last_admin(account)
        audit.record("changed", _subject(account), role=[account.role.value, wanted.value])
        account.role = wanted


def close_account(email: str) -> None:
    """Close an account: it signs in no more and its sessions end; what it did stays on record.

    Raises:
        NoSuchAccount: there is none of this address.
        LastAdmin: nobody else could administer the accounts.
    """
    with transaction():
        account = _lock_among_admins(email)
        if not account.is_active:
            return
        _refuse_if_last_admin(account)
        account.is_active = False
        _end_sessions(account)
        db.session.execute(delete(SignInLink).where(SignInLink.account_id == account.id))
        audit.record("closed", _subject(account))


def open_account(email: str) -> None:
    """Open a closed account again.

    Raises:
        NoSuchAccount: there is none of this address.
    """
    with transaction():
        account = _lock_among_admins(email)
        if account.is_active:
            return
        account.is_active = True
        audit.record("opened", _subject(account))


def role_of(written: str) -> Role:
    """Return the role of a name.

    Raises:
        UnknownRole: there is none.
    """
    try:
        return Role(written)
    except ValueError:
        raise UnknownRole(_l("The role is “%(role)s”, but must be admin, organiser or viewer.", role=written)) from None


def _address(email: str) -> str:
    try:
        # Whether the domain takes mail is not asked: that would need the network.
        return normalised(validate_email(email.strip(), check_deliverability=False).normalized)
    except EmailNotValidError:
        raise NotAnAddress(
            _l("“%(email)s” is not a mail address. It needs a name, an @ and a domain.", email=email[:254])
        ) from None


def _offered(language: str) -> str:
    if language not in languages.offered():
        raise UnknownLanguage(
            _l(
                "The language is “%(language)s”, but must be one of: %(offered)s.",
                language=language,
                offered=", ".join(languages.offered()),
            )
        )
    return language


def _lock(account_id: int) -> StaffAccount:
    return db.session.scalars(
        select(StaffAccount)
        .where(StaffAccount.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _lock_among_admins(email: str) -> StaffAccount:
    # All admins are held, in one order: two who close each other at once would else both go.
    held = db.session.scalars(
        select(StaffAccount)
        .where((StaffAccount.role == Role.ADMIN) | (StaffAccount.email == normalised(email)))
        .order_by(StaffAccount.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for account in held:
        if account.email == normalised(email):
            return account
    raise NoSuchAccount(_l("There is no account of %(email)s.", email=email.strip()))


def _refuse_if_last_admin(account: StaffAccount) -> None:
    if account.role is not Role.ADMIN or not account.is_active:
        return
    others = select(StaffAccount.id).where(
        StaffAccount.role == Role.ADMIN, StaffAccount.is_active, StaffAccount.id != account.id
    )
    if db.session.scalar(others.limit(1)) is None:
        raise LastAdmin(_l("%(email)s is the only administrator. Make somebody else one first.", email=account.email))


def _end_sessions(account: StaffAccount) -> None:
    account.session_key = secrets.token_urlsafe()


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _subject(account: StaffAccount) -> str:
    return f"account {account.email}"
