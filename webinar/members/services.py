"""Taking a list of members: adds who is new, updates who is known, deletes nobody."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, count
from typing import Any

from babel import Locale
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts import audit
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import one_line
from webinar.foundation.spreadsheet import Row, read_table
from webinar.foundation.zones import is_zone
from webinar.members.matching import fold, in_latin
from webinar.members.models import Member, MemberAlias, MemberMailDomain
from webinar.members.queries import all_members

logger = logging.getLogger(__name__)

MOST_PROBLEMS_TOLD = 20
_LINE, _SHORT = 300, 100  # what the columns of the table hold
_NEEDED = ("name", "country_code", "region", "timezone")
_KNOWN = {*_NEEDED, "key", "official_name", "aliases", "latitude", "longitude", "mail_domains"}
_KEY = re.compile(r"[a-z0-9-]+")


class MembersNotTaken(DomainError):
    """A list of members cannot be taken; the message says why, line by line, and what to do."""


class _CannotPlace(Exception):
    """Why one line cannot be placed."""


@dataclass(frozen=True)
class ImportOutcome:
    """How many members an import added, changed and found as they were; the columns that mean nothing here."""

    added: int
    changed: int
    unchanged: int
    not_understood: tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    """One line of the list, each cell as its column wants it; what is empty or left out is None or has no items."""

    line: int
    key: str | None
    name: str
    official_name: str | None
    country_code: str | None
    region: str | None
    timezone: str | None
    aliases: Sequence[str]
    place: tuple[float, float] | None
    mail_domains: Sequence[str]


def import_members(content: bytes) -> ImportOutcome:
    """Take a list of members (CSV or XLSX) as a whole, or refuse it as a whole.

    A member is known by its key; without one by its name, without regard to case and accents, in its country. An
    empty cell leaves what is known. Aliases and mail domains are added, never taken away.

    Raises:
        UnreadableTable: it is no table.
        MembersNotTaken: a needed column is missing, or lines cannot be placed; the message says which and why.
    """
    rows = list(read_table(content))
    columns = list(rows[0].values) if rows else []
    missing = [column for column in _NEEDED if column not in columns]
    if not rows:
        raise MembersNotTaken(_("The list names no member. Below the names of the columns, each line is one member."))
    if missing:
        raise MembersNotTaken(_("The list has no column %(columns)s. Add it.", columns=", ".join(missing)))

    with transaction():
        takeover = _Takeover(all_members())
        for row in rows:
            takeover.take(row)
        takeover.finish()
    outcome = ImportOutcome(
        added=takeover.added,
        changed=takeover.changed,
        unchanged=takeover.unchanged,
        not_understood=tuple(column for column in columns if column not in _KNOWN),
    )
    logger.info("members imported: %s added, %s changed", outcome.added, outcome.changed)
    return outcome


class _Takeover:
    """The members as they become while the lines of a list are taken one after the other."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = {member.key: member for member in members}
        self.called: defaultdict[str, list[Member]] = defaultdict(list)  # by folded name
        for member in members:
            self.called[fold(member.name)].append(member)
        self.line_of: dict[str, int] = {}  # by key, which line was about it
        self.problems: list[str] = []
        self.added = self.changed = self.unchanged = 0

    def take(self, row: Row) -> None:
        """Place one line, or note why it cannot be placed."""
        try:
            entry = _read(row)
            member = self._known(entry)
            if member is not None:
                self._is_the_first_about(member, entry)
                self._update(member, entry)
            else:
                self._add(entry)
        except _CannotPlace as reason:
            self.problems.append(_("Line %(line)s: %(reason)s", line=row.line, reason=str(reason)))

    def finish(self) -> None:
        """Refuse the list if any line could not be placed.

        Raises:
            MembersNotTaken: with a line for each.
        """
        if not self.problems:
            return
        told = self.problems[:MOST_PROBLEMS_TOLD]
        if more := len(self.problems) - len(told):
            told.append(ngettext("One more line has a problem.", "%(num)s more lines have problems.", more))
        raise MembersNotTaken("\n".join([_("The list cannot be taken. Correct these lines:"), *told]))

    def _known(self, entry: _Entry) -> Member | None:
        if entry.key is not None and entry.key in self.members:
            return self.members[entry.key]
        called_so = self.called[fold(entry.name)]
        here = [member for member in called_so if entry.country_code in {None, member.country_code}]
        if entry.key is None and len(here) == 1:
            return here[0]
        same = here or [member for member in called_so if member.name == entry.name]
        if not same:
            return None
        raise _CannotPlace(
            _(
                "“%(name)s” is what the member with the key %(key)s is called. Give that key to change it, "
                "or another name to add a member.",
                name=entry.name,
                key=" / ".join(member.key for member in same),
            )
        )

    def _is_the_first_about(self, member: Member, entry: _Entry) -> None:
        before = self.line_of.setdefault(member.key, entry.line)
        if before != entry.line:
            raise _CannotPlace(
                _("This is the same member as in line %(line)s (%(key)s). Keep one.", line=before, key=member.key)
            )

    def _update(self, member: Member, entry: _Entry) -> None:
        changes = _changes(member, {"name": entry.name, **_columns(entry)})
        if "name" in changes:
            self._rename(member, entry.name)
        for column, (_before, now) in changes.items():
            setattr(member, column, now)
        aliases = _missing(entry.aliases, {alias.name for alias in member.aliases})
        member.aliases.extend(MemberAlias(name=name) for name in aliases)
        domains = _missing(entry.mail_domains, {known.domain for known in member.mail_domains})
        member.mail_domains.extend(MemberMailDomain(domain=domain) for domain in domains)
        if not (changes or aliases or domains):
            self.unchanged += 1
            return
        self.changed += 1
        audit.record("changed", f"member {member.key}", **changes, aliases=aliases, mail_domains=domains)

    def _rename(self, member: Member, name: str) -> None:
        for namesake in self.called[fold(name)]:
            if namesake.name == name and namesake is not member:
                raise _CannotPlace(
                    _("The member with the key %(key)s is called “%(name)s” already.", key=namesake.key, name=name)
                )
        self.called[fold(member.name)].remove(member)
        self.called[fold(name)].append(member)
        member.name = name
        db.session.flush()  # before somebody new is given the name that became free

    def _add(self, entry: _Entry) -> None:
        columns = {column: value for column, value in _columns(entry).items() if value is not None}
        empty = [column for column in ("country_code", "region", "timezone") if column not in columns]
        if empty:
            raise _CannotPlace(
                _("“%(name)s” is new, so %(columns)s must not be empty.", name=entry.name, columns=", ".join(empty))
            )
        member = Member(
            key=entry.key or self._new_key(entry),
            name=entry.name,
            **columns,
            aliases=[MemberAlias(name=name) for name in entry.aliases],
            mail_domains=[MemberMailDomain(domain=domain) for domain in entry.mail_domains],
        )
        self.members[member.key] = member
        self.called[fold(member.name)].append(member)
        self.line_of[member.key] = entry.line
        self.added += 1
        db.session.add(member)
        audit.record("added", f"member {member.key}")

    def _new_key(self, entry: _Entry) -> str:
        """Make a key from the name: ``sao-paulo-city``; where that is taken, with the country or a number."""
        made = in_latin(fold(entry.name)).replace(" ", "-")
        made = re.sub(r"[^a-z0-9-]", "", made)[:80].strip("-")
        if not made:
            raise _CannotPlace(_("No key can be made from “%(name)s”. Give one.", name=entry.name))
        tries = chain(["", f"-{str(entry.country_code).lower()}"], (f"-{number}" for number in count(2)))
        return next(key for ending in tries if (key := made + ending) not in self.members)


