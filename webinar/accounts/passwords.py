"""Passwords of the staff: which are good enough, how they are kept, whether one is right."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError
from flask_babel import lazy_gettext as _l

from webinar.foundation.errors import DomainError

LEAST = 12
MOST = 200
FEWEST_DIFFERENT = 5

# 19 MiB, two passes, one lane: the least that OWASP's Password Storage Cheat Sheet asks of Argon2id. More memory
# would let a few sign-ins at once crowd out the registrations on a small server.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


class WeakPassword(DomainError):
    """A password that could be guessed."""


def check(password: str, email: str) -> None:
    """Refuse a password that could be guessed.

    Raises:
        WeakPassword: too short, too long, of too few different characters, or made of the address.
    """
    if len(password) < LEAST:
        raise WeakPassword(_l("Take at least %(number)s characters: four unrelated words, say.", number=LEAST))
    if len(password) > MOST:
        raise WeakPassword(_l("Take at most %(number)s characters.", number=MOST))
    if len(set(password)) < FEWEST_DIFFERENT:
        raise WeakPassword(_l("Take more than a few characters over and over."))
    name = email.partition("@")[0]
    if len(name) >= 4 and name in password.lower():
        raise WeakPassword(_l("Leave your own address out of the password."))


def hashed(password: str) -> str:
    """Return what is kept of a password (Argon2id). It takes some hundredths of a second: call it outside of a
    transaction.
    """
    return _hasher.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one that was kept; it takes as long where none was."""
    of_nobody = _of_nobody()  # asked for in either case, as the first time it has to be made
    try:
        # A longer text can be nobody's password, and would only keep the processor busy.
        return _hasher.verify(kept or of_nobody, password[: MOST + 1]) and kept is not None
    except VerifyMismatchError:
        return False


@cache
def _of_nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())
