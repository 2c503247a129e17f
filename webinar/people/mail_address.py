"""One spelling for each mail address, so that a person counts once however they type it."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

from webinar.foundation.errors import DomainError

MOST_CHARACTERS = 254
"""What a mail server takes at most (RFC 5321, 4.5.3.1.3, without the angle brackets)."""

FAR_TOO_LONG = 2_000
"""Longer texts are not even taken apart, which would keep the processor busy: there may be blanks and marks to drop."""


class NoMailAddress(DomainError):
    """What was given is no mail address that mail could reach."""

    def __init__(self, written: str) -> None:
        super().__init__(
            _l(
                "“%(written)s” is no mail address. An address looks like name@example.org.",
                written=written if len(written) <= 80 else f"{written[:80]}…",
            )
        )


def normalise(written: str) -> str:
    """Return a mail address in the one spelling that is stored: lower case, composed, its domain in ASCII.

    ``Ana+x@MÜNCHEN.example`` is ``ana+x@xn--mnchen-3ya.example``. What follows a plus stays: it may be another
    mailbox. Upper and lower case before the ``@`` are taken as one, as every provider does, though a server might
    tell them apart (RFC 5321, 2.4). What is not ASCII before the ``@`` is refused: most mail servers cannot be given
    it (RFC 6531 is an extension), so no confirmation would arrive.

    Raises:
        NoMailAddress: it is not an address that mail could reach, whether or not the mailbox exists.
    """
    if len(written) > FAR_TOO_LONG:
        raise NoMailAddress(written)
    try:
        parts = validate_email(written.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise NoMailAddress(written) from None
    address = f"{parts.local_part.lower()}@{parts.ascii_domain}"
    if len(address) > MOST_CHARACTERS:
        raise NoMailAddress(written)
    return address


def mailbox_of(address: str) -> str:
    """Return the mailbox behind a normalised address: what follows a plus mostly leads to the same person.

    For limits only. Who somebody is, the whole address says: with some providers it is another mailbox.
    """
    local, _at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