def _columns(entry: _Entry) -> dict[str, Any]:
    """Return what an entry says of a member's own columns, but for key and name; None where it says nothing."""
    latitude, longitude = entry.place or (None, None)
    return {
        "official_name": entry.official_name,
        "country_code": entry.country_code,
        "region": entry.region,
        "timezone": entry.timezone,
        "latitude": latitude,
        "longitude": longitude,
    }


def _changes(member: Member, columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        column: [before, now]
        for column, now in columns.items()
        if now is not None and (before := getattr(member, column)) != now
    }


def _missing(given: Iterable[str], known: Collection[str]) -> list[str]:
    return [name for name in given if name not in known]


def _read(row: Row) -> _Entry:
    def cell(column: str, most: int = _SHORT) -> str | None:
        return _one_line(row.values.get(column, ""), column, most) or None

    name = cell("name", _LINE)
    if name is None or not fold(name):
        raise _CannotPlace(_("The name is empty. Write how the member is called."))
    return _Entry(
        line=row.line,
        key=_key(cell("key")),
        name=name,
        official_name=cell("official_name", _LINE),
        country_code=_country(cell("country_code")),
        region=cell("region"),
        timezone=_zone(cell("timezone")),
        aliases=_once(_one_line(text, "aliases", _LINE) for text in _parts(row, "aliases")),
        place=_place(cell("latitude"), cell("longitude")),
        mail_domains=_once(_domain(text.strip()) for text in _parts(row, "mail_domains") if text.strip()),
    )


def _parts(row: Row, column: str) -> list[str]:
    return row.values.get(column, "").split("|")


def _once(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def _one_line(text: str, column: str, most: int) -> str:
    line = one_line(text)
    if len(line) > most:
        raise _CannotPlace(
            _(
                "%(column)s holds a text of %(length)s characters; at most %(most)s are kept.",
                column=column,
                length=len(line),
                most=most,
            )
        )
    return line


def _key(written: str | None) -> str | None:
    if written is not None and not _KEY.fullmatch(written):
        raise _CannotPlace(_("The key “%(key)s” may have small letters a to z, digits and hyphens only.", key=written))
    return written


def _country(written: str | None) -> str | None:
    if written is not None and written.upper() not in _countries():
        raise _CannotPlace(
            _("“%(code)s” is no country code. Write the two letters of ISO 3166, like ES.", code=written)
        )
    return written and written.upper()


@cache
def _countries() -> frozenset[str]:
    groups_and_tests = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
    codes = {str(code) for code in Locale("en").territories}
    return frozenset(code for code in codes - groups_and_tests if len(code) == 2)


def _zone(written: str | None) -> str | None:
    if written is not None and not is_zone(written):
        raise _CannotPlace(
            _("“%(zone)s” is no time zone. Write a name of the IANA list, like Europe/Madrid.", zone=written)
        )
    return written


def _place(latitude: str | None, longitude: str | None) -> tuple[float, float] | None:
    if latitude is None and longitude is None:
        return None
    try:
        north, east = (float((written or "").replace(",", ".")) for written in (latitude, longitude))
    except ValueError:
        north = east = 1000.0
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        raise _CannotPlace(
            _(
                "“%(latitude)s”, “%(longitude)s” is no place. Write latitude (-90 to 90) and longitude (-180 to 180) "
                "in degrees, or leave both empty.",
                latitude=latitude or "",
                longitude=longitude or "",
            )
        )
    return north, east


def _domain(written: str) -> str:
    try:
        return validate_email(f"somebody@{written.removeprefix('@')}", check_deliverability=False).ascii_domain
    except EmailNotValidError:
        raise _CannotPlace(
            _("“%(domain)s” is no mail domain. Write what stands behind the @.", domain=written)
        ) from None
