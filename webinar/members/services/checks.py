"""What a member's values must be, whether a list brings them or somebody types them on a page."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import chain, count

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from webinar.foundation import countries
from webinar.foundation.digits import latin
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import one_line
from webinar.foundation.zones import is_zone
from webinar.members.matching import fold, in_latin

LINE, SHORT = 300, 100  # what the columns of the table hold

_KEY = re.compile(r"[a-z0-9-]+")


class CannotTake(DomainError):
    """A value, or a whole line, that cannot be taken; the message says why and what to write."""


def text_of(written: str, column: str, most: int = SHORT) -> str:
    """Return a text on one line.

    Raises:
        CannotTake: it is longer than what is kept; the message calls it by ``column``.
    """
    line = one_line(written)
    if len(line) > most:
        raise CannotTake(
            _(
                "%(column)s holds a text of %(length)s characters; at most %(most)s are kept.",
                column=column,
                length=len(line),
                most=most,
            )
        )
    return line


def name_of(written: str, column: str = "name") -> str:
    """Return the name of a member.

    Raises:
        CannotTake: it is empty, of nothing but signs, or too long.
    """
    name = text_of(written, column, LINE)
    if not fold(name):
        raise CannotTake(_("The name is empty. Write how the member is called."))
    return name


def key_of(written: str) -> str:
    """Return the key of a member.

    Raises:
        CannotTake: it has other signs than a key may have.
    """
    if not _KEY.fullmatch(written):
        raise CannotTake(_("The key “%(key)s” may have small letters a to z, digits and hyphens only.", key=written))
    return written


def country_of(written: str) -> str:
    """Return the code of a country.

    Raises:
        CannotTake: there is no such country.
    """
    if written.upper() not in countries.codes():
        raise CannotTake(_("“%(code)s” is no country code. Write the two letters of ISO 3166, like ES.", code=written))
    return written.upper()


def zone_of(written: str) -> str:
    """Return the name of a time zone.

    Raises:
        CannotTake: there is no such zone.
    """
    if not is_zone(written):
        raise CannotTake(
            _("“%(zone)s” is no time zone. Write a name of the IANA list, like Europe/Madrid.", zone=written)
        )
    return written


def place_of(latitude: str, longitude: str) -> tuple[float, float] | None:
    """Return where something lies, in degrees north and east; None where both are empty.

    Raises:
        CannotTake: it is no place on earth, or one of the two is missing.
    """
    if not latitude and not longitude:
        return None
    try:
        north, east = (float(latin(written).replace(",", ".")) for written in (latitude, longitude))
    except ValueError:
        north = east = 1000.0
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        raise CannotTake(
            _(
                "“%(latitude)s”, “%(longitude)s” is no place. Write latitude (-90 to 90) and longitude (-180 to 180) "
                "in degrees, or leave both empty.",
                latitude=latitude,
                longitude=longitude,
            )
        )
    return north, east


def domain_of(written: str) -> str:
    """Return a mail domain, in the letters that mail uses.

    Raises:
        CannotTake: it is none.
    """
    try:
        return validate_email(f"somebody@{written.removeprefix('@')}", check_deliverability=False).ascii_domain
    except EmailNotValidError:
        raise CannotTake(_("“%(domain)s” is no mail domain. Write what stands behind the @.", domain=written)) from None


def once(texts: Iterable[str]) -> list[str]:
    """Return each text once, in their order, without empty ones."""
    return [text for text in dict.fromkeys(texts) if text]


def new_key(name: str, country_code: str, taken: Collection[str]) -> str:
    """Make a key from a name: ``sao-paulo-city``; where that is taken, with the country or a number.

    Raises:
        CannotTake: nothing of the name can stand in a key.
    """
    made = in_latin(fold(name)).replace(" ", "-")
    made = re.sub(r"[^a-z0-9-]", "", made)[:80].strip("-")
    if not made:
        raise CannotTake(_("No key can be made from “%(name)s”. Give one.", name=name))
    tries = chain(["", f"-{country_code.lower()}"], (f"-{number}" for number in count(2)))
    return next(key for ending in tries if (key := made + ending) not in taken)
